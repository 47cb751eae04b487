// The pipeline with its real rooms, a store and workers that fail on command, and a clock that is stepped: whatever fails
// when, every line is stored once and every attack is one alert.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { faultyDisk } from '../proto/durable/faulty-disk.ts';
import { seededRandom } from '../proto/durable/seeded-random.ts';
import { SteppedClock, settle, stepUntil } from '../proto/runtime/testing/stepped-clock.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { AlertStage } from './alert/alert-stage.ts';
import { compileRules } from './detect/engine/ruleset.ts';
import { Detection } from './detection.ts';
import { LevelJournal } from './journal/level-journal.ts';
import { HubPipeline } from './pipeline.ts';
import { memoryState } from './state/memory-state.ts';
import { BlockKeeper } from './store/blocks.ts';
import { MemoryStore, type InsertFault } from './store/testing/memory-store.ts';
import { InProcessLines } from './testing/in-process-lines.ts';
import { SentBatches } from './testing/sent-batch.ts';

let clock: SteppedClock;
let disk: ReturnType<typeof faultyDisk>;
let state: ReturnType<typeof memoryState>;
let store: MemoryStore;
let faults: InsertFault[];
let isDown: boolean;
let sent: SentBatches;

beforeEach(() => {
  clock = new SteppedClock(Date.UTC(2026, 10, 24, 12));
  disk = faultyDisk(seededRandom(1));
  state = memoryState();
  faults = [];
  isDown = false;
  store = new MemoryStore({ insertFault: () => faults.shift() ?? 'none', isDown: () => isDown });
  sent = new SentBatches();
});

interface Hub {
  readonly journal: LevelJournal;
  readonly alerts: AlertStage;
  readonly pipeline: HubPipeline;
  readonly logged: string[];
  stop(): Promise<void>;
  crash(): Promise<void>;
}

let running: Hub | undefined;
afterEach(() => running?.crash());

async function startHub(): Promise<Hub> {
  const attached = disk.attach();
  const journal = await LevelJournal.open({ disk: attached, folder: 'journal', clock });
  const alerts = await AlertStage.open({ state, clock });
  const { ruleset } = compileRules([]);
  const logged: string[] = [];
  const note = (_: object, text: string): void => void logged.push(text);
  const log = { info: note, warn: note, error: note };
  const pipeline = new HubPipeline({
    journal,
    state,
    clock,
    log,
    lines: new InProcessLines(store),
    openKeeper: () => new BlockKeeper({ state, store, clock, log }),
    openDetection: (oldest, signal) => Detection.open({ disk: attached, path: 'snapshot', ruleset, alerts, clock, log }, oldest, signal),
    writeLedger: async (block, rows) => {
      store.ledgerFiles.set(`ledger-${block}`, rows);
      return `ledger-${block}`;
    },
  });
  const stop = new AbortController();
  const deadline = new AbortController();
  let isOver = false;
  const done = pipeline.run({ stop: stop.signal, deadline: deadline.signal }).finally(() => {
    isOver = true;
  });
  const end = async (): Promise<void> => {
    await stepUntil(clock, () => isOver);
    await done;
    await journal.close().catch(() => undefined);
    running = undefined;
  };
  running = {
    journal,
    alerts,
    pipeline,
    logged,
    stop: async () => {
      stop.abort();
      await end();
    },
    crash: async () => {
      disk.crash();
      deadline.abort();
      stop.abort();
      store.hubDied();
      await end();
    },
  };
  return running;
}

async function send({ journal }: Hub, ...batches: readonly string[][]): Promise<void> {
  const marks = await journal.laneMarks(sent.agentId);
  if (marks.length === 0) await journal.beginEpoch(sent.agentId, 'normal', sent.epoch);
  const { outcomes } = await journal.append(batches.map((lines) => sent.next(lines, clock.nowMs())));
  expect(outcomes.every((outcome) => outcome === 'written')).toBe(true);
}

const raws = (): string[] => store.events.map(({ raw }) => raw).sort();
const stored = (count: number) => () => store.events.length >= count;
const sums = () => store.ledgerRows.map(({ linesRead, linesStored, linesLost }) => ({ linesRead, linesStored, linesLost }));

test('lines become rows, attacks become alerts, and the journal is freed', async () => {
  const hub = await startHub();
  await send(hub, ['one', 'ATTACK 203.0.113.1']);
  await stepUntil(clock, stored(2));
  await send(hub, ['three']);
  await stepUntil(clock, () => hub.journal.status().oldest === 3);

  expect(raws()).toEqual(['ATTACK 203.0.113.1', 'one', 'three']);
  expect(sums()).toEqual([
    { linesRead: 2, linesStored: 2, linesLost: 0 },
    { linesRead: 1, linesStored: 1, linesLost: 0 },
  ]);
  expect(hub.alerts.list().alerts).toMatchObject([{ ruleId: 'attack', count: 1 }]);
  expect(hub.pipeline.status()).toMatchObject({ detected: 2, stored: 2, snapshot: 2, lastFailure: '' });
});

test('a block is stored within a second when little comes in', async () => {
  const hub = await startHub();
  const beganMs = clock.monotonicMs();
  await send(hub, ['a line']);
  await stepUntil(clock, stored(1));

  expect(clock.monotonicMs() - beganMs).toBeLessThan(1_000);
});

