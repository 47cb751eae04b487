// The addresses of one hub cluster, in the order of preference, and what is known of each.
// Promises: a round tries each address at most once, the preferred ones first; one that asked to be left alone is not
// tried before its time. Which one is in use is the uplink's business; nothing here opens a connection.
import type { Clock } from '../../proto/runtime/clock.ts';
import { newAddressStatus, type AddressStatus } from './uplink-status.ts';

/** Fail-backs that did not last make the next one wait twice as long, up to this. */
const provingMsMax = 3_600_000;

export interface Address {
  /** 0 is the one that is preferred. */
  readonly place: number;
  readonly status: AddressStatus;
  /** By the monotonic clock; 0: at any time. */
  heldUntilMs: number;
  /** Since when it has answered every look; undefined when it has not. */
  reachableSinceMs: number | undefined;
  /** How long it must have been reachable before the agent goes back to it. */
  provingMs: number;
  /** What was said about it in the log since it was last well, so that it is said once. */
  told: string;
}

export class AddressBook {
  readonly all: readonly Address[];
  readonly #clock: Clock;
  readonly #failBackAfterMs: number;
  readonly #tried = new Set<Address>();
  #wanted: Address | undefined;

  constructor(addresses: readonly string[], { clock, failBackAfterMs }: { readonly clock: Clock; readonly failBackAfterMs: number }) {
    this.#clock = clock;
    this.#failBackAfterMs = failBackAfterMs;
    this.all = addresses.map((address, place): Address => {
      const status = newAddressStatus(address, clock.nowMs());
      return { place, status, heldUntilMs: 0, reachableSinceMs: undefined, provingMs: failBackAfterMs, told: '' };
    });
  }

  /** All may be tried again; `wanted`, where there is one, before the preferred ones. */
  beginRound(wanted?: Address): void {
    this.#tried.clear();
    this.#wanted = wanted;
  }

  /** The address to be tried next; undefined when the round is over. */
  next(): Address | undefined {
    const now = this.#clock.monotonicMs();
    const mayBe = (address: Address): boolean => !this.#tried.has(address) && address.heldUntilMs <= now;
    const wanted = this.#wanted && mayBe(this.#wanted) ? this.#wanted : undefined;
    return wanted ?? this.all.find(mayBe);
  }

  tried(address: Address): void {
    this.#tried.add(address);
  }

  /** The hub there asked to be left alone for so long. */
  hold(address: Address, ms: number): void {
    address.heldUntilMs = this.#clock.monotonicMs() + ms;
  }

  /** A person changed something (a new enrolment): nobody is held any more. */
  forgive(): void {
    for (const address of this.all) address.heldUntilMs = 0;
  }

  /** How long every address is held; 0 when one is not. */
  heldForMs(): number {
    return Math.max(0, Math.min(...this.all.map(({ heldUntilMs }) => heldUntilMs)) - this.#clock.monotonicMs());
  }

  mark({ status }: Address, state: AddressStatus['state']): void {
    if (status.state === state) return;
    status.state = state;
    status.sinceMs = this.#clock.nowMs();
  }

  preferredTo(address: Address): readonly Address[] {
    return this.all.slice(0, address.place);
  }

  /** A session there is over. One that was short although the hub seemed well makes the next fail-back wait longer. */
  proved(address: Address, lastedMs: number): void {
    if (lastedMs >= this.#failBackAfterMs) address.provingMs = this.#failBackAfterMs;
    else address.provingMs = Math.min(address.provingMs * 2, Math.max(provingMsMax, this.#failBackAfterMs));
  }
}
