// A sealed body as one record of the log: body, positions and counts in one write, so that they cannot part.
// Layout: 4 bytes length of the JSON head, the head, the body. A record without a body says what drop-newest threw away.
import type { SealedBody, StreamPosition } from '../ports.ts';
import { fromJson, toJson } from './json-bytes.ts';

export interface BodyHead {
  readonly is: 'batch' | 'dropped';
  readonly lineCount: number;
  readonly rawBytes: number;
  readonly positions: readonly StreamPosition[];
}

export interface StoredBody extends BodyHead {
  readonly body: Uint8Array;
}

/** The record's parts. */
export function encodeStored(is: 'batch' | 'dropped', { body, lineCount, rawBytes, positions }: SealedBody): readonly Uint8Array[] {
  const head = Buffer.from(toJson({ is, lineCount, rawBytes, positions } satisfies BodyHead));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length, 0);
  return [length, head, body];
}

export function decodeStored(bytes: Uint8Array): StoredBody {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const headEnd = 4 + view.readUInt32BE(0);
  // Ours, behind a checksum: parsed at the edge of the disk and trusted inside.
  const head = fromJson(view.subarray(4, headEnd).toString()) as BodyHead;
  return { ...head, body: view.subarray(headEnd) };
}

/** What a generation begins with. */
export interface LaneSnapshot {
  readonly positions: readonly StreamPosition[];
  readonly epoch: Uint8Array;
  /** Chain hash of the last record before this generation, where it was known. */
  readonly lastHash?: Uint8Array | undefined;
}

export function encodeSnapshot(snapshot: LaneSnapshot): Buffer {
  return Buffer.from(toJson(snapshot));
}

export function decodeSnapshot(bytes: Uint8Array): LaneSnapshot {
  return fromJson(Buffer.from(bytes).toString()) as LaneSnapshot;
}
