// hub.latency: from a line at an agent to the alert at a webhook, while the hub works at half of its rate.
// Promises: the lines come from a real agent's file input and go the whole way; every probe is an alert of its own (its
// signature is its own), so nothing is grouped away; a probe that does not arrive within a minute fails the scenario.
import { once } from 'node:events';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { agentKinds, enrolled, runAgent } from './agent-program.ts';
import { inHub, openLoadOn, type HubRun, type MeasuredLoad } from './hub-run.ts';
import { percentile, rounded, type BenchWish, type ScenarioResult } from './scenario.ts';

const probeIntervalMs = 250;
const arrivalMsMax = 60_000;
/** Part of the seconds is spent on finding the rate. */
const warmUpShare = 0.25;
/** A real agent seals every 200 ms. */
const sealsPerSecond = 5;

export async function measureLatency(wish: BenchWish): Promise<ScenarioResult> {
  return inHub(wish, async (run) => {
    const receiver = await openReceiver();
    try {
      await run.hub.tellAlertsTo(receiver.url);
      const rate = await fullRate(run);
      return await probe(run, receiver, rate / 2);
    } finally {
      receiver.server.close();
      receiver.server.closeAllConnections();
    }
  });
}

/** Events a second that the hub stores when it is given all it takes. */
async function fullRate(run: HubRun): Promise<number> {
  const events = Math.max(1_000, Math.round(run.wish.events * warmUpShare));
  const load = await openLoadOn(run, { events });
  try {
    const begunMs = performance.now();
    load.allow(1);
    return events / (((await run.hub.stored(events)) - begunMs) / 1_000);
  } finally {
    await load.close();
  }
}

async function probe(run: HubRun, receiver: Receiver, rate: number): Promise<ScenarioResult> {
  const { wish, hub, folder } = run;
  const events = Math.ceil(rate * wish.seconds);
  const batchLines = Math.max(10, Math.round(rate / wish.agents / sealsPerSecond));
  const load = await openLoadOn(
    { ...run, folder: join(folder, 'paced') },
    { events, batchLines, seed: wish.seed + 1, stepMs: 1_000 / rate },
  );
  const logs = join(folder, 'logs');
  await mkdir(logs);
  const file = join(logs, 'eve.json');
  await writeFile(file, '');
  const isBuilt = agentKinds().at(-1)?.isBuilt ?? false;
  const [token = ''] = await hub.tokens(1);
  const agent = runAgent(await enrolled(folder, { isBuilt, hub: hub.url, token, config: configOf(logs) }));
  const sent = new Map<number, number>();
  try {
    // The first goes the whole way before any counts: connections are open then.
    await sendProbe(file, 0, sent);
    await receiver.arrived(0, agent.ended);
    const pacing = pace(load, wish.seconds);
    const probes = await sendProbes(file, wish.seconds, sent);
    await pacing;
    for (let number = 1; number <= probes; number++) await receiver.arrived(number, agent.ended);
    return resultOf(receiver, sent, { rate, load });
  } finally {
    await agent.stop();
    await load.close();
  }
}

function resultOf(
  receiver: Receiver,
  sent: ReadonlyMap<number, number>,
  { rate, load }: { rate: number; load: MeasuredLoad },
): ScenarioResult {
  const times = [...sent].filter(([number]) => number > 0).map(([number, atMs]) => (receiver.atMs.get(number) ?? Number.NaN) - atMs);
  return {
    scenario: 'hub.latency',
    events_per_s: Math.round(rate),
    p50_ms: rounded(percentile(times, 0.5)),
    p99_ms: rounded(percentile(times, 0.99)),
    notes: `${times.length} alerts beside ${load.events} events; events_per_s is the load meanwhile, half of what the hub stored at full speed`,
  };
}

/** Lets the load go evenly over the seconds. */
async function pace(load: MeasuredLoad, seconds: number): Promise<void> {
  const begunMs = performance.now();
  for (let share = 0; share < 1;) {
    share = Math.min(1, (performance.now() - begunMs) / 1_000 / seconds);
    load.allow(share);
    await delay(50);
  }
}

async function sendProbes(file: string, seconds: number, sent: Map<number, number>): Promise<number> {
  const count = Math.max(4, Math.floor((seconds * 1_000) / probeIntervalMs));
  for (let number = 1; number <= count; number++) {
    await sendProbe(file, number, sent);
    await delay(probeIntervalMs);
  }
  return count;
}

async function sendProbe(file: string, number: number, sent: Map<number, number>): Promise<void> {
  const at = new Date();
  const ends = '"src_ip":"203.0.113.99","src_port":40000,"dest_ip":"192.0.2.10","dest_port":80,"proto":"TCP"';
  const alert = `"signature_id":${9_000_000 + number},"rev":1,"signature":"bench probe ${number} end","category":"Attempted Attack","severity":1`;
  const head = `"timestamp":"${at.toISOString().slice(0, -1)}000+0000","flow_id":${number + 1},"event_type":"alert"`;
  sent.set(number, at.getTime());
  await appendFile(file, `{${head},${ends},"alert":{"action":"allowed","gid":1,${alert}}}\n`);
}

interface Receiver {
  readonly server: Server;
  readonly url: string;
  readonly atMs: ReadonlyMap<number, number>;
  arrived(number: number, ended: AbortSignal): Promise<void>;
}

/** Takes webhook messages and notes when each probe's came for the first time. */
async function openReceiver(): Promise<Receiver> {
  const atMs = new Map<number, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const now = Date.now();
      const number = Number(/"value":"bench probe (\d{1,6}) end"/.exec(Buffer.concat(chunks).toString())?.[1] ?? Number.NaN);
      if (!Number.isNaN(number) && !atMs.has(number)) atMs.set(number, now);
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    server,
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/`,
    atMs,
    arrived: async (number, ended) => {
      for (const begunMs = Date.now(); !atMs.has(number); await delay(10)) {
        ended.throwIfAborted();
        if (Date.now() - begunMs > arrivalMsMax) throw new Error(`the alert of probe ${number} did not arrive within a minute`);
      }
    },
  };
}

function configOf(logs: string): object {
  const source = { id: 'eve', type: 'file', paths: [join(logs, '*.json')], typeHint: 'suricata-eve', startAt: 'start' };
  return {
    version: 1,
    fence: { paths: [join(logs, '**')] },
    log: { level: 'warn' },
    policy: { kind: 'Policy', version: 1, sources: [source] },
  };
}
