// Watches, while the agent is connected to another address, whether those it prefers can be reached again.
// A look is a TCP and TLS handshake and nothing more: a hub lets the newest connection of an agent take over, so saying
// Hello would cut the session in use. Looks are spread by jitter. An address must have answered all of them for its
// proving time (address-book.ts), so that a hub that comes and goes does not make the agent come and go with it.
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { Address, AddressBook } from './address-book.ts';
import { reasonOf } from './uplink-status.ts';

export interface FailBackOptions {
  readonly book: AddressBook;
  /** Rejects when the hub there cannot be reached, is not trusted or shows another key. */
  readonly look: (address: string, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly failBackAfterMs: number;
}

const lookIntervalMsMax = 30_000;
const looksMin = 4;

export class FailBack {
  readonly #options: FailBackOptions;

  constructor(options: FailBackOptions) {
    this.#options = options;
  }

  /** Resolves with an address that is preferred to this one and has proved itself; undefined when the signal aborts. */
  async better(current: Address, signal: AbortSignal): Promise<Address | undefined> {
    const { book, clock, random, failBackAfterMs } = this.#options;
    const preferred = book.preferredTo(current);
    const intervalMs = Math.min(lookIntervalMsMax, failBackAfterMs / looksMin);
    for (const address of preferred) this.#begin(address);
    while (preferred.length > 0) {
      await clock.sleep(intervalMs * (0.5 + random.unit()), signal).catch(() => undefined);
      if (signal.aborted) return undefined;
      for (const address of preferred) if (await this.#hasProved(address, signal)) return address;
    }
    return undefined;
  }

  #begin(address: Address): void {
    address.reachableSinceMs = undefined;
    address.status.reachableSinceMs = 0;
  }

  async #hasProved(address: Address, signal: AbortSignal): Promise<boolean> {
    const { book, look, clock } = this.#options;
    const { status } = address;
    if (address.heldUntilMs > clock.monotonicMs()) return false;
    try {
      await look(status.address, signal);
    } catch (error) {
      if (signal.aborted) return false;
      this.#begin(address);
      book.mark(address, 'failed');
      status.lastError = reasonOf(error);
      status.lastErrorMs = clock.nowMs();
      return false;
    }
    book.mark(address, 'standby');
    status.nextTryMs = 0;
    if (address.reachableSinceMs === undefined) {
      address.reachableSinceMs = clock.monotonicMs();
      status.reachableSinceMs = clock.nowMs();
    }
    return clock.monotonicMs() - address.reachableSinceMs >= address.provingMs;
  }
}
