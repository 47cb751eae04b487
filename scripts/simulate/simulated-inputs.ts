// Inputs of a simulated agent, as the ports want them: files that are known again by inode and proofs (as FileInput does
// it), and datagrams that are gone once they are taken.
// Promises: a position is used only if the file proves it (DELIVERY.md 9); a truncated file is a new stream; datagrams
// have no position, and their stream is new at each start (DELIVERY.md 4).
import { fingerprintOf, isEqual, tailHashOf } from '../../agent/inputs/file-proof.ts';
import type { Input, LineBlock, SourceStatus, StreamInfo, StreamPosition } from '../../agent/ports.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { Datagrams, Line, LogFile, LogFolder, SourceKind } from './log-files.ts';
import type { Life, World } from './turns.ts';

const proofBytesMax = 1_024;
const contentProofMin = 64;
const pollMs = 100;
const blockLinesMax = 6;
const noBytes = new Uint8Array(0);

export interface InputSurroundings {
  readonly world: World;
  readonly life: Life;
  readonly clock: Clock;
  readonly random: Random;
  /** Which line stands at which number of a stream, as it was read. */
  readonly noteRead: (streamId: string, lineNumber: number, line: Line) => void;
  /** A rule switched off: positions are believed without proof. */
  readonly believesPositions: boolean;
}

interface Tail {
  streamId: string;
  offset: number;
  lineNumber: number;
  tailBytes: number;
  tailHash: Uint8Array;
  fingerprint: Uint8Array;
  fingerprintBytes: number;
  /** The file's bytes when they were last looked at. */
  seen: Buffer | undefined;
}

export function fileInput(folder: LogFolder, around: InputSurroundings): Input {
  return {
    read: (resume, signal) => readFiles(folder, around, { resume, signal }),
    status: () => statusOf('file'),
  };
}

async function* readFiles(
  folder: LogFolder,
  around: InputSurroundings,
  { resume, signal }: { readonly resume: readonly StreamPosition[]; readonly signal: AbortSignal },
): AsyncGenerator<LineBlock> {
  const { world, life, clock } = around;
  const known = resume.filter(({ stream }) => stream.sourceId === 'file');
  const tails = new Map<number, Tail>();
  while (!signal.aborted) {
    let isQuiet = true;
    const seen = folder.changes.count;
    const files = [...folder.files];
    for (const file of files) {
      await world.park(life, 'read a file');
      if (signal.aborted) return;
      let tail = tails.get(file.inode) ?? placeOf(file, known, around);
      // A file that did not change needs no second look.
      if (tail.seen !== file.bytes && !standsIn(file, tail)) tail = newTail(around.random);
      tail.seen = file.bytes;
      tails.set(file.inode, tail);
      const block = nextBlock(file, tail, around);
      if (!block) continue;
      isQuiet = false;
      yield block;
    }
    if (!isQuiet) continue;
    await folder.changes.after(seen, signal);
    await clock.sleep(pollMs, signal).catch(() => undefined);
  }
}

function newTail(random: Random): Tail {
  const streamId = Buffer.from(random.bytes(16)).toString('hex');
  const nothing = { tailBytes: 0, tailHash: tailHashOf(noBytes), fingerprint: fingerprintOf(noBytes), fingerprintBytes: 0 };
  return { streamId, offset: 0, lineNumber: 0, ...nothing, seen: undefined };
}

/** The stream that this file continues: known by inode or content, and only if proven; of several the furthest. */
function placeOf(file: LogFile, known: StreamPosition[], { random, believesPositions }: InputSurroundings): Tail {
  const sameInode = known.filter(({ stream }) => stream.file?.inode === file.inode).reverse();
  const sameContent = known.filter(({ stream }) => (stream.file?.fingerprintBytes ?? 0) >= contentProofMin).reverse();
  const proven = [...sameInode, ...sameContent].filter(
    (position) => isProven(file, position) || (believesPositions && sameInode.includes(position)),
  );
  const [found] = proven.sort((a, b) => b.offset - a.offset);
  if (!found) return newTail(random);
  known.splice(known.indexOf(found), 1);
  const { stream, offset, lineNumber } = found;
  const tailBytes = Math.min(offset, proofBytesMax);
  const tailHash = tailHashOf(file.bytes.subarray(offset - tailBytes, offset));
  const { fingerprint = noBytes, fingerprintBytes = 0 } = stream.file ?? {};
  return { streamId: stream.streamId, offset, lineNumber, tailBytes, tailHash, fingerprint, fingerprintBytes, seen: undefined };
}

export function isProven({ bytes }: LogFile, { stream, offset, tailBytes, tailHash }: StreamPosition): boolean {
  const { fingerprint, fingerprintBytes } = stream.file ?? { fingerprint: noBytes, fingerprintBytes: 0 };
  if (fingerprintBytes === 0 || tailBytes > offset || offset > bytes.length || fingerprintBytes > bytes.length) return false;
  if (!isEqual(fingerprintOf(bytes.subarray(0, fingerprintBytes)), fingerprint)) return false;
  if (tailHash.length === 0) return tailBytes === 0;
  return isEqual(tailHashOf(bytes.subarray(offset - tailBytes, offset)), tailHash);
}

