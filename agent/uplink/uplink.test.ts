// The uplink against a hub that does what a test says, on in-memory channels and a stepped clock.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { timing } from '../../proto/delivery.ts';
import { encodeBusy } from '../../proto/framing/encode-hub-frame.ts';
import { settle, stepUntil, SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { MemoryBuffer } from './testing/memory-buffer.ts';
import { ScriptedHub } from './testing/scripted-hub.ts';
import { Uplink } from './uplink.ts';

let clock: SteppedClock;
let hub: ScriptedHub;
let normal: MemoryBuffer;
let first: MemoryBuffer;
let uplink: Uplink;
let stop: AbortController;
let running: Promise<void>;
let errors: string[];
let warnings: string[];
let infos: string[];
let unit: number;

beforeEach(() => {
  clock = new SteppedClock();
  hub = new ScriptedHub();
  normal = new MemoryBuffer('normal');
  first = new MemoryBuffer('first');
  stop = new AbortController();
  [errors, warnings, infos] = [[], [], []];
  const note = (into: string[]) => (_fields: object, text: string) => void into.push(text);
  unit = 0.5;
  uplink = new Uplink({
    addresses: ['wss://hub:7443'],
    connect: hub.connect,
    lanes: [normal, first],
    clock,
    random: { unit: () => unit, bytes: (count) => new Uint8Array(count) },
    hello: () => ({ capabilities: [], policyHash: new Uint8Array(0), agentVersion: '0.1.0', hostName: 'web1', sources: [] }),
    log: { debug: () => {}, info: note(infos), warn: note(warnings), error: note(errors) },
  });
  running = uplink.run(stop.signal);
});

afterEach(async () => {
  stop.abort();
  await running;
});

async function welcomed(credit = { batches: 64, bytes: 1e6 }): Promise<void> {
  await settle();
  await hub.last.welcome(credit);
  await settle();
}

async function nextVisit(): Promise<void> {
  const before = hub.visits.length;
  await stepUntil(clock, () => hub.visits.length > before);
  await settle();
}

test('batches go out after Welcome and are freed when acknowledged, cumulatively', async () => {
  normal.put('one', 'two', 'three');
  await welcomed();
  expect(hub.last.order).toEqual(['normal 1', 'normal 2', 'normal 3']);
  expect(normal.freed).toEqual([]);

  await hub.last.ack('normal', 2);
  await settle();

  expect(normal.freed).toEqual([2]);
  expect(uplink.status()).toMatchObject({
    state: 'connected',
    inFlightBatches: 1,
    batchesSent: 3,
    batchesAcked: 2,
    hubClockOffsetMs: 5_000,
  });
});

test('nothing is sent before Welcome', async () => {
  normal.put('one');
  await settle();

  expect(hub.last.received.map(({ is }) => is)).toEqual(['hello']);
});

test('no more than the credit is in flight, in batches and in bytes', async () => {
  normal.put('a', 'b', 'c', 'd');
  await welcomed({ batches: 2, bytes: 1e6 });
  expect(hub.last.order).toHaveLength(2);

  await hub.last.ack('normal', 1, { credit: { batches: 8, bytes: hub.last.sizes[1]! * 2 } });
  await settle();

  expect(hub.last.order).toHaveLength(3);
});

test('credit alone wakes an uplink that had none', async () => {
  normal.put('one');
  await welcomed({ batches: 0, bytes: 0 });
  expect(hub.last.order).toEqual([]);

  await hub.last.send(encodeBusy({ credit: { batches: 0, bytes: 0 }, reason: 'disk full' }));
  await settle();
  expect(uplink.status().busyReason).toBe('disk full');
  await hub.last.ack('normal', 0, { credit: { batches: 1, bytes: 1_000 } });
  await settle();

  expect(hub.last.order).toEqual(['normal 1']);
});

test('the first lane overtakes the normal one', async () => {
  normal.put('a', 'b', 'c');
  await welcomed({ batches: 1, bytes: 1e6 });
  first.put('urgent');
  await settle();

  await hub.last.ack('normal', 1);
  await settle();

  expect(hub.last.order).toEqual(['normal 1', 'first 1']);
});

test('after a cut it comes back with a new Hello and goes on where the hub stands', async () => {
  normal.put('one', 'two');
  await welcomed();
  hub.last.channels.cut();
  await nextVisit();

  await hub.last.welcome(undefined, { commonSequence: 1, commonHash: normal.hashOf(1) });
  await settle();

  expect(normal.settlements.at(-1)).toMatchObject({ commonSequence: 1, parted: false });
  expect(hub.last.order).toEqual(['normal 2']);
});

test('when histories part, a second Hello tells the new epoch before anything is sent', async () => {
  normal.put('one', 'two');
  await settle();
  await hub.last.welcome(undefined, { parted: true });
  await settle();
  expect(hub.last.hellos).toHaveLength(2);
  expect(hub.last.order).toEqual([]);

  await hub.last.welcome();
  await settle();

  expect(hub.last.hellos[1]!.lanes.map(({ epoch }) => epoch[0])).toEqual([2, 2]);
  expect(hub.last.batches[0]!.epoch[0]).toBe(2);
});

test('a hub that asks for Hello without end is left', async () => {
  await settle();
  const visit = hub.last;
  for (let i = 0; i < 6 && !visit.isClosed; i++) {
    await visit.welcome(undefined, { parted: true }).catch(() => undefined);
    await settle();
  }

  expect(visit.isClosed).toBe(true);
  expect(uplink.status().lastError).toMatch(/more than 4 Hellos/);
});

test.each([
  ['a batch that was never sent', { sequence: 9 }],
  ['another hash than was sent', { sequence: 1, hash: Buffer.alloc(32, 9) }],
  ['another epoch', { sequence: 1, epoch: Buffer.alloc(16, 9) }],
])('an ack of %s frees nothing and ends the connection', async (_name, { sequence, ...changes }) => {
  normal.put('one');
  await welcomed();
  const visit = hub.last;

  await visit.ack('normal', sequence, changes);
  await settle();

  expect(visit.isClosed).toBe(true);
  expect(normal.freed).toEqual([]);
});

test('not authorised: it stops and says so, until it is enrolled again', async () => {
  await settle();
  await hub.last.refuse('not-authorised');
  await clock.step(24 * 3_600_000);
  expect(hub.visits).toHaveLength(1);
  expect(uplink.status()).toMatchObject({ state: 'not-authorised', lastError: expect.stringContaining('enrol it again') });
  expect(errors.join()).toContain('enrol it again');

  uplink.reconnect();
  await settle();

  expect(hub.visits).toHaveLength(2);
});

test('a back-off is obeyed for as long as it says', async () => {
  await settle();
  await hub.last.refuse('back-off', 60_000);
  await clock.step(59_000);
  expect(hub.visits).toHaveLength(1);

  await clock.step(9_000);

  expect(hub.visits).toHaveLength(2);
});

test('superseded: it waits long and names the likely cause', async () => {
  await settle();
  await hub.last.refuse('superseded');
  await clock.step(59_000);

  expect(hub.visits).toHaveLength(1);
  expect(errors.join()).toMatch(/cloned/);
});

test('an unreachable hub is tried with growing pauses, spread by jitter', async () => {
  unit = 0.999;
  hub.connectErrors.push(...Array.from({ length: 20 }, () => new AtalaiaError('HUB_UNREACHABLE', 'no route', { isRetryable: true })));
  await settle();
  hub.last.channels.cut();

  await clock.step(timing.reconnectDelayMinMs * (1 + 2 + 4 + 8));

  expect(hub.connectErrors.length).toBeGreaterThanOrEqual(16);
  expect(uplink.status()).toMatchObject({ state: 'waiting', lastError: 'no route' });
});

test('a hub that does not answer Hello, or falls silent later, is left', async () => {
  await settle();
  await clock.step(timing.helloTimeoutMs + 2_000);
  expect(hub.visits[0]!.isClosed).toBe(true);
  await nextVisit();
  await hub.last.welcome();
  const visit = hub.last;

  await clock.step(timing.silenceMsMax + 2_000);

  expect(visit.isClosed).toBe(true);
  expect(visit.received.filter(({ is }) => is === 'heartbeat').length).toBeGreaterThanOrEqual(3);
});

test('a hub that lives and grants but forgot our batches is left', async () => {
  normal.put('one');
  await welcomed();
  const visit = hub.last;
  for (let i = 0; i < 14 && !visit.isClosed; i++) {
    await visit.ack('normal', 0, { credit: { batches: 64, bytes: 1e6 }, epoch: normal.epoch }).catch(() => undefined);
    await clock.step(10_000);
  }

  expect(visit.isClosed).toBe(true);
});

test('reconnect ends the session and opens another at once, for a renewed certificate', async () => {
  await welcomed();

  uplink.reconnect();
  await settle();

  expect(hub.visits).toHaveLength(2);
  expect(hub.visits[0]!.isClosed).toBe(true);
});

test('what is no message of a hub ends the connection', async () => {
  await settle();
  const visit = hub.last;

  await visit.send(Buffer.from('HTTP/1.1 200 OK'));
  await settle();

  expect(visit.isClosed).toBe(true);
});

test('the clock is compared at every heartbeat; one that is off is told once, and again when it is right', async () => {
  await welcomed();
  const answer = async (hubAheadMs: number): Promise<void> => {
    const before = hub.last.received.length;
    await stepUntil(clock, () => hub.last.received.length > before);
    const beat = hub.last.received.at(-1);
    const agentClockMs = beat?.is === 'heartbeat' ? beat.heartbeat.agentClockMs : 0;
    const clocks = { hubClockMs: agentClockMs + hubAheadMs, agentClockMs };
    await hub.last.ack('normal', 0, { credit: { batches: 64, bytes: 1e6 }, epoch: normal.epoch, clocks });
    await settle();
  };

  for (const aheadMs of [90_000, 90_000, 90_000]) await answer(aheadMs);
  expect(uplink.status()).toMatchObject({ hubClockOffsetMs: 90_000, roundTripMs: 0 });
  expect(warnings.filter((text) => text.includes('clocks'))).toHaveLength(1);
  await answer(0);

  expect(uplink.status().hubClockOffsetMs).toBe(0);
  expect(infos.filter((text) => text.includes('agree again'))).toHaveLength(1);
});

test('an answer to no heartbeat of ours says nothing about the clock', async () => {
  await welcomed();
  const clocks = { hubClockMs: 1, agentClockMs: 1 };

  await hub.last.ack('normal', 0, { credit: { batches: 64, bytes: 1e6 }, epoch: normal.epoch, clocks });
  await settle();

  expect(uplink.status().hubClockOffsetMs).toBe(5_000);
});
