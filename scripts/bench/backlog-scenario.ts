// agent.backlog: a buffer full of unsent batches and an agent that starts on it.
// Told: start of the process to the first batch at the hub, and to its commit in the hub's journal, memory from then on
// (highest, and its averages in the first and the last quarter), the rate, and what is left on the disk at each quarter: room
// comes back generation by generation. MB and GB are of the buffer (compressed).
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { agentConfigOf } from './agent-config.ts';
import { enrolled, runAgent, type MeasuredAgent } from './agent-program.ts';
import { fillBuffer } from './fill-buffer.ts';
import { openSink, type Sink } from './run-sink.ts';
import { rounded, type BenchWish, type ScenarioResult } from './scenario.ts';
import { inScratchFolder } from './scratch-folder.ts';

const sampleIntervalMs = 250;
const quarters = [0.25, 0.5, 0.75, 1];

export function measureBacklog(
  wish: BenchWish,
  { name, isBuilt }: { readonly name: string; readonly isBuilt: boolean },
): Promise<ScenarioResult> {
  return inScratchFolder(wish.folder, async (folder) => {
    const logs = join(folder, 'logs');
    await mkdir(logs);
    const sink = await openSink(join(folder, 'hub'));
    const config = agentConfigOf({ logs, bufferBytes: `${Math.ceil((wish.backlogMegabytes * 1.2) / 1_000) + 1}GiB` });
    const home = await enrolled(folder, { isBuilt, hub: sink.url, token: sink.token(), config });
    wish.tell(`${name}: filling a buffer with ${wish.backlogMegabytes} MB …`);
    const backlog = await fillBuffer(home, wish);
    const buffer = join(home.data, 'buffer');
    const fullMb = diskMb(buffer);
    wish.tell(`${name}: ${backlog.batches} batches; agent starts …`);
    const agent = runAgent(home);
    try {
      const commitMs = (await sink.committed(1, agent.ended)) - agent.startedMs;
      const firstMs = sink.committedSoFar().firstMs - agent.startedMs;
      const drain = await watchDrain({ agent, sink, lines: backlog.lines, buffer });
      const { cpuSeconds, peakRssMb } = agent.figures();
      const tookMs = drain.doneMs - agent.startedMs;
      return {
        scenario: name,
        mb_per_s: rounded(backlog.bytes / 1_000 / tookMs),
        cpu_s_per_gb: rounded((cpuSeconds / backlog.bytes) * 1e9),
        rss_mb: Math.round(peakRssMb),
        p50_ms: firstMs,
        notes: `${rounded(backlog.bytes / 1e9)} GB as buffered (compressed) in ${rounded(tookMs / 1_000)} s from the start of the process; p50_ms: from there until the first batch was at the hub, which had committed it after ${commitMs} ms; ${memoryNote(drain.rssMb)}; MB on the disk: ${Math.round(fullMb)} before, ${drain.diskMb.map(Math.round).join(', ')} at each quarter`,
      };
    } finally {
      await agent.stop();
      await sink.close();
    }
  });
}

interface Drain {
  readonly doneMs: number;
  readonly rssMb: readonly number[];
  readonly diskMb: readonly number[];
}

async function watchDrain({
  agent,
  sink,
  lines,
  buffer,
}: {
  readonly agent: MeasuredAgent;
  readonly sink: Sink;
  readonly lines: number;
  readonly buffer: string;
}): Promise<Drain> {
  const rssMb: number[] = [];
  const onDisk: number[] = [];
  for (;;) {
    agent.ended.throwIfAborted();
    rssMb.push(agent.figures().rssMb);
    const { lines: done, atMs } = sink.committedSoFar();
    while (onDisk.length < quarters.length - 1 && done >= lines * (quarters[onDisk.length] ?? 1)) onDisk.push(diskMb(buffer));
    if (done >= lines) {
      // The last ack is on its way back.
      await delay(1_000);
      return { doneMs: atMs, rssMb, diskMb: [...onDisk, diskMb(buffer)] };
    }
    await delay(sampleIntervalMs);
  }
}

function memoryNote(rssMb: readonly number[]): string {
  const quarter = Math.max(1, Math.floor(rssMb.length / 4));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [early, late] = [mean(rssMb.slice(0, quarter)), mean(rssMb.slice(-quarter))];
  return `resident ${Math.round(early)} MB on average in the first quarter of the time, ${Math.round(late)} in the last`;
}

/** What the folder takes on the disk; a folder that changes while it is measured is measured again. */
function diskMb(folder: string): number {
  for (;;) {
    try {
      return (
        (Number(execFileSync('du', ['-sk', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\t')[0]) * 1_024) /
        1e6
      );
    } catch {
      // A generation went away meanwhile.
    }
  }
}
