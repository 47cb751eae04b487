// The gateway on in-memory channels, a stepped clock and a journal in memory.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chainStart, limits, timing } from '../../proto/delivery.ts';
import { chainHash } from '../../proto/framing/chain-hash.ts';
import { encodeBatchBody } from '../../proto/framing/encode-batch.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { settle, stepUntil, SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { Gateway } from './gateway.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import { bodyWith, ScriptedAgent, streamAt } from './testing/scripted-agent.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
let clock: SteppedClock;
let journal: MemoryJournal;
let gateway: Gateway;
let stop: AbortController;
let fraction: number;
let running: Promise<unknown>[];

beforeEach(() => {
  clock = new SteppedClock();
  journal = new MemoryJournal(() => clock.nowMs());
  stop = new AbortController();
  fraction = 1;
  gateway = open();
});

afterEach(async () => {
  stop.abort();
  await settle();
  await Promise.all(running);
});

function open(): Gateway {
  const opened = new Gateway({
    journal,
    clock,
    log: silent,
    hubId: Buffer.alloc(16, 1),
    incarnation: Buffer.alloc(16, 2),
    credit: () => fraction,
  });
  running = [opened.run(stop.signal)];
  return opened;
}

function connect(agent: ScriptedAgent, agentId = 'a1'): ScriptedAgent {
  running.push(gateway.serve(agent.channels.hubEnd, { agentId }, stop.signal));
  return agent;
}

async function greeted(agent = new ScriptedAgent(), agentId = 'a1'): Promise<ScriptedAgent> {
  connect(agent, agentId);
  await agent.hello();
  await settle();
  expect(agent.all('welcome')).toHaveLength(1);
  return agent;
}

/** The same agent on a new connection: same epoch, same chain. */
function again(agent: ScriptedAgent): ScriptedAgent {
  const next = new ScriptedAgent(7, agent.lane);
  next.hashes = [...agent.hashes];
  return next;
}

const lastWelcome = (agent: ScriptedAgent) => agent.all('welcome').at(-1)!.welcome;
const journalled = (): number[] => journal.writes.flatMap(({ entries }) => entries.map(({ sequence }) => sequence));

test('batches are acknowledged when the journal has them, cumulatively', async () => {
  const agent = await greeted();
  for (let i = 0; i < 5; i++) await agent.batch(`line ${i}`);

  await stepUntil(clock, () => agent.acked === 5);

  expect(journalled()).toEqual([1, 2, 3, 4, 5]);
  expect(agent.all('ack').at(-1)!.ack).toMatchObject({ sequence: 5, hash: Buffer.from(agent.hashes[5]!), lane: 'normal' });
  expect(agent.all('ack').length).toBeLessThan(5);
});

test('nothing is acknowledged while the journal is still writing', async () => {
  const agent = await greeted();
  let release = (): void => {};
  journal.gate = new Promise((resolve) => (release = resolve));
  await agent.batch('line');
  await clock.step(1_000);
  expect(agent.acked).toBe(0);

  release();
  await settle();

  expect(agent.acked).toBe(1);
});

test('entries of several agents share one write', async () => {
  const first = await greeted();
  const second = await greeted(new ScriptedAgent(), 'a2');

  await first.batch('one');
  await second.batch('two');
  await stepUntil(clock, () => first.acked === 1 && second.acked === 1);

  expect(journal.writes).toHaveLength(1);
});

test('an agent that comes back goes on where the journal stands', async () => {
  const before = await greeted();
  await before.batch('one');
  await before.batch('two');
  await stepUntil(clock, () => before.acked === 2);
  before.channels.cut();

  const after = await greeted(again(before));

  expect(lastWelcome(after).lanes[0]).toMatchObject({ epochKnown: true, parted: false, commonSequence: 2 });
  await after.batch('three');
  await stepUntil(clock, () => after.acked === 3);
  expect(journalled()).toEqual([1, 2, 3]);
});

test('a repeat is skipped and not refused', async () => {
  const agent = await greeted();
  await agent.batch('one');
  await stepUntil(clock, () => agent.acked === 1);

  await agent.sendBatch(1, bodyWith('one'));
  await agent.batch('two');
  await stepUntil(clock, () => agent.acked === 2);

  expect(journalled()).toEqual([1, 2]);
  expect(gateway.agents()[0]).toMatchObject({ repeats: 1, batches: 2, lines: 2 });
});

test('a batch out of sequence is refused, and nothing of it is written', async () => {
  const agent = await greeted();

  await agent.sendBatch(2, bodyWith('x'), chainStart);
  await clock.step(100);

  expect(agent.refusal).toMatch(/back-off: normal 2 came where 1 was expected/);
  expect(journal.writes).toHaveLength(0);
});

