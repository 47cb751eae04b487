// The load generator: several enrolled agents in one process of its own, so that its CPU is counted apart. Each is the
// agent's real uplink over mutual TLS on a lane of batches prepared beforehand.
// Started by fork with one argument, a LoadOrder as JSON; prepares, says so, sends as far as its parent allows, and ends
// when the parent disconnects.
import { join } from 'node:path';
import { enrol } from '../../agent/control/enrol.ts';
import { connectWebSocket } from '../../agent/uplink/connect-web-socket.ts';
import { hubWay } from '../../agent/uplink/hub-way.ts';
import { Uplink } from '../../agent/uplink/uplink.ts';
import { systemClock as clock, systemRandom as random } from '../../proto/runtime/clock.ts';
import { prepareLoad, type LoadWish } from './prepare-load.ts';
import { PreparedLane } from './prepared-lane.ts';

export interface LoadOrder extends LoadWish {
  readonly folder: string;
  readonly hub: string;
  readonly tokens: readonly string[];
}

/** What the parent hears. */
export type LoadWord =
  | { readonly is: 'prepared'; readonly events: number; readonly bytes: number; readonly batches: number }
  | { readonly is: 'acked'; readonly events: number; readonly problem: string };

/** What it may say: how much of the whole may have been sent by now, 0 to 1. */
export interface LoadLeave {
  readonly share: number;
}

const tellIntervalMs = 200;
const [orderText] = process.argv.slice(2);
if (orderText === undefined || process.send === undefined) throw new Error('load-agents is started by the bench');
// Our own bench wrote it.
const order = JSON.parse(orderText) as LoadOrder;
const stop = new AbortController();
const way = hubWay({ proxy: undefined, pins: () => [], environment: {} });
process.on('disconnect', () => stop.abort());
process.on('SIGINT', () => undefined);

const lanes = Array.from({ length: order.agents }, () => new PreparedLane(random.bytes(16)));
const { events, bytes } = await prepareLoad(order, (agent, body) => lanes[agent]?.add(body));
const uplinks = await Promise.all(lanes.map((lane, place) => uplinkOf(lane, place)));
tell({ is: 'prepared', events, bytes, batches: lanes.reduce((sum, { batches }) => sum + batches, 0) });
process.on('message', ({ share }: LoadLeave) => {
  for (const lane of lanes) lane.allow(Math.ceil(lane.batches * share));
});
await Promise.all([...uplinks.map((uplink) => uplink.run(stop.signal)), tellProgress()]);
process.exit(0);

async function uplinkOf(lane: PreparedLane, place: number): Promise<Uplink> {
  const token = order.tokens[place];
  if (token === undefined) throw new Error('there are fewer tokens than agents');
  const dataFolder = join(order.folder, `load-${place}`);
  const { authority: ca, certificate: cert, key } = await enrol({ hub: order.hub, token, dataFolder, way, signal: stop.signal });
  const source = { type: 'file', linesRead: 0, bytesRead: 0, lagBytes: 0, lastReadMs: 0, problem: '' };
  const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  return new Uplink({
    addresses: [order.hub],
    connect: (url, signal) => connectWebSocket({ url, way, tls: { ca, cert, key }, signal }),
    lanes: [lane],
    clock,
    random,
    log: quiet,
    hello: () => ({
      capabilities: [],
      policyHash: new Uint8Array(0),
      agentVersion: 'bench',
      hostName: `load-${place}`,
      sources: [{ sourceId: 'bench', ...source }],
    }),
  });
}

async function tellProgress(): Promise<void> {
  while (!stop.signal.aborted) {
    const problem = uplinks.map((uplink) => uplink.status().lastError).find((error) => error !== '') ?? '';
    tell({ is: 'acked', events: lanes.reduce((sum, { ackedLines }) => sum + ackedLines, 0), problem });
    await clock.sleep(tellIntervalMs, stop.signal).catch(() => undefined);
  }
}

function tell(word: LoadWord): void {
  if (process.connected) process.send?.(word);
}