/** As agent/inputs/contradicts-file.ts asks it of real files. */
export function contradictsFolder({ files }: LogFolder, told: StreamPosition, own: StreamPosition): boolean {
  const file = files.find(({ inode }) => inode === own.stream.file?.inode);
  if (!file || !isProven(file, own)) return false;
  return !isProven(file, { ...told, stream: own.stream });
}

function standsIn({ bytes }: LogFile, { offset, tailBytes, tailHash }: Tail): boolean {
  return offset <= bytes.length && isEqual(tailHashOf(bytes.subarray(offset - tailBytes, offset)), tailHash);
}

function nextBlock(file: LogFile, tail: Tail, { world, clock, noteRead }: InputSurroundings): LineBlock | undefined {
  const first = file.ends.findIndex((end) => end > tail.offset);
  if (first < 0) return undefined;
  const last = Math.min(file.ends.length, first + 1 + world.below(blockLinesMax));
  const baseOffset = tail.offset;
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = first; at < last; at++) {
    starts.push(at === first ? baseOffset : (file.ends[at - 1] ?? 0));
    ends.push((file.ends[at] ?? 0) - 1);
    const line = file.lines[at];
    if (line) noteRead(tail.streamId, tail.lineNumber + at - first + 1, line);
  }
  advance(file, tail, { offset: file.ends[last - 1] ?? baseOffset, count: last - first });
  const { streamId, tailHash, tailBytes, fingerprint, fingerprintBytes } = tail;
  const stream = streamOf('file', streamId, { device: 1, inode: file.inode, fingerprint, fingerprintBytes });
  return {
    stream,
    readAtMs: clock.nowMs(),
    bytes: file.bytes,
    count: last - first,
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    baseOffset,
    sourceStarts: Uint32Array.from(starts, (start) => start - baseOffset),
    cut: [],
    endOffset: tail.offset,
    endLineNumber: tail.lineNumber,
    tailHash,
    tailBytes,
    cursor: '',
    bytesRead: tail.offset - baseOffset,
  };
}

function advance({ bytes }: LogFile, tail: Tail, to: { readonly offset: number; readonly count: number }): void {
  tail.offset = to.offset;
  tail.lineNumber += to.count;
  tail.tailBytes = Math.min(to.offset, proofBytesMax);
  tail.tailHash = tailHashOf(bytes.subarray(to.offset - tail.tailBytes, to.offset));
  tail.fingerprintBytes = Math.min(to.offset, proofBytesMax);
  tail.fingerprint = fingerprintOf(bytes.subarray(0, tail.fingerprintBytes));
}

function streamOf(source: SourceKind, streamId: string, file: StreamInfo['file']): StreamInfo {
  return { sourceId: source, streamId, file, path: `/logs/${source}`, typeHint: '', timeZone: 'UTC', labels: {} };
}

function statusOf(source: SourceKind): SourceStatus {
  return { sourceId: source, type: source, linesRead: 0, bytesRead: 0, lagBytes: 0, lastReadMs: 0, problem: '' };
}

export function datagramInput(arrived: Datagrams, around: InputSurroundings): Input {
  return {
    read: (_resume, signal) => readDatagrams(arrived, around, signal),
    status: () => statusOf('datagram'),
  };
}

async function* readDatagrams(
  arrived: Datagrams,
  { world, life, clock, random, noteRead }: InputSurroundings,
  signal: AbortSignal,
): AsyncGenerator<LineBlock> {
  const streamId = Buffer.from(random.bytes(16)).toString('hex');
  let offset = 0;
  let lineNumber = 0;
  while (!signal.aborted) {
    const seen = arrived.changes.count;
    await world.park(life, 'receive');
    const taken = arrived.take(1 + world.below(blockLinesMax));
    if (taken.length === 0) {
      await arrived.changes.after(seen, signal);
      await clock.sleep(pollMs, signal).catch(() => undefined);
      continue;
    }
    const bytes = Buffer.from(taken.map(({ text }) => `${text}\n`).join(''));
    const ends: number[] = [];
    for (const { text } of taken) ends.push((ends.at(-1) ?? -1) + Buffer.byteLength(text) + 1);
    const starts = ends.map((_, at) => (at === 0 ? 0 : (ends[at - 1] ?? 0) + 1));
    for (const line of taken) noteRead(streamId, ++lineNumber, line);
    const baseOffset = offset;
    offset += bytes.length;
    yield {
      stream: streamOf('datagram', streamId, undefined),
      readAtMs: clock.nowMs(),
      bytes,
      count: taken.length,
      starts: Uint32Array.from(starts),
      ends: Uint32Array.from(ends),
      baseOffset,
      sourceStarts: Uint32Array.from(starts),
      cut: [],
      endOffset: offset,
      endLineNumber: lineNumber,
      tailHash: noBytes,
      tailBytes: 0,
      cursor: '',
      bytesRead: bytes.length,
    };
  }
}
