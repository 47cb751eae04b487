// Where two lanes stand that one source feeds, stream by stream (DECISION-first-lines.md).
// A lane has its own name for a stream (the hub counts by name), its own position and its own counters. The source is read
// on from the place of the lane that is behind; what the other one has already is passed over for it.
import type { StreamInfo, StreamPosition } from '../ports.ts';

export type Place = Pick<StreamPosition, 'offset' | 'lineNumber' | 'cursor'>;

/** Both lanes of one stream, under the name that the input knows. */
export interface StreamPlaces {
  readonly streamId: string;
  readonly normal: StreamPosition;
  readonly first: StreamPosition;
  /** The lane `first` had never heard of it. */
  readonly isNewToFirst: boolean;
}

const suffix = '-first';
const none = new Uint8Array(0);
/** Of a source from which nothing was ever read. */
export const beginning: Place = { offset: 0, lineNumber: 0, cursor: '' };
const noCounters = { linesRead: 0, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: 0, bytesKept: 0, linesDropped: {} };

export function nameInFirst(streamId: string): string {
  return `${streamId}${suffix}`;
}

export function isNameInFirst(streamId: string): boolean {
  return streamId.endsWith(suffix);
}

/** Of one source, in order of last move; the hub may have told each lane the other's streams too, and those copies are stale. */
export function streamPlaces(sourceId: string, normal: readonly StreamPosition[], first: readonly StreamPosition[]): StreamPlaces[] {
  const inFirst = new Map<string, StreamPosition>();
  for (const position of first) {
    const { stream } = position;
    if (stream.sourceId !== sourceId || !isNameInFirst(stream.streamId)) continue;
    const streamId = stream.streamId.slice(0, -suffix.length);
    inFirst.set(streamId, { ...position, stream: { ...stream, streamId } });
  }
  const places: StreamPlaces[] = [];
  for (const position of normal) {
    const { streamId } = position.stream;
    if (position.stream.sourceId !== sourceId || isNameInFirst(streamId)) continue;
    const other = inFirst.get(streamId);
    inFirst.delete(streamId);
    places.push({ streamId, normal: position, first: other ?? atItsBeginning(position), isNewToFirst: !other });
  }
  // The lane that does not know a stream begins where its reading began.
  for (const [streamId, position] of inFirst)
    places.push({ streamId, normal: atItsBeginning(position), first: position, isNewToFirst: false });
  return places;
}

function atItsBeginning({ stream }: StreamPosition): StreamPosition {
  return standingAt(stream, stream.began ?? beginning);
}

/** A place without the proof of the bytes before it. */
export function standingAt(stream: StreamInfo, { offset, lineNumber, cursor }: Place): StreamPosition {
  return { stream, offset, lineNumber, cursor, tailHash: none, tailBytes: 0, counters: noCounters };
}

/** Where the source is read on for both lanes. */
export function behind({ normal, first }: StreamPlaces): StreamPosition {
  const difference = compare(first, normal);
  const isFirst = difference < 0 || (difference === 0 && normal.tailBytes === 0);
  const [position, other] = isFirst ? [first, normal] : [normal, first];
  // A hub knows no paths.
  return position.stream.path === '' ? { ...position, stream: { ...position.stream, path: other.stream.path } } : position;
}

/** Negative when `a` is before `b`. */
export function compare(a: Pick<Place, 'offset' | 'cursor'>, b: Pick<Place, 'offset' | 'cursor'>): number {
  if (saysPlace(a.cursor) && saysPlace(b.cursor)) return compareCursors(a.cursor, b.cursor);
  return a.offset - b.offset;
}

/** What a file carries (where the header of its rows begins) is no place: its offset is. */
export function saysPlace(cursor: string): boolean {
  return cursor.startsWith('s=');
}

/** journald's: entries of one sequence have numbers; others are told apart by their time. */
function compareCursors(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [partsOf(a), partsOf(b)];
  const key = left.get('s') === right.get('s') && left.has('i') && right.has('i') ? 'i' : 't';
  const [one, two] = [left.get(key), right.get(key)].map((text) => BigInt(`0x${/^[0-9a-f]+$/i.exec(text ?? '')?.[0] ?? '0'}`));
  return (one ?? 0n) < (two ?? 0n) ? -1 : (one ?? 0n) > (two ?? 0n) ? 1 : 0;
}

function partsOf(cursor: string): Map<string, string> {
  return new Map(cursor.split(';').map((part): [string, string] => [part.slice(0, 1), part.slice(2)]));
}

const cursorPattern = /"__CURSOR" ?: ?"([^"\\]{1,512})"/;

/** The place of one line, for comparing: its own cursor where it carries one, else the offset at which it begins. */
export function cursorOfLine(bytes: Buffer, begin: number, end: number): string {
  return cursorPattern.exec(bytes.toString('latin1', begin, end))?.[1] ?? '';
}
