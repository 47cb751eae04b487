// A wish that a session ends at its next batch boundary: nothing more is sent, what is in flight is acknowledged first.
// It may be withdrawn, and then the session sends on.
import { Wake } from '../../proto/runtime/wake.ts';
import type { Address } from './address-book.ts';

export class Leave {
  readonly changed = new Wake();
  #to: Address | undefined;

  /** Where to; undefined when nobody wants to leave. */
  get to(): Address | undefined {
    return this.#to;
  }

  ask(to: Address): void {
    this.#to = to;
    this.changed.wake();
  }

  withdraw(): void {
    this.#to = undefined;
    this.changed.wake();
  }
}
