// State and event store as one hub process sees them: calls wait for their turn, answers reach only the living, and an
// insert may be reported as too late while the engine still works on it (DELIVERY.md 18).
import type { EventStore, State } from '../../hub/ports.ts';
import type { MemoryStore } from '../../hub/store/testing/memory-store.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { answerTo, type Life, type World } from './turns.ts';

export function processState(life: Life, state: State): State {
  return {
    get: (key) => answerTo(life, state.get(key)),
    put: (key, value, revision) => answerTo(life, state.put(key, value, revision)),
    remove: (key, revision) => answerTo(life, state.remove(key, revision)),
    list: (prefix, options) => answerTo(life, state.list(prefix, options)),
    watch: (prefix, signal) => state.watch(prefix, signal),
    close: () => answerTo(life, state.close()),
  };
}

export interface StoreUse {
  readonly world: World;
  readonly life: Life;
  readonly clock: Clock;
  /** How often an insert is answered too late. */
  readonly timeouts: () => number;
}

export function processStore({ world, life, clock, timeouts }: StoreUse, store: MemoryStore): EventStore {
  const asked = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    await world.park(life, what, () => void work().catch(() => undefined));
    return answerTo(life, work());
  };
  return {
    insert: async (block, files) => {
      await world.park(life, `insert block ${block.number}`, () => void store.insert(block, files).catch(() => undefined));
      const done = store.insert(block, files);
      if (!world.chance(timeouts())) return answerTo(life, done);
      done.catch(() => undefined);
      await clock.sleep(100);
      throw new AtalaiaError('STORE_TIMEOUT', 'the engine did not answer in time', { isRetryable: true });
    },
    presence: (block) => asked(`presence of block ${block.number}`, () => store.presence(block)),
    removeBlock: (block) => asked(`remove block ${block.number}`, () => store.removeBlock(block)),
    removeBlocksAbove: (number) => asked(`remove blocks above ${number}`, () => store.removeBlocksAbove(number)),
    search: (search, signal) => store.search(search, signal),
    histogram: (search, bucketMs, signal) => store.histogram(search, bucketMs, signal),
    get: (ids, signal) => store.get(ids, signal),
    ledger: (sinceMs, signal) => store.ledger(sinceMs, signal),
    expireBefore: (day) => store.expireBefore(day),
    status: () => store.status(),
    close: () => store.close(),
  };
}
