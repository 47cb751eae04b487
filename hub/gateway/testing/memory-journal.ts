// A Journal in memory with the semantics of the port: numbers without gaps, repeats skipped, gaps and other epochs
// refused, reading that waits. For tests of the gateway; it can be told to fail, to fail after writing, and to be full.
import type { LaneName } from '../../../proto/delivery.ts';
import { AtalaiaError } from '../../../proto/runtime/errors.ts';
import { Wake } from '../../../proto/runtime/wake.ts';
import type {
  AppendOutcome,
  Journal,
  JournalAppended,
  JournalEntry,
  JournalWrite,
  LaneMark,
  StreamCounters,
  StreamMark,
} from '../../ports.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class MemoryJournal implements Journal {
  /** What the next appends do instead of working. */
  readonly faults: ('fail' | 'fail-after-writing')[] = [];
  isFull = false;
  /** Resolves appends only while undefined; set to a promise to hold them. */
  gate: Promise<void> | undefined;

  readonly #nowMs: () => number;
  readonly #writes = new Map<number, JournalWrite>();
  readonly #lanes: Mutable<LaneMark>[] = [];
  readonly #streams = new Map<string, { agentId: string; mark: StreamMark }>();
  readonly #grown = new Wake();
  #next = 1;
  #freed = 0;

  constructor(nowMs: () => number = () => 0) {
    this.#nowMs = nowMs;
  }

  get writes(): readonly JournalWrite[] {
    return [...this.#writes.values()];
  }

  async append(entries: readonly JournalEntry[]): Promise<JournalAppended> {
    await this.gate;
    if (this.isFull) throw new AtalaiaError('JOURNAL_FULL', 'the journal in memory is full', { isRetryable: true });
    const fault = this.faults.shift();
    if (fault === 'fail') throw new AtalaiaError('JOURNAL_FAILED', 'the journal in memory failed', { isRetryable: true });
    const appended = this.#commit(entries);
    if (fault) throw new AtalaiaError('JOURNAL_FAILED', 'the journal in memory failed after writing', { isRetryable: true });
    return appended;
  }

  async *read(from: number, signal: AbortSignal): AsyncGenerator<JournalWrite> {
    let next = Math.max(from, this.#freed + 1, 1);
    while (!signal.aborted) {
      const write = this.#writes.get(next);
      if (!write) {
        await this.#grown.wait(signal);
        continue;
      }
      yield write;
      next++;
    }
  }

  async free(upTo: number): Promise<void> {
    this.#freed = Math.max(this.#freed, Math.min(upTo, this.#next - 1));
    for (const number of this.#writes.keys()) if (number <= this.#freed) this.#writes.delete(number);
  }

  async laneMarks(agentId: string): Promise<readonly LaneMark[]> {
    return this.#lanes.filter((mark) => mark.agentId === agentId).map((mark) => ({ ...mark, recent: [...mark.recent] }));
  }

  async streamMarks(agentId: string): Promise<readonly StreamMark[]> {
    return [...this.#streams.values()].filter((stream) => stream.agentId === agentId).map(({ mark }) => mark);
  }

  async beginEpoch(agentId: string, lane: LaneName, epoch: string): Promise<void> {
    if (this.#current(agentId, lane)?.epoch === epoch) return;
    const place = this.#lanes.findIndex((mark) => mark.agentId === agentId && mark.lane === lane && mark.epoch === epoch);
    const [begun] = place < 0 ? [] : this.#lanes.splice(place, 1);
    this.#lanes.push(begun ?? { agentId, lane, epoch, sequence: 0, hash: new Uint8Array(32), recent: [] });
  }

  status(): { oldest: number; next: number; bytes: number; isFull: boolean } {
    const bytes = this.writes.reduce((sum, { entries }) => sum + entries.reduce((size, { frame }) => size + frame.length, 0), 0);
    return { oldest: this.#freed + 1, next: this.#next, bytes, isFull: this.isFull };
  }

  async close(): Promise<void> {}

  #commit(entries: readonly JournalEntry[]): JournalAppended {
    const before = new Map<string, StreamCounters>();
    const accepted: JournalEntry[] = [];
    const refused = new Map<string, AppendOutcome>();
    const outcomes = entries.map((entry) => {
      const history = `${entry.agentId}/${entry.lane}/${entry.epoch}`;
      const outcome = refused.get(history) ?? this.#judge(entry);
      if (outcome !== 'written' && outcome !== 'repeat') refused.set(history, outcome);
      if (outcome === 'written') {
        for (const { streamId } of entry.streams) {
          const key = `${entry.agentId}/${streamId}`;
          const counters = this.#streams.get(key)?.mark.counters;
          if (counters && !before.has(key)) before.set(key, counters);
        }
        accepted.push({ ...entry, frame: Uint8Array.from(entry.frame), hash: Uint8Array.from(entry.hash) });
        this.#apply(entry);
      }
      return outcome;
    });
    if (accepted.length === 0) return { write: 0, outcomes };
    const number = this.#next++;
    this.#writes.set(number, { number, committedAtMs: this.#nowMs(), entries: accepted, before });
    this.#grown.wake();
    return { write: number, outcomes };
  }

  #judge(entry: JournalEntry): AppendOutcome {
    const mark = this.#current(entry.agentId, entry.lane);
    if (mark?.epoch !== entry.epoch) return 'other-epoch';
    if (entry.sequence <= mark.sequence) {
      const known = mark.recent.find(({ sequence }) => sequence === entry.sequence);
      return known && Buffer.compare(known.hash, entry.hash) !== 0 ? 'other-epoch' : 'repeat';
    }
    return entry.fromSequence > mark.sequence + 1 ? 'gap' : 'written';
  }

  #apply(entry: JournalEntry): void {
    const mark = this.#current(entry.agentId, entry.lane);
    if (!mark) return;
    mark.sequence = entry.sequence;
    mark.hash = Uint8Array.from(entry.hash);
    mark.recent = [...mark.recent, { sequence: entry.sequence, hash: mark.hash }].slice(-256);
    for (const stream of entry.streams) {
      const copy = { ...stream, tailHash: Uint8Array.from(stream.tailHash), write: this.#next };
      this.#streams.set(`${entry.agentId}/${stream.streamId}`, { agentId: entry.agentId, mark: copy });
    }
  }

  #current(agentId: string, lane: LaneName): Mutable<LaneMark> | undefined {
    return this.#lanes.findLast((mark) => mark.agentId === agentId && mark.lane === lane);
  }
}
