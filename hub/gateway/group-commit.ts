// Collects what all connections hand in and writes it to the journal, one fsynced write at a time.
// Promises: an owner hears of an entry only after it is durable; entries of one owner stay in order; what waits is bounded
// in bytes (`room`); a write gathers for a few milliseconds when idle and up to 100 ms when writes are slow.
// When a write fails (DELIVERY.md 16): the owners it served are told, everything later from them is thrown away, and the
// journal is asked where it stands before anything else is written.
import type { Clock } from '../../proto/runtime/clock.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type { AppendOutcome, Journal, JournalEntry } from '../ports.ts';
import type { GatewayLog } from './gateway-ports.ts';

export interface Committed {
  readonly entry: JournalEntry;
  readonly outcome: AppendOutcome;
}

export interface CommitOwner {
  committed(done: readonly Committed[]): void;
  /** Nothing of what was handed in and not yet committed will be. */
  commitFailed(): void;
}

export interface GroupCommitOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly pendingBytesMax?: number;
  readonly writeBytesMax?: number;
}

interface Waiting {
  readonly owner: CommitOwner;
  readonly entry: JournalEntry;
}

const gatherMsMin = 2;
const gatherMsMax = 100;
const retryMsMin = 250;
const retryMsMax = 5_000;

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #pendingBytesMax: number;
  readonly #writeBytesMax: number;
  readonly #arrived = new Wake();
  readonly #settled = new Wake();
  #pending: Waiting[] = [];
  #pendingBytes = 0;
  #inWrite: readonly Waiting[] = [];
  #writeMs = 0;
  #failures = 0;
  #isStalled = false;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#pendingBytesMax = options.pendingBytesMax ?? 32 * 1024 * 1024;
    this.#writeBytesMax = options.writeBytesMax ?? 8 * 1024 * 1024;
  }

  /** Hands in an entry. Ask for room first: what is offered is taken. */
  offer(owner: CommitOwner, entry: JournalEntry): void {
    this.#pending.push({ owner, entry });
    this.#pendingBytes += entry.frame.length;
    this.#arrived.wake();
  }

  /** Resolves when more may be handed in. The caller stops reading its socket meanwhile. */
  async room(signal: AbortSignal): Promise<void> {
    while (this.#pendingBytes >= this.#pendingBytesMax && !signal.aborted) await this.#settled.wait(signal);
  }

  /** Throws away what of this owner is not being written, and resolves when what is being written is decided. */
  async withdraw(owner: CommitOwner): Promise<void> {
    this.#drop((waiting) => waiting.owner === owner);
    while (this.#inWrite.some((waiting) => waiting.owner === owner)) await this.#settled.wait();
  }

  load(): { readonly pendingShare: number; readonly isStalled: boolean } {
    return { pendingShare: this.#pendingBytes / this.#pendingBytesMax, isStalled: this.#isStalled };
  }

  /** Writes until the signal aborts; what then still waits is thrown away: it was not acknowledged. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#pending.length === 0) await this.#arrived.wait(signal);
      else {
        await this.#gather(signal);
        if (this.#pending.length > 0) await this.#write(signal);
      }
    }
    this.#drop(() => true);
  }

  async #gather(signal: AbortSignal): Promise<void> {
    if (this.#pendingBytes >= this.#writeBytesMax) return;
    const ms = Math.min(gatherMsMax, Math.max(gatherMsMin, this.#writeMs / 2));
    await this.#options.clock.sleep(ms, signal).catch(() => undefined);
  }

  async #write(signal: AbortSignal): Promise<void> {
    const { journal, clock } = this.#options;
    const taken = this.#take();
    this.#inWrite = taken;
    const begunMs = clock.monotonicMs();
    try {
      const { outcomes } = await journal.append(taken.map(({ entry }) => entry));
      this.#failures = 0;
      killPoint('hub.before-ack');
      this.#tell(taken, outcomes);
    } catch (error) {
      this.#fail(taken, error);
      this.#release();
      await this.#readBack(taken, signal);
    } finally {
      this.#writeMs = clock.monotonicMs() - begunMs;
      this.#release();
    }
  }

  #release(): void {
    this.#inWrite = [];
    this.#settled.wake();
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#pending.length && (count === 0 || bytes < this.#writeBytesMax))
      bytes += this.#pending[count++]?.entry.frame.length ?? 0;
    const taken = this.#pending.splice(0, count);
    this.#pendingBytes -= bytes;
    return taken;
  }

  #tell(taken: readonly Waiting[], outcomes: readonly AppendOutcome[]): void {
    const byOwner = new Map<CommitOwner, Committed[]>();
    taken.forEach(({ owner, entry }, place) => {
      const done = byOwner.get(owner) ?? [];
      // An answer that is too short would be the journal's mistake: what has no outcome is not committed.
      done.push({ entry, outcome: outcomes[place] ?? 'gap' });
      byOwner.set(owner, done);
    });
    for (const [owner, done] of byOwner) {
      // What was refused is what the owner's later entries stand on, although their numbers may fit.
      const isRefused = done.some(({ outcome }) => outcome !== 'written' && outcome !== 'repeat');
      if (isRefused) this.#drop((waiting) => waiting.owner === owner);
      owner.committed(done);
    }
  }

  #fail(taken: readonly Waiting[], error: unknown): void {
    this.#failures++;
    this.#isStalled = true;
    const owners = new Set(taken.map(({ owner }) => owner));
    this.#options.log.error(
      { err: error, code: errorCode(error), entries: taken.length, connections: owners.size },
      'journal write failed; its connections are closed and will send again',
    );
    this.#drop(({ owner }) => owners.has(owner));
    for (const owner of owners) owner.commitFailed();
  }

  /** Goes on only when the journal answers: the bytes of the failed write may be there. */
  async #readBack(taken: readonly Waiting[], signal: AbortSignal): Promise<void> {
    const { journal, clock, log } = this.#options;
    for (let attempt = this.#failures; !signal.aborted; attempt++) {
      await clock.sleep(Math.min(retryMsMax, retryMsMin * 2 ** Math.min(attempt - 1, 10)), signal).catch(() => undefined);
      try {
        for (const agentId of new Set(taken.map(({ entry }) => entry.agentId))) await journal.laneMarks(agentId);
        break;
      } catch (error) {
        log.warn({ err: error }, 'journal does not answer; asked again');
      }
    }
    this.#isStalled = false;
  }

  #drop(isDropped: (waiting: Waiting) => boolean): void {
    this.#pending = this.#pending.filter((waiting) => {
      if (!isDropped(waiting)) return true;
      this.#pendingBytes -= waiting.entry.frame.length;
      return false;
    });
    this.#settled.wake();
  }
}
