// On which rung of the ladder the lines of each source stand in one lane: committed, waiting, lost (DECISION-lane-lines.md).
// The counters of the last batch that the hub has committed are those of its lines (DELIVERY.md 3): they are noted when a
// batch is read to be sent, and believed when its ack comes. Costs nothing for lines, a few words for a batch on its way.
// Promises: kept = committed + waiting + lost + unsure, for each source; what is not known is null, never a guess.
// Limit: notes of 4,096 batches; of what was sent beyond, the lane reads again what it held.
import type { StreamPosition } from '../ports.ts';
import { linesKept, linesOf, type LostLines } from './lost-lines.ts';
import { positionsMax } from './positions.ts';

/** Lines of one source that filter and limits left. */
export interface LinesInLane {
  /** The hub has them. */
  readonly committed: number | null;
  /** Buffered, and the hub has not acknowledged them. */
  readonly waiting: number | null;
  /** Of those waiting: sent in this connection. */
  readonly sent: number | null;
  /** Dropped from a full buffer, or damaged: told to the hub, or about to be. */
  readonly lost: number | null;
  /** Committed or lost, which is not known: from before damage, a roll-back or an earlier life of the buffer. */
  readonly unsure: number | null;
}

interface Note {
  readonly from: number;
  readonly to: number;
  /** By stream, behind `to`. */
  readonly kept: readonly (readonly [string, number])[];
}

const notesMax = 4_096;
const unknown: LinesInLane = { committed: null, waiting: null, sent: null, lost: null, unsure: null };

export class LaneLines {
  /** Lines kept by stream, up to the acknowledged mark. */
  #acked = new Map<string, number>();
  /** Streams that are not in #acked have none there. */
  #isWhole = false;
  /** What was read to be sent behind the mark, ascending. */
  #notes: Note[] = [];

  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** These are the places at the acknowledged mark. */
  begin(positions: readonly StreamPosition[]): void {
    this.#acked = new Map(positions.map(({ stream, counters }) => [stream.streamId, linesKept(counters)]));
    this.#isWhole = true;
    this.#notes = [];
  }

  /** The hub has these up to here. */
  learn(positions: readonly StreamPosition[]): void {
    for (const { stream, counters } of positions) this.#acked.set(stream.streamId, linesKept(counters));
  }

  forget(): void {
    this.#acked = new Map();
    this.#isWhole = false;
    this.#notes = [];
  }

  /** Lines kept up to the mark; undefined where that is not known. */
  ackedOf(streamId: string): number | undefined {
    return this.#acked.get(streamId) ?? (this.#isWhole ? 0 : undefined);
  }

  /** The last that is on its way to the hub below a number, and the lines up to there; the mark itself where nothing is. */
  sentBelow(number: number, acked: number): { readonly sent: number; readonly keptOf: (streamId: string) => number | undefined } {
    const notes = this.#notes.filter(({ to }) => to < number);
    const kept = new Map(notes.flatMap((note) => note.kept));
    return { sent: notes.at(-1)?.to ?? acked, keptOf: (streamId) => kept.get(streamId) ?? this.ackedOf(streamId) };
  }

  /** The connection is another: what was on its way is sent again. */
  forgetSent(): void {
    this.#notes = [];
  }

  /** Records or a hole, with the places behind them, on their way to the hub. */
  note(from: number, to: number, positions: readonly StreamPosition[]): void {
    while ((this.#notes.at(-1)?.to ?? 0) >= from) this.#notes.pop();
    this.#notes.push({ from, to, kept: positions.map(({ stream, counters }) => [stream.streamId, linesKept(counters)]) });
    if (this.#notes.length > notesMax) this.#notes.shift();
  }

  /** The mark moves; false, and nothing moved, where the notes do not tell of everything between. */
  advance(from: number, to: number): boolean {
    let next = from;
    const passed = this.#notes.filter((note) => note.to <= to && note.to >= from);
    for (const note of passed) if (note.from <= next) next = note.to + 1;
    if (next <= to) return false;
    for (const { kept } of passed) for (const [streamId, lines] of kept) this.#acked.set(streamId, lines);
    this.#notes = this.#notes.filter((note) => note.to > to);
    return true;
  }

  /** By source. `sentUpTo`: the last number that was sent in this connection. */
  tell(positions: readonly StreamPosition[], lost: LostLines, sentUpTo: number): ReadonlyMap<string, LinesInLane> {
    const sums = new Map<string, { kept: number; acked: number | undefined; sent: number }>();
    const sent = new Map(this.#notes.filter(({ to }) => to <= sentUpTo).flatMap(({ kept }) => kept));
    for (const { stream, counters } of positions) {
      const sum = sums.get(stream.sourceId) ?? { kept: 0, acked: 0, sent: 0 };
      sums.set(stream.sourceId, sum);
      const acked = this.ackedOf(stream.streamId);
      sum.kept += linesKept(counters);
      sum.acked = acked === undefined || sum.acked === undefined ? undefined : sum.acked + acked;
      sum.sent += Math.max(0, (sent.get(stream.streamId) ?? 0) - (acked ?? Infinity));
    }
    // Of streams that were forgotten the counters are gone, and what was lost of them is not.
    const areAll = positions.length < positionsMax;
    return new Map([...sums].map(([source, sum]) => [source, rungs(source, sum, { lost, sentUpTo, areAll })]));
  }
}

function rungs(
  source: string,
  { kept, acked, sent }: { readonly kept: number; readonly acked: number | undefined; readonly sent: number },
  { lost, sentUpTo, areAll }: { readonly lost: LostLines; readonly sentUpTo: number; readonly areAll: boolean },
): LinesInLane {
  if (lost.isPending) return unknown;
  const [told, unsaid, unsure] = [lost.told, lost.unsaid, lost.unsure].map((lines) => linesOf(lines, source)) as [number, number, number];
  const untoldUpTo = (number: number): number =>
    lost.untold.reduce((sum, { to, lines }) => sum + (to <= number ? linesOf(lines, source) : 0), 0);
  const untold = untoldUpTo(Infinity) + unsaid;
  if (acked === undefined) return { ...unknown, lost: told + untold, unsure };
  const committed = acked - told - unsure;
  const waiting = kept - acked - untold;
  if (committed < 0 || waiting < 0 || (!areAll && told + untold + unsure > 0)) return unknown;
  return { committed, waiting, sent: Math.max(0, sent - untoldUpTo(sentUpTo)), lost: told + untold, unsure };
}
