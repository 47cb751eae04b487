// Lines of one ring that were read in a window of time, in the order in which they were read.
// Promises: changes nothing and waits for nobody, whether an agent writes to the ring or not; only segments and frames whose
// times touch the window are read; what is damaged, or could not be kept, is said in its place; lines that were read
// again after an unclean stop come once. Memory is that of one frame and one number per stream.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { LinesReader } from '../../proto/framing/lines-reader.ts';
import type { Seal } from '../../proto/durable/sealing.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import { decodeContent, type FrameStream } from './frame.ts';
import { placeOf } from './ring-files.ts';
import { framesOf, listSegments, readPayload, type Found, type Segment } from './segments.ts';

export interface OriginalLine {
  readonly is: 'line';
  readonly readAtMs: number;
  readonly stream: FrameStream;
  readonly offset: number;
  /** Good until the next item is asked for. */
  readonly bytes: Buffer;
  readonly isCut: boolean;
}

/** `damaged`: bytes of a segment that cannot be read. `missed`: lines that were not kept, before the next line. */
export type WindowItem =
  | OriginalLine
  | { readonly is: 'damaged'; readonly segment: number; readonly bytes: number }
  | { readonly is: 'missed'; readonly lines: number };

export interface Window {
  /** Times of reading, [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RingPlace {
  readonly folder: string;
  readonly seal: Seal;
}

/** Throws KEY_MISSING when frames are sealed with a key that was not given. */
export async function* readWindow({ folder, seal }: RingPlace, window: Window): AsyncGenerator<WindowItem> {
  const reader = new FrameReader(seal, window);
  for (const segment of await listSegments(folder)) {
    const { times } = segment;
    if (times && (times.lastMs < window.fromMs || times.firstMs >= window.toMs)) continue;
    yield* reader.segment(segment, folder);
  }
}

class FrameReader {
  readonly #seal: Seal;
  readonly #window: Window;
  readonly #lines = new LinesReader();
  /** Where each stream that can be read again has come to. */
  readonly #ends = new Map<string, number>();

  constructor(seal: Seal, window: Window) {
    this.#seal = seal;
    this.#window = window;
  }

  async *segment(segment: Segment, folder: string): AsyncGenerator<WindowItem> {
    const file = await openSegment(segment, folder);
    // Retention took it away.
    if (!file) return;
    try {
      for await (const found of framesOf(file)) {
        if (found.is === 'damaged') {
          // What is being written right now has no end yet.
          if (!found.isEnd || segment.times) yield { is: 'damaged', segment: segment.number, bytes: found.bytes };
          continue;
        }
        if (found.head.lastMs < this.#window.fromMs || found.head.firstMs >= this.#window.toMs) continue;
        const payload = await readPayload(file, found);
        yield* this.#frame(segment, found, payload);
      }
    } finally {
      await file.close();
    }
  }

  *#frame(segment: Segment, { at, head }: Extract<Found, { is: 'frame' }>, payload: Buffer | undefined): Generator<WindowItem> {
    const content = payload && this.#seal.open(payload, placeOf(segment.number, at));
    const decoded = content && decodeContent(content);
    if (!decoded || !this.#lines.open(decoded.lines, decoded.table).ok) {
      yield { is: 'damaged', segment: segment.number, bytes: head.payloadBytes };
      return;
    }
    const { streams, missed } = decoded.table;
    if (missed > 0) yield { is: 'missed', lines: missed };
    while (this.#lines.next()) {
      const { readAtMs, sourceOffset, bytes, start, end, isCut } = this.#lines;
      const stream = streams[this.#lines.stream];
      if (!stream || this.#isAgain(stream, sourceOffset) || readAtMs < this.#window.fromMs || readAtMs >= this.#window.toMs) continue;
      yield { is: 'line', readAtMs, stream, offset: sourceOffset, bytes: bytes.subarray(start, end), isCut };
    }
  }

  #isAgain({ streamId, canBeReadAgain }: FrameStream, offset: number): boolean {
    if (!canBeReadAgain) return false;
    if (offset < (this.#ends.get(streamId) ?? 0)) return true;
    this.#ends.set(streamId, offset + 1);
    return false;
  }
}

/** Under its name of now: it may have been closed since it was listed. Undefined when it is gone. */
async function openSegment({ number, path }: Segment, folder: string): Promise<Awaited<ReturnType<typeof open>> | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const renamed = (await listSegments(folder)).find((segment) => segment.number === number);
  return renamed && open(renamed.path, 'r').catch(() => undefined);
}

export interface RingListing {
  readonly source: string;
  readonly segments: number;
  readonly bytes: number;
  /** Undefined when there is nothing yet. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
}

export async function listRing(root: string, source: string): Promise<RingListing> {
  const segments = await listSegments(join(root, source));
  const times = (await Promise.all(segments.map((segment) => timesOf(segment, join(root, source))))).flat();
  return {
    source,
    segments: segments.length,
    bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
    firstMs: times.length > 0 ? Math.min(...times.map(({ firstMs }) => firstMs)) : undefined,
    lastMs: times.length > 0 ? Math.max(...times.map(({ lastMs }) => lastMs)) : undefined,
  };
}

/** A segment that is still written to says them frame by frame. */
async function timesOf(segment: Segment, folder: string): Promise<readonly { readonly firstMs: number; readonly lastMs: number }[]> {
  if (segment.times) return [segment.times];
  const file = await openSegment(segment, folder);
  if (!file) return [];
  try {
    const heads: { readonly firstMs: number; readonly lastMs: number }[] = [];
    for await (const found of framesOf(file)) if (found.is === 'frame') heads.push(found.head);
    return heads;
  } finally {
    await file.close();
  }
}
