// The agent, file to acknowledgement, against a hub that only journals (sink-hub.ts).
// agent.plain and agent.trim: a file of Suricata EVE that is there when the agent starts, measured from the start of the
// process until the hub has committed the last line; MB and GB are decimal and of the input. CPU and memory are the
// agent's alone. agent.trim-sealed: the same with a sealed buffer (buffer.encryption). agent.many-files: the same volume in
// a thousand files of one folder. agent.trim-filter: two conditions before the trim, one of which drops every flow record
// (a third of the lines); MB and GB are of what was read. agent.backlog: backlog-scenario.ts.
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentConfigOf } from './agent-config.ts';
import { agentKinds, enrolled, runAgent, type MeasuredAgent } from './agent-program.ts';
import { measureBacklog } from './backlog-scenario.ts';
import { linesWithout, writeInput, type InputFile } from './input-file.ts';
import { openSink, type Sink } from './run-sink.ts';
import { rounded, type BenchWish, type Scenario, type ScenarioResult } from './scenario.ts';
import { inScratchFolder } from './scratch-folder.ts';

/** Four fields and two nested ones of Suricata EVE that detection seldom reads. */
const trimmedFields = ['payload', 'packet', 'community_id', 'in_iface', 'flow.start', 'http.http_content_type'];

const flowMark = '"event_type":"flow"';
const flowFilter = [
  { drop: { source: 'eve', where: { 'http.hostname|endswith': '.health.invalid' } } },
  { drop: { source: 'eve', where: { event_type: 'flow' } } },
];

export const agentScenarios: readonly Scenario[] = [
  ...eachKind('agent.plain', (wish, name) => measureFiles(wish, { ...name, drop: [], files: 1 })),
  ...eachKind('agent.trim', (wish, name) => measureFiles(wish, { ...name, drop: trimmedFields, files: 1 })),
  ...eachKind('agent.trim-filter', (wish, name) => measureFiles(wish, { ...name, drop: trimmedFields, files: 1, isFiltered: true })),
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
  readonly isFiltered?: boolean;
}

async function measureFiles(wish: BenchWish, which: FilesCase): Promise<ScenarioResult> {
  const { name, isBuilt, drop, files, isSealed = false, isFiltered = false } = which;
  return inFolder(wish, async (folder, sink) => {
    wish.tell(`${name}: writing ${wish.megabytes} MB of input …`);
    const logs = join(folder, 'logs');
    await mkdir(logs);
    const input = await writeInputs(logs, wish, files);
    const trim = drop.length > 0 ? [{ source: 'eve', format: 'json', drop }] : [];
    const keyFile = isSealed ? await newKeyFile(folder) : undefined;
    const config = agentConfigOf({ logs, trim, filter: isFiltered ? flowFilter : [], keyFile });
    const kept = isFiltered ? await linesWithout(join(logs, 'eve-0.json'), flowMark) : input.lines;
    const home = await enrolled(folder, { isBuilt, hub: sink.url, token: sink.token(), config });
    wish.tell(`${name}: ${input.lines} lines, ${rounded(input.bytes / input.lines)} bytes each; agent starts …`);
    const agent = runAgent(home);
    try {
      return { scenario: name, ...(await measureRun(agent, sink, { ...input, kept })) };
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
  input: Pick<InputFile, 'lines' | 'bytes'> & { readonly kept: number },
): Promise<Omit<ScenarioResult, 'scenario'>> {
  const firstMs = (await sink.committed(1, agent.ended)) - agent.startedMs;
  const doneMs = (await sink.committed(input.kept, agent.ended)) - agent.startedMs;
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

async function newKeyFile(folder: string): Promise<string> {
  const path = join(folder, 'buffer.key');
  await writeFile(path, randomBytes(32), { mode: 0o600 });
  return path;
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
