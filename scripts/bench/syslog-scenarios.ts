// The agent as a syslog relay, against a hub that only journals (sink-hub.ts).
// agent.syslog-udp: a steady 20,000 messages a second for --seconds; what did not arrive is stated, and where it went.
// agent.syslog-tcp: one connection sends as fast as the agent takes it; rates are from the first byte to the last commit.
// CPU is the agent's alone, from just before the first message to the last commit; its start is not in it.
import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { agentKinds, enrolled, runAgent, type AgentHome } from './agent-program.ts';
import { openSink, type Sink } from './run-sink.ts';
import { rounded, type BenchWish, type Scenario, type ScenarioResult } from './scenario.ts';
import { inScratchFolder } from './scratch-folder.ts';
import type { LoadSent } from './syslog-load.ts';

const udpMessagesPerSecond = 20_000;
/** After so long without a commit nothing more is expected. */
const quietMs = 3_000;

export const syslogScenarios: readonly Scenario[] = agentKinds().flatMap(({ isBuilt, suffix }) =>
  (['udp', 'tcp'] as const).map((transport) => {
    const name = `agent.syslog-${transport}${suffix}`;
    return { name, run: async (wish) => [{ scenario: name, ...(await measure(wish, { name, transport, isBuilt })) }] };
  }),
);

interface Case {
  readonly name: string;
  readonly transport: 'udp' | 'tcp';
  readonly isBuilt: boolean;
}

function measure(wish: BenchWish, { name, transport, isBuilt }: Case): Promise<Omit<ScenarioResult, 'scenario'>> {
  return inScratchFolder(wish.folder, async (folder) => {
    const sink = await openSink(join(folder, 'hub'));
    const port = await freeUdpPort();
    const home = await enrolled(folder, { isBuilt, hub: sink.url, token: sink.token(), config: configOf(transport, port) });
    const agent = runAgent(home);
    try {
      await listening(home, agent.ended);
      wish.tell(`${name}: the agent listens; sending for ${wish.seconds} s …`);
      const before = agent.figures();
      const startedMs = Date.now();
      const sent = await send({ transport, port, wish });
      const { lines, atMs } = await settled(sink);
      const after = agent.figures();
      const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
      const lost = sent.messages - lines;
      const dropped = JSON.stringify((await statusOf(home)).dropped);
      const told = `${sent.messages} sent in ${rounded((sent.endedMs - startedMs) / 1_000)} s, ${lost} lost (${percent(lost, sent.messages)})`;
      return {
        mb_per_s: rounded(sent.bytes / 1_000 / (atMs - startedMs)),
        events_per_s: Math.round((lines / (atMs - startedMs)) * 1_000),
        cpu_s_per_gb: rounded((cpuSeconds / sent.bytes) * 1e9),
        cpu_us_per_event: rounded((cpuSeconds / sent.messages) * 1e6),
        rss_mb: Math.round(after.peakRssMb),
        notes: `${told}, counted by the agent as dropped: ${dropped}; ${rounded(cpuSeconds)} CPU-seconds of the agent`,
      };
    } finally {
      await agent.stop();
      await sink.close();
    }
  });
}

function percent(part: number, whole: number): string {
  return `${rounded((part / whole) * 100)} %`;
}

function configOf(transport: string, port: number): object {
  const source = { id: 'relay', type: 'syslog', transport, listen: `127.0.0.1:${port}` };
  return { version: 1, buffer: { maxBytes: '4GiB' }, log: { level: 'warn' }, policy: { kind: 'Policy', version: 1, sources: [source] } };
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** Connected to the hub and started with its sources. */
async function listening(home: AgentHome, ended: AbortSignal): Promise<void> {
  for (;;) {
    ended.throwIfAborted();
    const status = await statusOf(home).catch(() => undefined);
    if (status?.isConnected) return;
    await delay(100);
  }
}

async function statusOf({ data }: AgentHome): Promise<{ readonly isConnected: boolean; readonly dropped: unknown }> {
  const status = await askLocal(data, { program: 'agent', ask: 'status', wish: undefined });
  const connection: unknown = member(status, 'connection');
  const sources: unknown = member(status, 'sources');
  const [source]: unknown[] = Array.isArray(sources) ? sources : [];
  return { isConnected: source !== undefined && member(connection, 'state') === 'connected', dropped: member(source, 'linesDropped') };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

interface Sending {
  readonly transport: string;
  readonly port: number;
  readonly wish: BenchWish;
}

async function send({ transport, port, wish }: Sending): Promise<LoadSent> {
  const args = [transport, port, wish.seconds, udpMessagesPerSecond, wish.seed].map(String);
  const child = fork(join(import.meta.dirname, 'syslog-load.ts'), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const told = new Promise<LoadSent>((resolve, reject) => {
    child.once('message', (sent: LoadSent) => resolve(sent));
    child.once('exit', (code) => reject(new Error(`the load generator ended with code ${code}`)));
  });
  const sent = await told;
  if (child.exitCode === null) await once(child, 'exit');
  return sent;
}

async function settled(sink: Sink): Promise<{ readonly lines: number; readonly atMs: number }> {
  for (;;) {
    const { lines, atMs } = sink.committedSoFar();
    await delay(quietMs);
    if (sink.committedSoFar().lines === lines) return { lines, atMs };
  }
}
