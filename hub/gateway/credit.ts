// How much an agent may have in flight, from how the hub fares. Pure.
// Promises: full window when idle, less under load, nothing when the journal is full or the pipeline says so; never a
// credit that is too small for one batch.
import { limits, window } from '../../proto/delivery.ts';
import type { Credit } from '../../proto/framing/messages.ts';

export interface Load {
  /** What the pipeline behind the journal leaves: 0 to 1. */
  readonly fraction: number;
  /** Bytes waiting for the journal, of those that may wait. */
  readonly pendingShare: number;
  readonly isJournalFull: boolean;
  /** A write has failed and the journal is being asked where it stands. */
  readonly isStalled: boolean;
}

export interface Grant {
  readonly credit: Credit;
  /** Empty when there is credit. */
  readonly reason: string;
}

const relaxedShare = 0.5;

export function grantUnder(load: Load): Grant {
  const nothing: Credit = { batches: 0, bytes: 0 };
  if (load.isJournalFull) return { credit: nothing, reason: 'the hub’s disk is full' };
  if (load.isStalled) return { credit: nothing, reason: 'the hub’s journal does not answer' };
  const queueFraction = load.pendingShare <= relaxedShare ? 1 : (1 - load.pendingShare) / (1 - relaxedShare);
  const fraction = Math.min(1, load.fraction, queueFraction);
  if (!(fraction > 0)) return { credit: nothing, reason: 'the hub is catching up' };
  const batches = Math.max(1, Math.floor(window.creditBatchesDefault * fraction));
  const bytes = Math.max(limits.frameBytesMax, Math.floor(window.creditBytesDefault * fraction));
  return { credit: { batches, bytes }, reason: '' };
}

/** Whether an agent must be told at once, or can wait for the next Ack. */
export function isWorthTelling(before: Credit, after: Credit): boolean {
  if ((before.batches === 0) !== (after.batches === 0)) return true;
  return after.batches >= before.batches * 2 || after.batches * 2 <= before.batches ? after.batches !== before.batches : false;
}
