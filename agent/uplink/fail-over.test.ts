// One uplink and several hubs of one cluster that do what a test says, on in-memory channels and a stepped clock. That
// nothing is lost or doubled between real hubs is shown in scripts/journeys/hub-cluster.test.ts.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { timing } from '../../proto/delivery.ts';
import { encodeBusy } from '../../proto/framing/encode-hub-frame.ts';
import { settle, stepUntil, SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { MemoryBuffer } from './testing/memory-buffer.ts';
import { ScriptedHub } from './testing/scripted-hub.ts';
import { Uplink } from './uplink.ts';

const failBackAfterMs = 300_000;
const addresses = ['wss://a:7443', 'wss://b:7443'];

let clock: SteppedClock;
let a: ScriptedHub;
let b: ScriptedHub;
let buffer: MemoryBuffer;
let uplink: Uplink;
let stop: AbortController;
let running: Promise<void>;
let told: string[];

beforeEach(() => {
  clock = new SteppedClock();
  [a, b] = [new ScriptedHub(), new ScriptedHub()];
  buffer = new MemoryBuffer('normal');
  stop = new AbortController();
  told = [];
  const hubAt = (address: string): ScriptedHub => (address === addresses[0] ? a : b);
  const note = (_fields: object, text: string): void => void told.push(text);
  uplink = new Uplink({
    addresses,
    connect: (address) => hubAt(address).connect(),
    look: (address) => hubAt(address).look(),
    failBackAfterMs,
    lanes: [buffer],
    clock,
    random: { unit: () => 0.5, bytes: (count) => new Uint8Array(count) },
    hello: () => ({ capabilities: [], policyHash: new Uint8Array(0), agentVersion: '0.1.0', hostName: 'web1', sources: [] }),
    log: { debug: () => {}, info: note, warn: note, error: note },
  });
});

afterEach(async () => {
  stop.abort();
  await running;
});

function start(): void {
  running = uplink.run(stop.signal);
}

async function visitTo(hub: ScriptedHub, { after = 0 } = {}): Promise<void> {
  await stepUntil(clock, () => hub.visits.length > after);
  await settle();
}

async function connectedTo(hub: ScriptedHub, { after = 0 } = {}): Promise<void> {
  await visitTo(hub, { after });
  const acked = buffer.freed.at(-1) ?? 0;
  await hub.last.welcome(undefined, acked === 0 ? {} : { commonSequence: acked, commonHash: buffer.hashOf(acked) });
  await settle();
  expect(uplink.status().state).toBe('connected');
}

/** Steps on while the hub in use stays alive, by words of its own. */
async function live(hub: ScriptedHub, ms: number): Promise<void> {
  const { last } = hub;
  for (let past = 0; past < ms && !last.isClosed; past += 1_000) {
    if (past % 10_000 === 0) await last.send(encodeBusy({ credit: { batches: 64, bytes: 1e6 }, reason: 'slow' })).catch(() => undefined);
    await clock.step(1_000);
  }
}

async function wishToReturn(): Promise<void> {
  for (let i = 0; i < 100 && !told.some((text) => text.includes('preferred hub is back')); i++) await live(b, 10_000);
}

function stateOf(place: number): string | undefined {
  return uplink.status().addresses[place]?.state;
}

test('the first address that answers is used, and the status says which and since when', async () => {
  a.isAway = true;
  start();

  await connectedTo(b);

  expect(uplink.status()).toMatchObject({
    address: addresses[1],
    addresses: [{ state: 'failed', lastError: 'nobody answers' }, { state: 'in-use' }],
  });
  expect(clock.monotonicMs()).toBeLessThanOrEqual(1_000);
});

test('a hub that dies in the middle of a stream is left for the next one, which gets what was not acknowledged', async () => {
  buffer.put('one', 'two', 'three');
  start();
  await connectedTo(a);
  await a.last.ack('normal', 1);
  await settle();
  a.isAway = true;
  a.last.channels.cut();

  await connectedTo(b);

  expect(b.last.order).toEqual(['normal 2', 'normal 3']);
  expect(uplink.status().addresses.map(({ batchesSent, batchesAcked }) => [batchesSent, batchesAcked])).toEqual([
    [3, 1],
    [2, 0],
  ]);
});

test('a hub that takes the connection and says nothing is left for the next one', async () => {
  start();
  await visitTo(a);
  await clock.step(timing.helloTimeoutMs + 2_000);

  await connectedTo(b);

  expect(a.visits[0]!.isClosed).toBe(true);
  expect(uplink.status().addresses[0]).toMatchObject({ state: 'failed', lastError: expect.stringContaining('no Welcome') });
});

test('what is wrong with an address is told once while it lasts, and again when it was well in between', async () => {
  const cuts = (): number => told.filter((text) => text.includes('1006')).length;
  const refusals = (): number => told.filter((text) => text.includes('nobody answers')).length;
  start();
  await connectedTo(a);
  a.isAway = b.isAway = true;
  a.last.channels.cut();
  await clock.step(120_000);
  expect([cuts(), refusals()]).toEqual([1, 2]);
  a.isAway = false;
  await connectedTo(a, { after: 1 });

  a.last.channels.cut();
  await settle();

  expect(cuts()).toBe(2);
});

test('when all are away, rounds are tried with growing pauses, each address once a round', async () => {
  a.isAway = b.isAway = true;
  start();

  await clock.step(60_000);
  const { reconnects } = uplink.status();
  // Jitter of a half: 0.125 s, 0.25 s, … up to 15 s between rounds, half a second between the two addresses.
  expect(reconnects).toBeGreaterThanOrEqual(16);
  expect(reconnects).toBeLessThanOrEqual(26);
  a.isAway = false;

  await connectedTo(a);
});

test('the agent goes back to a preferred address only after it has answered for so long', async () => {
  a.isAway = true;
  start();
  await connectedTo(b);
  await live(b, 60_000);
  expect(a.looks).toBeGreaterThan(0);
  a.isAway = false;

  await live(b, failBackAfterMs - 30_000);
  expect(a.visits).toHaveLength(0);
  expect(uplink.status().addresses[0]?.reachableSinceMs).toBeGreaterThan(0);
  await live(b, 120_000);

  await connectedTo(a);
  expect(b.last.isClosed).toBe(true);
  expect([stateOf(0), stateOf(1)]).toEqual(['in-use', 'standby']);
});

test('before it goes back everything sent is acknowledged, and nothing new is sent meanwhile', async () => {
  a.isAway = true;
  buffer.put('one');
  start();
  await connectedTo(b);
  a.isAway = false;
  await wishToReturn();
  buffer.put('two');
  await settle();
  expect(b.last.order).toEqual(['normal 1']);
  expect(b.last.isClosed).toBe(false);

  await b.last.ack('normal', 1);
  await settle();

  expect(b.last.isClosed).toBe(true);
  await connectedTo(a);
  expect(a.last.order).toEqual(['normal 2']);
});

test('acks that do not come put the return off, and sending goes on', async () => {
  a.isAway = true;
  buffer.put('one');
  start();
  await connectedTo(b);
  a.isAway = false;
  await wishToReturn();
  buffer.put('two');

  await live(b, 40_000);

  expect(b.last.isClosed).toBe(false);
  expect(b.last.order).toEqual(['normal 1', 'normal 2']);
});

test('a preferred hub that comes and goes makes the agent wait longer each time', async () => {
  a.isAway = true;
  start();
  await connectedTo(b);
  a.isAway = false;
  const waits: number[] = [];
  for (let round = 1; round <= 3; round++) {
    const from = clock.monotonicMs();
    for (let i = 0; i < 400 && a.visits.length < round; i++) await live(b, 10_000);
    await connectedTo(a, { after: round - 1 });
    waits.push(clock.monotonicMs() - from);
    a.last.channels.cut();
    await connectedTo(b, { after: round });
  }

  expect(waits[1]).toBeGreaterThan(1.8 * failBackAfterMs);
  expect(waits[2]).toBeGreaterThan(3.6 * failBackAfterMs);
});

test('a preferred hub that can be looked at and not used is gone back to ever more rarely', async () => {
  a.isAway = true;
  start();
  await connectedTo(b);
  a.isAway = false;
  const returns: number[] = [];
  for (let round = 1; round <= 3; round++) {
    a.connectErrors.push(new Error('HTTP 503'));
    const from = clock.monotonicMs();
    for (let i = 0; i < 400 && b.visits.length === round; i++) await live(b, 10_000);
    returns.push(clock.monotonicMs() - from);
    await connectedTo(b, { after: round });
  }

  expect(returns[1]).toBeGreaterThan(1.8 * failBackAfterMs);
  expect(returns[2]).toBeGreaterThan(3.6 * failBackAfterMs);
});

test('a back-off holds for the address that asked for it, for as long as it says', async () => {
  start();
  await visitTo(a);
  await a.last.refuse('back-off', 600_000);

  await connectedTo(b);
  expect(uplink.status().addresses[0]).toMatchObject({ state: 'held', lastError: expect.stringContaining('because') });
  await live(b, 590_000);
  expect([a.visits.length, a.looks]).toEqual([1, 0]);
});

test('not authorised holds for the whole cluster: its hubs share the roster', async () => {
  start();
  await visitTo(a);
  await a.last.refuse('not-authorised');
  await clock.step(24 * 3_600_000);

  expect(b.visits).toHaveLength(0);
  expect(uplink.status().state).toBe('not-authorised');
});

test('superseded holds for the whole cluster: the other connection may be at any of its hubs', async () => {
  start();
  await visitTo(a);
  await a.last.refuse('superseded');
  await clock.step(59_000);

  expect([a.visits.length, b.visits.length]).toEqual([1, 0]);
});

test('an address that is another hub is given nothing, and both ids are told once', async () => {
  buffer.put('one');
  start();
  await connectedTo(a);
  a.isAway = true;
  a.last.channels.cut();
  for (let visit = 0; visit < 3; visit++) {
    await visitTo(b, { after: visit });
    await b.last.welcome(undefined, {}, 7);
    await settle();
  }

  expect(b.visits.flatMap(({ order }) => order)).toEqual([]);
  expect(buffer.settlements).toHaveLength(1);
  expect(told.filter((text) => /hub 0707.*hub 0101.*not one cluster/s.test(text))).toHaveLength(1);
});

test('a certificate that is renewed reconnects to the address in use', async () => {
  a.isAway = true;
  start();
  await connectedTo(b);
  a.isAway = false;

  uplink.reconnect();
  await connectedTo(b, { after: 1 });

  expect(a.visits).toHaveLength(0);
});
