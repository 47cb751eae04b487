// Deliveries as documents (`delivery/<endpoint>/<message id>`) with an index in memory of everything but the bodies.
// Promises: a message is entered once, however often it is asked for; every change is durable before the index shows it.
// Bounded per endpoint: settled messages leave by age and by number, oldest first; beyond waitingMax new messages become
// dead letters at once, with the reason, so that a receiver that is down for days costs a known amount.
import { errorCode } from '../../proto/runtime/errors.ts';
import type { State } from '../ports.ts';
import { givenUp, viewOf } from './delivery.ts';
import type { Delivery, DeliveryState, DeliveryView } from './delivery.ts';

const waitingMax = 10_000;
const settledMax = 10_000;
const deliveredKeepMs = 7 * 86_400_000;
const deadKeepMs = 30 * 86_400_000;
const pageSize = 500;

type IndexedDelivery = DeliveryView & Pick<Delivery, 'waitMs'>;

export class DeliveryBook {
  readonly #state: State;
  readonly #waitingMax: number;
  readonly #lanes = new Map<string, Map<string, IndexedDelivery>>();

  constructor(state: State, limit = waitingMax) {
    this.#state = state;
    this.#waitingMax = limit;
  }

  async load(): Promise<void> {
    let after = '';
    for (;;) {
      const page = await this.#state.list<Delivery>('delivery/', { after, limit: pageSize });
      for (const { value } of page) this.#note(value);
      const last = page.at(-1);
      if (!last || page.length < pageSize) return;
      after = last.key;
    }
  }

  /** False when it was there already. */
  async enter(delivery: Delivery): Promise<boolean> {
    if (this.#lane(delivery.webhookId).has(delivery.id)) return false;
    const isFull = this.count(delivery.webhookId, 'waiting') >= this.#waitingMax;
    const entered = isFull ? givenUp(delivery, `${this.#waitingMax} messages wait for this webhook already`, delivery.createdMs) : delivery;
    try {
      await this.#state.put(keyOf(entered), entered, 0);
    } catch (error) {
      if (errorCode(error) !== 'STATE_CONFLICT') throw error;
      await this.read(delivery.webhookId, delivery.id);
      return false;
    }
    this.#note(entered);
    return true;
  }

  async read(endpointId: string, id: string): Promise<{ readonly value: Delivery; readonly revision: number } | undefined> {
    const found = await this.#state.get<Delivery>(keyOf({ webhookId: endpointId, id }));
    if (found) this.#note(found.value);
    return found;
  }

  /** False when it changed since it was read (replayed, removed). */
  async put(delivery: Delivery, revision: number): Promise<boolean> {
    try {
      await this.#state.put(keyOf(delivery), delivery, revision);
    } catch (error) {
      if (errorCode(error) === 'STATE_CONFLICT') return false;
      throw error;
    }
    this.#note(delivery);
    return true;
  }

  /** Messages of the endpoint whose time has come, oldest first. */
  due(endpointId: string, { nowMs, limit, except }: { nowMs: number; limit: number; except: ReadonlySet<string> }): string[] {
    const due: string[] = [];
    for (const view of this.#lane(endpointId).values()) {
      if (due.length >= limit) break;
      // A time farther away than the wait that was decided comes from a clock that was set back: an alarm would wait for
      // hours, or for ever.
      const isDue = view.nextAttemptMs <= nowMs || view.nextAttemptMs > nowMs + view.waitMs;
      if (view.state === 'waiting' && isDue && !except.has(view.id)) due.push(view.id);
    }
    return due;
  }

  /** Earliest time that is still to come, over these endpoints; undefined when nothing waits. */
  nextAfter(endpointIds: readonly string[], nowMs: number): number | undefined {
    let next: number | undefined;
    for (const id of endpointIds) {
      for (const { state, nextAttemptMs } of this.#lane(id).values()) {
        if (state === 'waiting' && nextAttemptMs > nowMs && nextAttemptMs < (next ?? Infinity)) next = nextAttemptMs;
      }
    }
    return next;
  }

  list(endpointId: string, { state, limit }: { readonly state: DeliveryState | 'all'; readonly limit: number }): DeliveryView[] {
    const all = [...this.#lane(endpointId).values()].filter((view) => state === 'all' || view.state === state);
    const newest = all.sort((a, b) => b.createdMs - a.createdMs).slice(0, limit);
    return newest.map(viewOf);
  }

  count(endpointId: string, state: DeliveryState): number {
    let count = 0;
    for (const view of this.#lane(endpointId).values()) if (view.state === state) count++;
    return count;
  }

  /** Problem of the message that was tried last. */
  lastProblem(endpointId: string): string {
    return [...this.#lane(endpointId).values()].reverse().find(({ attempts }) => attempts > 0)?.lastProblem ?? '';
  }

  async removeEndpoint(endpointId: string): Promise<void> {
    for (const id of this.#lane(endpointId).keys()) await this.#remove(endpointId, id);
    this.#lanes.delete(endpointId);
  }

  async expire(nowMs: number): Promise<number> {
    let removed = 0;
    for (const endpointId of this.#lanes.keys()) {
      for (const [state, keepMs] of [
        ['delivered', deliveredKeepMs],
        ['dead', deadKeepMs],
      ] as const) {
        const views = this.list(endpointId, { state, limit: Infinity });
        const old = views.filter(({ createdMs }, at) => at >= settledMax || createdMs + keepMs < nowMs);
        for (const { id } of old) await this.#remove(endpointId, id);
        removed += old.length;
      }
    }
    return removed;
  }

  async #remove(endpointId: string, id: string): Promise<void> {
    const key = keyOf({ webhookId: endpointId, id });
    const found = await this.#state.get(key);
    if (found) await this.#state.remove(key, found.revision);
    this.#lane(endpointId).delete(id);
  }

  #lane(endpointId: string): Map<string, IndexedDelivery> {
    const held = this.#lanes.get(endpointId);
    if (held) return held;
    const lane = new Map<string, IndexedDelivery>();
    this.#lanes.set(endpointId, lane);
    return lane;
  }

  #note(delivery: Delivery): void {
    this.#lane(delivery.webhookId).set(delivery.id, { ...viewOf(delivery), waitMs: delivery.waitMs });
  }
}

function keyOf({ webhookId, id }: { readonly webhookId: string; readonly id: string }): string {
  return `delivery/${webhookId}/${id}`;
}