test.each<InsertFault>(['before', 'token-only', 'part', 'after'])('an insert that fails (%s) stores every line once', async (fault) => {
  faults.push(fault);
  const hub = await startHub();
  await send(hub, ['one', 'two'], ['three']);
  await stepUntil(clock, () => hub.journal.status().oldest === 2);

  expect(raws()).toEqual(['one', 'three', 'two']);
});

test('a hub that crashes after its insert and before it confirmed stores nothing twice and alerts once', async () => {
  const first = await startHub();
  await send(first, ['ATTACK 203.0.113.1', 'two']);
  await stepUntil(clock, stored(2));
  await first.crash();
  const second = await startHub();
  await send(second, ['three']);
  await stepUntil(clock, () => second.journal.status().oldest === 3);

  expect(raws()).toEqual(['ATTACK 203.0.113.1', 'three', 'two']);
  expect(second.alerts.list().alerts).toMatchObject([{ count: 1 }]);
});

test('a stop brings in what the journal holds', async () => {
  const hub = await startHub();
  await send(hub, ['one']);
  await settle();
  await hub.stop();

  expect(raws()).toEqual(['one']);
  expect(hub.pipeline.status()).toMatchObject({ state: 'stopped', snapshot: 1 });
});

test('a line that ends the worker three times is stored raw and told; the lines beside it are worked as ever', async () => {
  const hub = await startHub();
  await send(hub, ['one', 'KILLER', 'ATTACK 203.0.113.1']);
  await send(hub, ['KILLER too', 'ATTACK 203.0.113.2']);
  await stepUntil(clock, () => hub.journal.status().oldest === 3);

  expect(raws()).toEqual(['ATTACK 203.0.113.1', 'ATTACK 203.0.113.2', 'KILLER', 'KILLER too', 'one']);
  expect(store.events.filter(({ fields }) => 'problem' in fields).map(({ raw }) => raw)).toEqual(['KILLER', 'KILLER too']);
  const alerts = hub.alerts.list().alerts.map(({ ruleId, count }) => `${ruleId} ${count}`);
  expect(alerts.sort()).toEqual(['atalaia-poison-line 2', 'attack 1', 'attack 1']);
});

test('while State fails no line is accused of it: what an attacker writes then is matched afterwards as ever', async () => {
  const first = await startHub();
  await send(first, ['ATTACK 203.0.113.1']);
  await first.crash();
  const put = state.put.bind(state);
  let [livesToEnd, failures] = [4, 0];
  state.put = async (key, value, revision) => {
    // Each life can write down what it tries, and then nothing more of it.
    const isTrying = key === 'pipeline/poison' && JSON.stringify(value).includes('"trying"');
    if (isTrying) failures = livesToEnd-- > 0 ? 2 : 0;
    else if (failures-- > 0) throw new AtalaiaError('STATE_WRITE_FAILED', 'no', { isRetryable: true });
    return put(key, value, revision);
  };
  const hub = await startHub();
  await stepUntil(clock, () => hub.journal.status().oldest === 2);

  expect(livesToEnd).toBeLessThanOrEqual(0);
  expect(store.events).toMatchObject([{ raw: 'ATTACK 203.0.113.1', fields: {} }]);
  expect(hub.alerts.list().alerts).toMatchObject([{ ruleId: 'attack', count: 1 }]);
});

test('while the store is down attacks are alerted all the same, and their lines are stored later, once', async () => {
  const hub = await startHub();
  await stepUntil(clock, () => hub.pipeline.status().state === 'running');
  isDown = true;
  for (let n = 1; n <= 12; n++) {
    await send(hub, [`ATTACK 203.0.113.${n}`]);
    faults.push('before');
    await clock.step(700);
  }
  await stepUntil(clock, () => hub.alerts.list().total === 12);
  expect(store.events).toEqual([]);
  isDown = false;
  faults.length = 0;
  await stepUntil(clock, () => hub.journal.status().oldest === 13);

  expect(raws()).toHaveLength(12);
  expect(hub.alerts.list().alerts.every(({ count }) => count === 1)).toBe(true);
});

test('rows that the store refuses are stored raw, and rules have seen their lines', async () => {
  faults.push('refused', 'refused', 'refused');
  const hub = await startHub();
  await send(hub, ['ATTACK 203.0.113.1']);
  await stepUntil(clock, () => hub.journal.status().oldest === 2);

  expect(store.events.map(({ raw, fields }) => [raw, fields])).toEqual([
    ['ATTACK 203.0.113.1', { problem: 'the event store refused this line as it was decoded: stored as it came' }],
  ]);
  expect(hub.alerts.list().alerts).toMatchObject([{ ruleId: 'attack', count: 1 }]);
});

test('a snapshot that cannot be read is told as an alert, and nothing is stored twice', async () => {
  const first = await startHub();
  await send(first, ['one']);
  await stepUntil(clock, () => first.journal.status().oldest === 2);
  await first.stop();
  await disk.attach().replaceFile('snapshot', Buffer.from('not a snapshot'));
  const second = await startHub();
  await send(second, ['two']);
  await stepUntil(clock, () => second.journal.status().oldest === 3);

  expect(raws()).toEqual(['one', 'two']);
  expect(second.alerts.list().alerts).toMatchObject([{ ruleId: 'atalaia-detection-restarted' }]);
});
