// The agent, file to acknowledgement, against a hub that only journals (sink-hub.ts).
// agent.plain and agent.trim: a file of Suricata EVE that is there when the agent starts, measured from the start of the
// process until the hub has committed the last line; MB and GB are decimal and of the input. CPU and memory are the
// agent's alone. agent.trim-sealed: the same with a sealed buffer (buffer.encryption). agent.many-files: the same volume in
// a thousand files of one folder. agent.backlog: a buffer full of unsent batches, time until the first is committed,
// memory while draining.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentKinds, enrolled, runAgent, type MeasuredAgent } from './agent-program.ts';
import { fillBuffer } from './fill-buffer.ts';
import { writeInput, type InputFile } from './input-file.ts';
import { openSink, type Sink } from './run-sink.ts';
import { rounded, type BenchWish, type Scenario, type ScenarioResult } from './scenario.ts';
import { inScratchFolder } from './scratch-folder.ts';

/** Four fields and two nested ones of Suricata EVE that detection seldom reads. */
const trimmedFields = ['payload', 'packet', 'community_id', 'in_iface', 'flow.start', 'http.http_content_type'];

export const agentScenarios: readonly Scenario[] = [
  ...eachKind('agent.plain', (wish, name) => measureFiles(wish, { ...name, drop: [], files: 1 })),
  ...eachKind('agent.trim', (wish, name) => measureFiles(wish, { ...name, drop: trimmedFields, files: 1 })),
  ...eachKind('agent.trim-sealed', (wish, name) => measureFiles(wish, { ...name, drop: trimmedFields, files: 1, isSealed: true })),
  ...eachKind('agent.many-files', (wish, name) => measureFiles(wish, { ...name, drop: [], files: 1_000 })),
  ...eachKind('agent.backlog', measureBacklog),
];

/** From source, and built where there is a build. */
function eachKind(family: string, measure: (wish: BenchWish, which: Case) => Promise<ScenarioResult>): Scenario[] {
  return agentKinds().map(({ isBuilt, suffix }) => {
    const name = `${family}${suffix}`;
    return { name, run: async (wish) => [await measure(wish, { name, isBuilt })] };
  });
}

interface Case {
  readonly name: string;
  readonly isBuilt: boolean;
}

interface FilesCase extends Case {
  readonly drop: readonly string[];
  readonly files: number;
  readonly isSealed?: boolean;
}

async function measureFiles(wish: BenchWish, { name, isBuilt, drop, files, isSealed = false }: FilesCase): Promise<ScenarioResult> {
  return inFolder(wish, async (folder, sink) => {
    wish.tell(`${name}: writing ${wish.megabytes} MB of input …`);
    const logs = join(folder, 'logs');
    await mkdir(logs);
    const input = await writeInputs(logs, wish, files);
    const trim = drop.length > 0 ? [{ source: 'eve', format: 'json', drop }] : [];
    const config = configOf(logs, trim, isSealed ? await newKeyFile(folder) : undefined);
    const home = await enrolled(folder, { isBuilt, hub: sink.url, token: sink.token(), config });
    wish.tell(`${name}: ${input.lines} lines, ${rounded(input.bytes / input.lines)} bytes each; agent starts …`);
    const agent = runAgent(home);
    try {
      return { scenario: name, ...(await measureRun(agent, sink, input)) };
    } finally {
      await agent.stop();
    }
  });
}

/** The volume that was asked for, in so many files of other lines each. */
async function writeInputs(logs: string, wish: BenchWish, files: number): Promise<Pick<InputFile, 'lines' | 'bytes'>> {
  const all = { lines: 0, bytes: 0 };
  for (let i = 0; i < files; i++) {
    const { lines, bytes } = await writeInput(join(logs, `eve-${i}.json`), { ...wish, seed: wish.seed + i }, wish.megabytes / files);
    all.lines += lines;
    all.bytes += bytes;
  }
  return all;
}

async function measureRun(
  agent: MeasuredAgent,
  sink: Sink,
  input: Pick<InputFile, 'lines' | 'bytes'>,
): Promise<Omit<ScenarioResult, 'scenario'>> {
  const firstMs = (await sink.committed(1, agent.ended)) - agent.startedMs;
  const doneMs = (await sink.committed(input.lines, agent.ended)) - agent.startedMs;
  const { cpuSeconds, peakRssMb } = agent.figures();
  return {
    mb_per_s: rounded(input.bytes / 1_000 / doneMs),
    events_per_s: Math.round((input.lines / doneMs) * 1_000),
    cpu_s_per_gb: rounded((cpuSeconds / input.bytes) * 1e9),
    cpu_us_per_event: rounded((cpuSeconds / input.lines) * 1e6),
    rss_mb: Math.round(peakRssMb),
    notes: `${Math.round(input.bytes / 1e6)} MB in ${rounded(doneMs / 1_000)} s from the start of the process, first ack after ${firstMs} ms`,
  };
}

async function measureBacklog(wish: BenchWish, { name, isBuilt }: Case): Promise<ScenarioResult> {
  return inFolder(wish, async (folder, sink) => {
    const logs = join(folder, 'logs');
    await mkdir(logs);
    const config = configOf(logs, [], undefined);
    const home = await enrolled(folder, { isBuilt, hub: sink.url, token: sink.token(), config });
    wish.tell(`${name}: filling a buffer with ${wish.backlogMegabytes} MB …`);
    const backlog = await fillBuffer(home, wish);
    const agent = runAgent(home);
    try {
      const firstMs = (await sink.committed(1, agent.ended)) - agent.startedMs;
      const early = agent.figures();
      const doneMs = (await sink.committed(backlog.lines, agent.ended)) - agent.startedMs;
      const { cpuSeconds, peakRssMb } = agent.figures();
      return {
        scenario: name,
        mb_per_s: rounded(backlog.bytes / 1_000 / doneMs),
        cpu_s_per_gb: rounded((cpuSeconds / backlog.bytes) * 1e9),
        rss_mb: Math.round(peakRssMb),
        p50_ms: firstMs,
        notes: `MB and GB as buffered (compressed); p50_ms: start of the process to first commit; ${Math.round(early.rssMb)} MB resident then`,
      };
    } finally {
      await agent.stop();
    }
  });
}

async function newKeyFile(folder: string): Promise<string> {
  const path = join(folder, 'buffer.key');
  await writeFile(path, randomBytes(32), { mode: 0o600 });
  return path;
}

function configOf(logs: string, trim: readonly object[], keyFile: string | undefined): object {
  const source = { id: 'eve', type: 'file', paths: [join(logs, '*.json')], typeHint: 'suricata-eve', startAt: 'start' };
  return {
    version: 1,
    buffer: { maxBytes: '4GiB', ...(keyFile === undefined ? {} : { encryption: { keyFile } }) },
    fence: { paths: [join(logs, '**')] },
    log: { level: 'warn' },
    policy: { kind: 'Policy', version: 1, sources: [source], trim },
  };
}

function inFolder(wish: BenchWish, work: (folder: string, sink: Sink) => Promise<ScenarioResult>): Promise<ScenarioResult> {
  return inScratchFolder(wish.folder, async (folder) => {
    const sink = await openSink(join(folder, 'hub'));
    try {
      return await work(folder, sink);
    } finally {
      await sink.close();
    }
  });
}
