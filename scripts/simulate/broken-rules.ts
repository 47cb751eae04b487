// The rules of delivery, switched off one at a time at the ports of the real modules: proof that each is needed, and that
// the simulation would notice. Nothing of this is in the modules themselves.
import type { BatchBuffer, StreamPosition } from '../../agent/ports.ts';
import { AlertStage } from '../../hub/alert/alert-stage.ts';
import type { EventStore, Finding, Journal, State } from '../../hub/ports.ts';
import type { Disk, KvFolder } from '../../proto/durable/ports.ts';
import type { Random } from '../../proto/runtime/clock.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';

export const ruleNames = [
  'epochs-random',
  'positions-with-lines',
  'positions-proven',
  'old-connection-ends',
  'mark-goes-down',
  'ack-after-sync',
  'insert-is-settled',
  'bounds-stay',
  'forgotten-blocks-removed',
  'engine-ends-with-hub',
  'write-numbers-skip',
  'snapshot-after-alerts',
  'poison-written-down',
  'first-conditions-remembered',
] as const;
export type RuleName = (typeof ruleNames)[number];

/** Hexadecimal. */
const agentIdLength = 32;

export class BrokenRules {
  readonly #without: RuleName | undefined;
  readonly #positions = new Map<object, Map<string, StreamPosition>>();
  #connections = 0;

  constructor(without?: RuleName) {
    this.#without = without;
  }

  /** DELIVERY.md 9. */
  get believesPositions(): boolean {
    return this.#without === 'positions-proven';
  }

  /** 1: an agent that has one epoch, because it begins to count again where it forgot that it had begun. */
  randomOf(random: Random): Random {
    if (this.#without !== 'epochs-random') return random;
    return { unit: () => random.unit(), bytes: (count) => new Uint8Array(count).fill(1) };
  }

  /** 4: positions are kept beside the lines and written after them. 12: an acknowledged mark only ever rises. */
  bufferPort(buffer: BatchBuffer, machine: object, pause: () => Promise<void>): BatchBuffer {
    if (this.#without === 'mark-goes-down')
      return {
        ...buffer,
        settle: (welcome) => {
          const { ackedSequence } = buffer.status();
          return buffer.settle({ ...welcome, commonSequence: Math.max(welcome.commonSequence, ackedSequence) });
        },
      };
    if (this.#without !== 'positions-with-lines') return buffer;
    const places = this.#positions.get(machine) ?? new Map<string, StreamPosition>();
    this.#positions.set(machine, places);
    return {
      ...buffer,
      positions: () => {
        buffer.positions();
        return [...places.values()];
      },
      append: async (sealed, signal) => {
        await buffer.append(sealed, signal);
        const save = async (): Promise<void> => {
          await pause();
          for (const position of sealed.positions) places.set(position.stream.streamId, position);
        };
        void save();
      },
    };
  }

  /** 4, for a source of two lanes: by which conditions lines were sorted is forgotten when the agent ends. */
  routeDisk(disk: Disk): Pick<Disk, 'readFile' | 'replaceFile'> {
    if (this.#without !== 'first-conditions-remembered') return disk;
    return { readFile: () => Promise.resolve(undefined), replaceFile: () => Promise.resolve() };
  }

  /** 11: the gateway takes each connection for another agent, so none takes over from any; the journal knows better. The
   * gateways of a cluster are that to each other: it takes an agent that comes by another address for another one. */
  peerOf(agentId: string, place: number): string {
    if (this.#without === 'old-connection-ends') return `${agentId}${++this.#connections}`;
    return place === 0 ? agentId : `${agentId}@${place}`;
  }

  /** What the gateway asks of the journal, by the agent's own name. */
  journalPort(journal: Journal): Journal {
    const own = (peer: string): string => peer.slice(0, agentIdLength);
    return {
      ...journal,
      append: (entries) => journal.append(entries.map((entry) => ({ ...entry, agentId: own(entry.agentId) }))),
      laneMarks: (peer) => journal.laneMarks(own(peer)),
      streamMarks: (peer) => journal.streamMarks(own(peer)),
      beginEpoch: (peer, lane, epoch) => journal.beginEpoch(own(peer), lane, epoch),
    };
  }

  /** 20. */
  get engineAfterHub(): 'gone' | 'lives on' {
    return this.#without === 'engine-ends-with-hub' ? 'lives on' : 'gone';
  }

  /** 16: a disk that says "synced" before it is. */
  hubDisk(disk: Disk): Disk {
    if (this.#without !== 'ack-after-sync') return disk;
    const lying = (kv: KvFolder): KvFolder => ({
      write: (puts) => kv.write(puts, { sync: false }),
      get: (key) => kv.get(key),
      range: (bounds) => kv.range(bounds),
      close: () => kv.close(),
    });
    return { ...disk, openKv: async (path) => lying(await disk.openKv(path)) };
  }

  /** 18: an insert that was answered somehow is taken for done. 19: rows of forgotten blocks stay. */
  storePort(store: EventStore): EventStore {
    if (this.#without === 'forgotten-blocks-removed') return { ...store, removeBlocksAbove: () => Promise.resolve(0) };
    if (this.#without === 'insert-is-settled') return { ...store, presence: () => Promise.resolve('none') };
    return store;
  }

  /** 23: findings come without their write's number. 24: durable later than said. */
  alertsPort(alerts: AlertStage, pause: () => Promise<void>): AlertStage {
    if (this.#without === 'write-numbers-skip') return withApply(alerts, (_write, findings) => alerts.raise(findings));
    if (this.#without !== 'snapshot-after-alerts') return alerts;
    let last: Promise<void> = Promise.resolve();
    return withApply(alerts, async (write, findings) => {
      last = last.then(pause).then(() => untilDone(() => alerts.apply(write, findings)));
    });
  }

  /** 17: bounds of blocks that are not stored yet are not found again. 26: nobody writes down what is being tried. */
  statePort(state: State): State {
    if (this.#without !== 'bounds-stay' && this.#without !== 'poison-written-down') return state;
    const isOfBlocks = this.#without === 'bounds-stay';
    // The journal's floor asks for the blocks first, then the keeper of the first life.
    let left = isOfBlocks ? 2 : Infinity;
    return {
      get: async <T>(key: string) => {
        const found = await state.get<T>(key);
        if (!found || key !== (isOfBlocks ? 'store/blocks' : 'pipeline/poison') || --left < 0) return found;
        return { ...found, value: forgetting(found.value) };
      },
      put: (key, value, revision) => state.put(key, value, revision),
      remove: (key, revision) => state.remove(key, revision),
      list: (prefix, options) => state.list(prefix, options),
      watch: (prefix, signal) => state.watch(prefix, signal),
      close: () => state.close(),
    };
  }
}

function withApply(alerts: AlertStage, apply: AlertStage['apply']): AlertStage {
  // Private members stay with the real one: what is not replaced is bound to it.
  return Object.assign(Object.create(AlertStage.prototype), { apply, raise: (findings: readonly Finding[]) => alerts.raise(findings) });
}

async function untilDone(task: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await task();
    } catch {
      // Tried again, as the detection does.
    }
  }
}

function forgetting<T>(value: T): T {
  if (typeof value !== 'object' || value === null) throw new AtalaiaError('SIMULATION', 'a document without a shape');
  return 'pending' in value ? { ...value, pending: [] } : { ...value, trying: undefined, suspects: [], lines: [] };
}
