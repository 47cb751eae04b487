// How much may be on its way to the hub and not acknowledged: the credit, and what of it is used.
// Promises: batches are acknowledged in order per lane and cumulatively; an acknowledgement of what was never sent, or
// with another hash than was sent, is told apart, because obeying it would free what the hub does not have.
// When the credit shrinks below what is in flight, nothing more is sent until acks have made room.
import type { LaneName } from '../../proto/delivery.ts';
import type { Credit } from '../../proto/framing/messages.ts';

interface InFlight {
  readonly sequence: number;
  readonly bytes: number;
  readonly hash: Uint8Array;
}

export type AckVerdict = 'progress' | 'nothing-new' | 'never-sent' | 'other-hash';

export class SendWindow {
  #credit: Credit = { batches: 0, bytes: 0 };
  #batches = 0;
  #bytes = 0;
  readonly #lanes = new Map<LaneName, { acked: number; sent: number; inFlight: InFlight[] }>();

  get credit(): Credit {
    return this.#credit;
  }

  get batches(): number {
    return this.#batches;
  }

  get bytes(): number {
    return this.#bytes;
  }

  grant(credit: Credit): void {
    this.#credit = credit;
  }

  /** A lane begins, or begins again after a Welcome, with everything up to `acked` at the hub. */
  begin(lane: LaneName, acked: number): void {
    for (const gone of this.#lanes.get(lane)?.inFlight ?? []) this.#leave(gone);
    this.#lanes.set(lane, { acked, sent: acked, inFlight: [] });
  }

  lastSent(lane: LaneName): number {
    return this.#lanes.get(lane)?.sent ?? 0;
  }

  allSent(): Partial<Record<LaneName, number>> {
    return Object.fromEntries([...this.#lanes].map(([lane, { sent }]) => [lane, sent]));
  }

  /** One batch may go even when it alone is above the credit in bytes, or a small credit would stop everything. */
  hasRoom(bytes: number): boolean {
    if (this.#batches >= this.#credit.batches) return false;
    return this.#bytes + bytes <= this.#credit.bytes || (this.#batches === 0 && this.#credit.bytes > 0);
  }

  sent(lane: LaneName, batch: InFlight): void {
    const state = this.#lanes.get(lane);
    if (!state) return;
    state.sent = batch.sequence;
    state.inFlight.push(batch);
    this.#batches++;
    this.#bytes += batch.bytes;
  }

  ack(lane: LaneName, sequence: number, hash: Uint8Array): AckVerdict {
    const state = this.#lanes.get(lane);
    if (!state || sequence > state.sent) return 'never-sent';
    if (sequence <= state.acked) return 'nothing-new';
    const named = state.inFlight.find((batch) => batch.sequence === sequence);
    if (named && Buffer.compare(named.hash, hash) !== 0) return 'other-hash';
    while (state.inFlight[0] && state.inFlight[0].sequence <= sequence) {
      const done = state.inFlight.shift();
      if (done) this.#leave(done);
    }
    state.acked = sequence;
    return 'progress';
  }

  #leave(batch: InFlight): void {
    this.#batches--;
    this.#bytes -= batch.bytes;
  }
}
