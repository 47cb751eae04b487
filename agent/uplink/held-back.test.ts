// An uplink whose line is limited by the time of day, against a hub that does what a test says.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bandwidthSchema } from '../../config/uplink-config.ts';
import { settle, SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { RateLimit } from './rate-limit.ts';
import { MemoryBuffer } from './testing/memory-buffer.ts';
import { ScriptedHub } from './testing/scripted-hub.ts';
import { Uplink } from './uplink.ts';

let clock: SteppedClock;
let hub: ScriptedHub;
let normal: MemoryBuffer;
let first: MemoryBuffer;
let stop: AbortController;
let running: Promise<void>;

beforeEach(() => {
  clock = new SteppedClock(Date.parse('2026-11-24T12:00:00Z'));
  hub = new ScriptedHub();
  [normal, first] = [new MemoryBuffer('normal'), new MemoryBuffer('first')];
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await running;
});

async function connected(bandwidth: object): Promise<Uplink> {
  const uplink = new Uplink({
    addresses: ['wss://hub:7443'],
    connect: hub.connect,
    rate: new RateLimit(bandwidthSchema.parse({ timeZone: 'UTC', ...bandwidth }), clock),
    lanes: [normal, first],
    clock,
    random: { unit: () => 0.5, bytes: (count) => new Uint8Array(count) },
    hello: () => ({ capabilities: [], policyHash: new Uint8Array(0), agentVersion: '0.1.0', hostName: 'web1', sources: [] }),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  running = uplink.run(stop.signal);
  await settle();
  await hub.last.welcome();
  await settle();
  return uplink;
}

const pause = { from: '12:00', to: '12:05', bytesPerSecond: 0 };

/** The hub stays alive by its answers to heartbeats. */
async function pass(ms: number): Promise<void> {
  for (let past = 0; past < ms; past += 10_000) {
    await hub.last.ack('normal', 0, { credit: { batches: 64, bytes: 1e6 }, epoch: normal.epoch });
    await clock.step(10_000);
  }
}

test('in a pause nothing is sent but heartbeats; when it ends sending goes on without a reconnect', async () => {
  normal.put('one', 'two');
  const uplink = await connected({ windows: [pause] });

  await pass(290_000);
  expect(hub.last.order).toEqual([]);
  expect(hub.last.received.filter(({ is }) => is === 'heartbeat').length).toBeGreaterThanOrEqual(28);
  expect(uplink.status()).toMatchObject({ state: 'connected', bytesPerSecondMax: 0 });
  await pass(20_000);

  expect(hub.last.order).toEqual(['normal 1', 'normal 2']);
  expect(hub.visits).toHaveLength(1);
  expect(uplink.status().bytesPerSecondMax).toBeNull();
});

test('the lane first passes a pause where it is excepted, in front of what waits', async () => {
  normal.put('one');
  await connected({ windows: [pause], exceptFirst: true });
  await pass(10_000);

  first.put('urgent');
  await settle();

  expect(hub.last.order).toEqual(['first 1']);
});

test('the lane first waits too where it is not excepted, and still goes first', async () => {
  normal.put('one');
  await connected({ windows: [pause] });
  first.put('urgent');
  await pass(310_000);

  expect(hub.last.order).toEqual(['first 1', 'normal 1']);
});

test('a slow line is shared out over time, and acknowledgements free what was sent meanwhile', async () => {
  normal.put(...Array.from({ length: 30 }, () => 'x'.repeat(1_000)));
  await connected({ windows: [{ from: '00:00', to: '24:00', bytesPerSecond: '1KiB' }] });

  await pass(10_000);
  await hub.last.ack('normal', 5);
  await settle();

  expect(normal.freed).toEqual([5]);
  expect(hub.last.order.length).toBeGreaterThanOrEqual(8);
  expect(hub.last.order.length).toBeLessThanOrEqual(11);
});
