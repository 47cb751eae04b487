// The disk side of one ring: appends frames, closes segments that are large or old enough, and takes the oldest away.
// Promises: never more than `maxBytes` and one frame; nothing older than `keep` and the time that one segment may span; only
// whole segments go, oldest first. A failed write gives up its segment: what was whole in it stays readable.
// One caller at a time.
import { mkdir, open, readFile, rename, rm, statfs, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { OriginalsKept } from '../../config/policy/sources/originals-kept.ts';
import type { Seal } from '../../proto/durable/sealing.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { giveBack } from '../../proto/runtime/give-back.ts';
import { encodeContent, encodeHead, frameHeadBytes, type FrameTable } from './frame.ts';
import { closedName, finishSegment, listSegments, openName, type Segment } from './segments.ts';

export interface NewFrame {
  readonly table: FrameTable;
  /** Handed over: it is empty once it was written. */
  readonly lines: Uint8Array;
  readonly firstMs: number;
  readonly lastMs: number;
}

interface OpenSegment {
  readonly number: number;
  readonly path: string;
  readonly file: FileHandle;
  readonly sinceMs: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
}

/** Parts of a ring: the unit in which the oldest is dropped. */
const segmentsAimed = 16;
const segmentBytesBounds = [256 * 1024, 8 * 1024 * 1024] as const;
const segmentMsBounds = [10_000, 86_400_000] as const;
const limitsName = 'limits.json';

export class RingFiles {
  readonly #folder: string;
  readonly #seal: Seal;
  readonly #freeBytesMin: number;
  kept: OriginalsKept;
  #closed: Segment[] = [];
  #open: OpenSegment | undefined;
  #lastNumber = 0;

  constructor(folder: string, { kept, seal, freeBytesMin }: { kept: OriginalsKept; seal: Seal; freeBytesMin: number }) {
    this.#folder = folder;
    this.kept = kept;
    this.#seal = seal;
    this.#freeBytesMin = freeBytesMin;
  }

  get bytes(): number {
    return this.#closed.reduce((sum, { bytes }) => sum + bytes, 0) + (this.#open?.bytes ?? 0);
  }

  /** Takes over what is there; to be called again after an append that failed. */
  async start(): Promise<void> {
    await this.#giveUp();
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const segment of await listSegments(this.#folder)) if (!segment.times) await finishSegment(segment, this.#folder);
    this.#closed = await listSegments(this.#folder);
    this.#lastNumber = Math.max(this.#lastNumber, this.#closed.at(-1)?.number ?? 0);
    // For the day on which no policy names this source any more.
    await writeFile(join(this.#folder, limitsName), JSON.stringify(this.kept), { mode: 0o600 });
  }

  async append({ table, lines, firstMs, lastMs }: NewFrame, nowMs: number): Promise<void> {
    await this.#checkRoom();
    const segment = this.#open ?? (await this.#begin(nowMs));
    const { number, bytes: at } = segment;
    const content = await encodeContent(table, lines);
    giveBack(lines);
    const payload = this.#seal.keyId === '' ? content : [this.#seal.seal(Buffer.concat(content), placeOf(number, at))];
    const payloadBytes = payload.reduce((sum, { length }) => sum + length, 0);
    const payloadCrc = payload.reduce((crc, part) => crc32(part, crc), 0);
    const head = encodeHead({ payloadBytes, firstMs, lastMs, lineCount: table.lineCount, payloadCrc });
    await writeWhole(segment.file, [head, ...payload], at);
    for (const part of [...content, ...payload]) giveBack(part);
    segment.bytes = at + frameHeadBytes + payloadBytes;
    segment.firstMs = Math.min(segment.firstMs, firstMs);
    segment.lastMs = Math.max(segment.lastMs, lastMs);
    if (segment.bytes >= this.#segmentBytes) await this.#close();
    await this.retain(nowMs);
  }

  /** Closes a segment that is old enough, and removes what is beyond age or size. */
  async retain(nowMs: number): Promise<void> {
    const spanMs = within(this.kept.keep / segmentsAimed, segmentMsBounds);
    if (this.#open && Math.abs(nowMs - this.#open.sinceMs) >= spanMs) await this.#close();
    while (this.#closed.length > 0) {
      const [oldest] = this.#closed;
      const isOver = this.bytes > this.kept.maxBytes || (oldest?.times?.lastMs ?? nowMs) < nowMs - this.kept.keep;
      if (!oldest || !isOver) break;
      await rm(oldest.path, { force: true });
      this.#closed.shift();
    }
  }

  async end(): Promise<void> {
    await this.#close();
  }

  get isEmpty(): boolean {
    return this.#closed.length === 0 && !this.#open;
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #segmentBytes(): number {
    return within(this.kept.maxBytes / segmentsAimed, segmentBytesBounds);
  }

  async #begin(nowMs: number): Promise<OpenSegment> {
    const number = this.#lastNumber + 1;
    const path = join(this.#folder, openName(number));
    const file = await open(path, 'wx', 0o600);
    this.#lastNumber = number;
    this.#open = { number, path, file, sinceMs: nowMs, bytes: 0, firstMs: Infinity, lastMs: -Infinity };
    return this.#open;
  }

  async #close(): Promise<void> {
    const segment = this.#open;
    if (!segment) return;
    const { number, path, file, bytes, firstMs, lastMs } = segment;
    await file.datasync();
    this.#open = undefined;
    await file.close();
    const times = { firstMs, lastMs };
    const closed = join(this.#folder, closedName(number, times));
    await rename(path, closed);
    this.#closed.push({ number, path: closed, bytes, times });
  }

  async #giveUp(): Promise<void> {
    const segment = this.#open;
    this.#open = undefined;
    await segment?.file.close().catch(() => undefined);
  }

  async #checkRoom(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize >= this.#freeBytesMin) return;
    const text = `less than ${this.#freeBytesMin} bytes are free in ${this.#folder}, which are left to the buffer; make room`;
    throw new AtalaiaError('DISK_FULL', text, { isRetryable: true });
  }
}

/** What a ring whose source is gone was promised; undefined when that cannot be read. */
export async function limitsOf(folder: string): Promise<OriginalsKept | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, limitsName), 'utf8'));
    const { keep, maxBytes } = typeof value === 'object' && value !== null ? { keep: 0, maxBytes: 0, ...value } : {};
    return typeof keep === 'number' && typeof maxBytes === 'number' && keep > 0 && maxBytes > 0 ? { keep, maxBytes } : undefined;
  } catch {
    return undefined;
  }
}

/** Of a frame, for its seal. */
export function placeOf(segment: number, at: number): string {
  return `segment ${segment} at ${at}`;
}

async function writeWhole(file: FileHandle, parts: readonly Uint8Array[], at: number): Promise<void> {
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await file.writev(parts, at);
  // Less than was asked for is a disk without room.
  if (bytesWritten < bytes)
    throw new AtalaiaError('DISK_FULL', `only ${bytesWritten} of ${bytes} bytes were written`, { isRetryable: true });
}

function within(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(most, Math.max(least, value));
}
