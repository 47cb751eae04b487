import { afterEach, beforeEach, expect, test } from 'vitest';
import { faultyDisk } from '../proto/durable/faulty-disk.ts';
import { seededRandom } from '../proto/durable/seeded-random.ts';
import { settle, stepUntil } from '../proto/runtime/testing/stepped-clock.ts';
import { finding } from './alert/finding.fixture.ts';
import { healthView, type HealthView } from './console/api/shapes.ts';
import { compileRules } from './detect/engine/ruleset.ts';
import { Detection } from './detection.ts';
import { Gateway } from './gateway/gateway.ts';
import { MemoryJournal } from './gateway/testing/memory-journal.ts';
import { healthDesk, type HealthParts } from './health.ts';
import { HubPipeline } from './pipeline.ts';
import { BlockKeeper } from './store/blocks.ts';
import { MemoryStore } from './store/testing/memory-store.ts';
import { deskRooms, type DeskRooms } from './testing/desk-rooms.ts';
import { InProcessLines } from './testing/in-process-lines.ts';
import { SentBatches } from './testing/sent-batch.ts';
import type { RuleSource } from './work.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
let rooms: DeskRooms;
let journal: MemoryJournal;
let store: MemoryStore;
let pipeline: HubPipeline;
let isStoreDown: boolean;
let credit: number;
let snapshotFails: boolean;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  rooms = await deskRooms();
  const { clock, state, alerts } = rooms;
  isStoreDown = false;
  credit = 1;
  snapshotFails = false;
  stop = new AbortController();
  journal = new MemoryJournal(() => clock.nowMs());
  store = new MemoryStore({ isDown: () => isStoreDown, insertFault: () => (isStoreDown ? 'before' : 'none') });
  const disk = faultyDisk(seededRandom(1)).attach();
  const { ruleset } = compileRules([]);
  pipeline = new HubPipeline({
    journal,
    state,
    clock,
    log: silent,
    lines: new InProcessLines(store),
    openKeeper: () => new BlockKeeper({ state, store, clock, log: silent }),
    openDetection: async (oldest, signal) => {
      if (snapshotFails) throw new Error('the snapshot is on a disk that is gone');
      return Detection.open({ disk, path: 'snapshot', ruleset, alerts, clock, log: silent }, oldest, signal);
    },
    writeLedger: async (block, rows) => {
      store.ledgerFiles.set(`ledger-${block}`, rows);
      return `ledger-${block}`;
    },
  });
});

afterEach(async () => {
  stop.abort();
  if (!running) return;
  let isOver = false;
  void running.finally(() => (isOver = true));
  await stepUntil(rooms.clock, () => isOver);
  running = undefined;
});

function desk(parts: Partial<HealthParts> = {}, rules: readonly RuleSource[] = []): () => Promise<HealthView> {
  const { clock, alerts } = rooms;
  const identity = { hubId: Buffer.alloc(16, 1), incarnation: Buffer.alloc(16, 2) };
  const gateway = new Gateway({ journal, clock, log: silent, ...identity, credit: () => credit });
  return healthDesk({ journal, store, compiled: compileRules(rules), alerts, pipeline, gateway, clock, version: '1.2.3', ...parts });
}

function work(): void {
  running = pipeline.run({ stop: stop.signal, deadline: stop.signal });
}

async function write(count: number): Promise<void> {
  const sent = new SentBatches();
  await journal.beginEpoch(sent.agentId, 'normal', sent.epoch);
  for (let at = 0; at < count; at++) await journal.append([sent.next([`line ${at}`], rooms.clock.nowMs())]);
}

test('a hub that works is well, and says since when, in which version and with what', async () => {
  const health = desk();
  await write(3);
  work();
  await stepUntil(rooms.clock, () => pipeline.status().stored === 3 && pipeline.status().detected === 3);

  const answer = await health();

  expect(healthView.strict().parse(answer)).toEqual(answer);
  expect(answer).toMatchObject({ isWell: true, version: '1.2.3', problems: [], store: { isUp: true, rows: 3 } });
  expect(answer.journal).toMatchObject({ pendingWrites: 0, isFull: false });
  expect(rooms.clock.nowMs()).toBeGreaterThan(answer.startedMs);
});

test.each<[string, () => void | Promise<void>, RegExp]>([
  ['a full journal', () => void (journal.isFull = true), /^The journal is full: agents keep their lines.*journal\.maxBytes/],
  ['agents that are held back', () => void (credit = 0), /^Agents keep their lines for now/],
  ['a store that is down', () => void (isStoreDown = true), /^The event store is down/],
  [
    'alerts that cannot be written',
    async () => {
      rooms.state.failNextPut('before');
      await rooms.alerts.apply(7, [finding()]).catch(() => undefined);
    },
    /^The alerts of journal write 7 could not be written/,
  ],
  [
    'a pipeline that fails',
    async () => {
      snapshotFails = true;
      work();
      await stepUntil(rooms.clock, () => pipeline.status().state === 'failing');
    },
    /tried again: the snapshot is on a disk that is gone$/,
  ],
])('%s is told in one sentence', async (_what, breakIt, sentence) => {
  const health = desk();
  await breakIt();

  const { isWell, problems } = await health();

  expect(isWell).toBe(false);
  expect(problems).toEqual([expect.stringMatching(sentence)]);
});

test('refused rules are counted and told', async () => {
  const refused = desk({}, [{ file: 'broken.yml', text: 'title: no detection' }]);

  expect(await refused()).toMatchObject({
    detection: { rulesLoaded: 0, rulesRefused: 1 },
    problems: ['One rule was refused; `atalaia-hub rules check` says why.'],
  });
});

test('what the journal holds is pending before the pipeline has begun, and told when it is much', async () => {
  await write(501);

  const { journal: shown, problems } = await desk()();

  expect(shown.pendingWrites).toBe(501);
  expect(problems).toEqual([
    '501 journal writes wait for the rules: alerts come late.',
    '501 journal writes wait for the event store: searches do not find the newest lines.',
  ]);
});

test('while the store is down, alerts are in time and only the store is said to be behind', async () => {
  work();
  await stepUntil(rooms.clock, () => pipeline.status().state === 'running');
  isStoreDown = true;
  await write(501);
  await stepUntil(rooms.clock, () => pipeline.status().detected === 501);

  const { problems, journal: shown } = await desk()();

  expect(shown.pendingWrites).toBe(501);
  expect(problems).toEqual([
    expect.stringMatching(/^The event store is down/),
    expect.stringMatching(/^501 journal writes wait for the event store/),
  ]);
});

test('a store that does not answer holds up nobody, and is asked once however many look', async () => {
  const answer = Promise.withResolvers<HealthView['store']>();
  let asked = 0;
  const slow = {
    status: () => {
      asked++;
      return asked === 1 ? store.status() : answer.promise;
    },
  };
  const health = desk({ store: slow });
  await write(2);
  await health();
  const looks = [health(), health()];
  await settle();
  await rooms.clock.step(2_000);

  for (const look of looks)
    expect(await look).toMatchObject({
      isWell: false,
      problems: [expect.stringMatching(/^The event store is busy/)],
      store: { isUp: true },
    });
  expect(asked).toBe(2);
  answer.resolve({ isUp: true, restarts: 1, rows: 5, bytesOnDisk: 9 });
  expect(await health()).toMatchObject({ isWell: true, store: { restarts: 1, rows: 5 } });
});