test('a batch that does not stand on the chain parts the histories: the next Welcome says so', async () => {
  const agent = await greeted();
  await agent.batch('one');
  await stepUntil(clock, () => agent.acked === 1);

  await agent.sendBatch(2, bodyWith('forged'), chainHash(chainStart, bodyWith('forged')));
  await settle();
  expect(agent.refusal).toMatch(/does not stand on the hash before it/);
  const after = await greeted(again(agent));

  expect(lastWelcome(after).lanes[0]).toMatchObject({ parted: true, commonSequence: 1 });
  expect(lastWelcome(after).lanes[0]!.positions).toMatchObject([{ streamId: 'web-1', file: { inode: 7 }, offset: 100, lineNumber: 1 }]);
});

test('after histories parted, a second Hello with a new epoch begins it on the same connection', async () => {
  const agent = await greeted();
  await agent.batch('one');
  await agent.batch('two');
  await stepUntil(clock, () => agent.acked === 2);
  const rolledBack = again(agent);
  rolledBack.hashes.length = 2;
  await greeted(rolledBack);
  expect(lastWelcome(rolledBack).lanes[0]).toMatchObject({ parted: true });

  rolledBack.begin(9);
  await rolledBack.hello();
  await settle();
  await rolledBack.batch('three');
  await stepUntil(clock, () => rolledBack.acked === 1);

  expect(lastWelcome(rolledBack).lanes[0]).toMatchObject({ epochKnown: false, positions: [{ streamId: 'web-1' }] });
  expect(rolledBack.refusal).toBeUndefined();
});

test('a Lost passes the acknowledgement over its hole, and the chain goes on from its hash', async () => {
  const agent = await greeted();
  const hash = Buffer.alloc(32, 5);
  await agent.lost(1, 40, hash);
  agent.hashes = Array.from({ length: 41 }, () => hash);

  await agent.batch('after the hole');
  await stepUntil(clock, () => agent.acked === 41);

  expect(journal.writes.flatMap(({ entries }) => entries)).toMatchObject([
    { fromSequence: 1, sequence: 40, lineCount: 0 },
    { fromSequence: 41, sequence: 41 },
  ]);
  expect(gateway.agents()[0]!.losses).toBe(1);
});

test('the newest connection wins: the old one is closed, and what it handed in is decided before Welcome', async () => {
  const old = await greeted();
  let release = (): void => {};
  journal.gate = new Promise((resolve) => (release = resolve));
  await old.batch('being written');
  await clock.step(200);
  await old.batch('still waiting');
  await settle();
  const newer = connect(again(old));
  await newer.hello();
  await clock.step(1_000);
  expect(old.refusal).toMatch(/^superseded/);
  expect(newer.all('welcome')).toHaveLength(0);

  release();
  await settle();

  expect(lastWelcome(newer).lanes[0]).toMatchObject({ commonSequence: 1 });
  expect(journalled()).toEqual([1]);
  expect(old.acked).toBe(0);
});

test('a failed write closes the connections it served, drops what they sent later, and goes on', async () => {
  const agent = await greeted();
  const bystander = await greeted(new ScriptedAgent(), 'a2');
  journal.faults.push('fail');
  await agent.batch('one');
  await stepUntil(clock, () => agent.isClosed);
  expect(agent.refusal).toMatch(/back-off: the hub could not write/);

  await bystander.batch('other');
  const after = await greeted(again(agent));
  expect(lastWelcome(after).lanes[0]).toMatchObject({ commonSequence: 0 });
  await after.sendBatch(1, bodyWith('one'));
  await stepUntil(clock, () => after.acked === 1 && bystander.acked === 1);

  expect(journalled()).toEqual([1, 1]);
});

test('a write that failed but reached the disk is not written twice', async () => {
  const agent = await greeted();
  journal.faults.push('fail-after-writing');
  await agent.batch('one');
  await stepUntil(clock, () => agent.isClosed);

  const after = await greeted(again(agent));
  expect(lastWelcome(after).lanes[0]).toMatchObject({ commonSequence: 1 });
  await after.batch('two');
  await stepUntil(clock, () => after.acked === 2);

  expect(journalled()).toEqual([1, 2]);
});

test('while the journal cannot say where an agent stands it is sent back, and welcomed when it comes again', async () => {
  const laneMarks = journal.laneMarks.bind(journal);
  journal.laneMarks = async () => {
    throw new AtalaiaError('DISK_FAILED', 'the write that failed cannot be read back', { isRetryable: true });
  };
  const early = connect(new ScriptedAgent());
  await early.hello();
  await settle();

  journal.laneMarks = laneMarks;
  await greeted();

  expect(early.all('welcome')).toEqual([]);
  expect(early.refusal).toMatch(/back-off: the hub cannot read/);
});

