// The files of one ring: `0000000007-FIRST-LAST.seg`, times of reading in milliseconds; `0000000008.open` is written to.
// Promises: names alone say which segments a window needs; mode 0600 in a folder of mode 0700; what a killed process left
// open is cut at its torn end and closed, or removed when nothing of it is whole.
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { errorCode } from '../../proto/runtime/errors.ts';
import { decodeHead, findMagic, frameHeadBytes, type FrameHead } from './frame.ts';

export interface Segment {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  /** Of reading; undefined for the one that is open. */
  readonly times: { readonly firstMs: number; readonly lastMs: number } | undefined;
}

export type Found =
  | { readonly is: 'frame'; readonly at: number; readonly head: FrameHead }
  /** Bytes in which no frame begins. `isEnd`: up to the end of the file, where a frame may be on its way. */
  | { readonly is: 'damaged'; readonly at: number; readonly bytes: number; readonly isEnd: boolean };

const searchBytes = 256 * 1024;

export function openName(number: number): string {
  return `${String(number).padStart(10, '0')}.open`;
}

export function closedName(number: number, { firstMs, lastMs }: { readonly firstMs: number; readonly lastMs: number }): string {
  return `${String(number).padStart(10, '0')}-${Math.floor(firstMs)}-${Math.ceil(lastMs)}.seg`;
}

/** Ascending; an absent folder has none. */
export async function listSegments(folder: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of await readdir(folder).catch(absent)) {
    const match = /^(\d{10})(?:\.open|-(\d{1,16})-(\d{1,16})\.seg)$/.exec(name);
    const path = join(folder, name);
    // Retention may take it away while we look.
    const size = match && (await stat(path).catch(() => undefined))?.size;
    if (!match || size === undefined || size === null) continue;
    const times = match[2] === undefined ? undefined : { firstMs: Number(match[2]), lastMs: Number(match[3]) };
    segments.push({ number: Number(match[1]), path, bytes: size, times });
  }
  return segments.sort((a, b) => a.number - b.number);
}

/** Frames by their heads, payloads are skipped; a head that does not fit is searched for behind the damage. */
export async function* framesOf(file: FileHandle, from = 0): AsyncGenerator<Found> {
  const { size } = await file.stat();
  for (let at = from; at < size;) {
    const head = decodeHead(await readAt(file, at, frameHeadBytes));
    const end = head ? at + frameHeadBytes + head.payloadBytes : Infinity;
    if (head && end <= size) {
      yield { is: 'frame', at, head };
      at = end;
      continue;
    }
    const next = await nextHead(file, at + 1, size);
    yield { is: 'damaged', at, bytes: (next ?? size) - at, isEnd: next === undefined };
    at = next ?? size;
  }
}

/** Undefined when its checksum does not fit. */
export async function readPayload(
  file: FileHandle,
  { at, head }: { readonly at: number; readonly head: FrameHead },
): Promise<Buffer | undefined> {
  const payload = await readAt(file, at + frameHeadBytes, head.payloadBytes);
  return payload.length === head.payloadBytes && crc32(payload) === head.payloadCrc ? payload : undefined;
}

/** Closes what a process left open: what is torn at its end is cut off. */
export async function finishSegment({ number, path }: Segment, folder: string): Promise<void> {
  const file = await open(path, 'r+');
  let [end, firstMs, lastMs] = [0, Infinity, -Infinity];
  try {
    for await (const found of framesOf(file)) {
      if (found.is === 'damaged') continue;
      // The head may have arrived before its payload did.
      if (!(await readPayload(file, found))) continue;
      end = found.at + frameHeadBytes + found.head.payloadBytes;
      firstMs = Math.min(firstMs, found.head.firstMs);
      lastMs = Math.max(lastMs, found.head.lastMs);
    }
    await file.truncate(end);
    await file.datasync();
  } finally {
    await file.close();
  }
  if (end === 0) await rm(path);
  else await rename(path, join(folder, closedName(number, { firstMs, lastMs })));
}

async function nextHead(file: FileHandle, from: number, size: number): Promise<number | undefined> {
  for (let at = from; at < size; at += searchBytes) {
    // A head may lie across two pieces.
    const piece = await readAt(file, at, searchBytes + frameHeadBytes);
    for (let place = findMagic(piece, 0); place >= 0 && place < searchBytes; place = findMagic(piece, place + 1)) {
      const head = decodeHead(piece.subarray(place));
      if (head && at + place + frameHeadBytes + head.payloadBytes <= size) return at + place;
    }
  }
  return undefined;
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function absent(error: unknown): string[] {
  if (errorCode(error) === 'ENOENT') return [];
  throw error;
}
