// Sorts the lines of one source into the lanes `first` and `normal`, each line into one of them, once.
// Promises: a line's lane follows from its bytes and its place alone, so a line that is read again goes where it went before;
// a lane that has a line already is passed over; both lanes come to know where the other one's lines ended (a block without
// lines carries the position). The parts are good until the next block.
import { compileFirst, type TravelsFirst } from '../../config/policy/first-rules.ts';
import type { LineBlock, StreamPosition } from '../ports.ts';
import { BlockPart } from './block-part.ts';
import { Beginnings } from './beginnings.ts';
import { effectiveFirst, type LanePositions, type SourceRoute } from './route-memory.ts';
import { behind, compare, cursorOfLine, nameInFirst, saysPlace, streamPlaces, type Place, type StreamPlaces } from './stream-places.ts';

export interface SortedBlock {
  readonly normal: LineBlock | undefined;
  readonly first: LineBlock | undefined;
}

/** A stream whose lanes stand at different places, until it is past them. */
interface Uneven {
  readonly normal: Place;
  readonly first: Place;
  readonly segments: readonly { readonly until: Place; readonly travelsFirst: TravelsFirst }[];
  readonly even: Place;
}

export class LineSorter {
  readonly #travelsFirst: TravelsFirst;
  readonly #uneven = new Map<string, Uneven>();
  readonly #beginnings: Beginnings;
  readonly #normal = new BlockPart();
  readonly #first = new BlockPart();
  /** Where the source is read on. */
  readonly resume: readonly StreamPosition[];

  constructor(sourceId: string, route: SourceRoute, { normal, first }: LanePositions) {
    this.#travelsFirst = compileFirst(route.conditions);
    const known = streamPlaces(sourceId, normal, first);
    this.#beginnings = new Beginnings(known.map(beginningOf));
    this.resume = known.map((places) => {
      const segments = route.earlier[places.streamId] ?? [];
      const firstPlace = effectiveFirst(places, segments);
      const ends: Place[] = [places.normal, firstPlace, ...segments.map(({ until }) => until)];
      const even = ends.reduce((furthest, end) => (compare(end, furthest) > 0 ? end : furthest));
      if (compare(places.normal, even) !== 0 || compare(firstPlace, even) !== 0)
        this.#uneven.set(places.streamId, {
          normal: places.normal,
          first: firstPlace,
          segments: segments.map(({ until, conditions }) => ({ until, travelsFirst: compileFirst(conditions) })),
          even,
        });
      return behind({ ...places, first: firstPlace });
    });
  }

  sort(block: LineBlock): SortedBlock {
    const stream = this.#beginnings.describe(block);
    const { streamId } = block.stream;
    const uneven = this.#uneven.get(streamId);
    if (uneven && this.#isPast(block, uneven)) this.#uneven.delete(streamId);
    const isUneven = this.#uneven.has(streamId);
    const { bytes, starts, ends, count } = block;
    this.#normal.begin(block);
    // What the input had to drop was sorted by nobody.
    this.#first.begin(block.dropped ? { ...block, dropped: {} } : block);
    for (let line = 0; line < count; line++) {
      const [start, end] = [starts[line] ?? 0, ends[line] ?? 0];
      if (uneven && isUneven) this.#sortUneven(block, line, uneven);
      else (this.#travelsFirst(bytes, start, end) ? this.#first : this.#normal).take(line);
    }
    const inFirst = { ...stream, streamId: nameInFirst(streamId) };
    return {
      normal: uneven && isUneven && !isBeyond(block, uneven.normal) ? undefined : this.#normal.block(stream),
      first: uneven && isUneven && !isBeyond(block, uneven.first) ? undefined : this.#first.block(inFirst),
    };
  }

  #sortUneven(block: LineBlock, line: number, { normal, first, segments }: Uneven): void {
    const [start, end] = [block.starts[line] ?? 0, block.ends[line] ?? 0];
    const cursor = !saysPlace(block.cursor) ? '' : cursorOfLine(block.bytes, start, end);
    const offset = block.baseOffset + (block.sourceStarts[line] ?? 0);
    // A cursor names the line itself, an offset where it begins.
    const isBefore = (place: Place): boolean =>
      saysPlace(cursor) && saysPlace(place.cursor) ? compare({ offset, cursor }, place) <= 0 : offset < place.offset;
    const segment = segments.find(({ until }) => isBefore(until));
    const isFirst = (segment?.travelsFirst ?? this.#travelsFirst)(block.bytes, start, end);
    if (!isBefore(isFirst ? first : normal)) (isFirst ? this.#first : this.#normal).take(line);
  }

  #isPast({ baseOffset, bytes, starts, ends, count, cursor }: LineBlock, { even }: Uneven): boolean {
    if (!saysPlace(cursor) || !saysPlace(even.cursor)) return baseOffset >= even.offset;
    const own = count > 0 ? cursorOfLine(bytes, starts[0] ?? 0, ends[0] ?? 0) : cursor;
    return own !== '' && compare({ offset: baseOffset, cursor: own }, even) > 0;
  }
}

function isBeyond({ endOffset, cursor }: LineBlock, place: Place): boolean {
  return compare({ offset: endOffset, cursor }, place) > 0;
}

/** Of both lanes' knowledge, what says where the stream began. */
function beginningOf({ streamId, normal, first }: StreamPlaces): Pick<StreamPosition, 'stream'> {
  const { stream } = normal.stream.began ? normal : first;
  return { stream: { ...stream, streamId } };
}