test('a full journal grants nothing, and credit alone wakes the agents when there is room again', async () => {
  journal.isFull = true;
  const agent = await greeted();
  expect(lastWelcome(agent).credit).toEqual({ batches: 0, bytes: 0 });

  await agent.heartbeat();
  await settle();
  expect(agent.all('busy').at(-1)!.busy).toMatchObject({ credit: { batches: 0 }, reason: 'the hub’s disk is full' });
  journal.isFull = false;
  await clock.step(1_000);

  expect(agent.all('ack').at(-1)!.ack).toMatchObject({ lane: undefined, credit: { batches: 64 } });
});

test('an overloaded pipeline shrinks the credit', async () => {
  fraction = 0.1;
  const agent = await greeted();

  expect(lastWelcome(agent).credit).toEqual({ batches: 6, bytes: Math.floor(1.6 * 1024 * 1024) });
});

test.each([
  ['a text or empty frame', new Uint8Array(0), /^protocol: wrong-type/],
  ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\n'), /^protocol/],
  ['a length far beyond the frame', Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x0f), /^protocol: truncated/],
  ['a frame above the limit', new Uint8Array(limits.frameBytesMax + 1), /^protocol: too-large/],
  ['an unknown version', Uint8Array.of(0x0a, 0x02, 0x08, 0x09), /^unknown-version/],
])('%s closes its connection with a reason and harms nobody else', async (_name, bytes, reason) => {
  const bystander = await greeted(new ScriptedAgent(), 'a2');
  const hostile = connect(new ScriptedAgent(), 'evil');

  await hostile.send(bytes);
  await settle();
  await bystander.batch('line');
  await stepUntil(clock, () => bystander.acked === 1);

  expect(hostile.isClosed).toBe(true);
  expect(hostile.refusal).toMatch(reason);
});

test('a body that declares a bomb is refused without being inflated', async () => {
  const agent = await greeted();
  const body = encodeBatchBody({ streams: [streamAt(1)], lineCount: 1, rawBytes: 4_000_000_000, lines: Buffer.from('zstd') });

  await agent.sendBatch(1, body, chainHash(chainStart, body));
  await settle();

  expect(agent.refusal).toMatch(/^protocol: limit: body.raw_bytes is above/);
  expect(journal.writes).toHaveLength(0);
});

test('a connection that never says Hello is closed', async () => {
  const agent = connect(new ScriptedAgent());

  await clock.step(timing.helloTimeoutMs + 1_000);

  expect(agent.refusal).toMatch(/no Hello/);
});

test('batches before Hello are refused', async () => {
  const agent = connect(new ScriptedAgent());

  await agent.batch('line');
  await settle();

  expect(agent.refusal).toMatch(/first message of a connection must be Hello/);
});

test('an agent that falls silent is closed, one that beats is not', async () => {
  const quiet = await greeted(new ScriptedAgent(), 'quiet');
  const alive = await greeted(new ScriptedAgent(), 'alive');

  for (let i = 0; i < 5; i++) {
    await alive.heartbeat();
    await clock.step(timing.heartbeatIntervalMs);
  }

  expect([quiet.isClosed, alive.isClosed]).toEqual([true, false]);
  expect(gateway.agents().map(({ agentId, isConnected }) => [agentId, isConnected])).toEqual([
    ['alive', true],
    ['quiet', false],
  ]);
});

test('a revoked agent is cut off and told to enrol again', async () => {
  const agent = await greeted();

  gateway.disconnect('a1', 'certificate revoked');
  await settle();

  expect(agent.refusal).toBe('not-authorised: certificate revoked');
  expect(agent.isClosed).toBe(true);
});

test('an agent that connects again and again is told to wait', async () => {
  const agents = Array.from({ length: 25 }, () => connect(new ScriptedAgent()));
  await settle();

  expect(agents.filter(({ refusal }) => refusal?.includes('connects too often')).length).toBe(5);
});

test('an agent that sends more than its window is held back, not dropped', async () => {
  const agent = await greeted();
  let release = (): void => {};
  journal.gate = new Promise((resolve) => (release = resolve));
  for (let i = 0; i < 200; i++) await agent.batch(`line ${i}`);
  await clock.step(1_000);
  expect(gateway.status().pendingShare).toBeLessThan(1);

  journal.gate = undefined;
  release();
  await stepUntil(clock, () => agent.acked === 200);

  expect(journalled()).toHaveLength(200);
});

test('a hub that stops tells its agents to come back', async () => {
  const agent = await greeted();

  stop.abort();
  await settle();

  expect(agent.refusal).toMatch(/^back-off: the hub is stopping/);
});
