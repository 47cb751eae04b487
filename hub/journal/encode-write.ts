// One journal write as bytes: what was committed together, with the counters before it, so that a replay sees the same.
// Promises: decode(encode(write)) equals the write. Frames are copied once.
// Layout: 4 bytes length of the JSON head, the head, the frames one after the other.
import type { JournalEntry, JournalWrite, StreamCounters } from '../ports.ts';
import { revive, toJson } from './json-bytes.ts';

interface Head {
  readonly number: number;
  readonly committedAtMs: number;
  readonly entries: readonly (Omit<JournalEntry, 'frame'> & { readonly frameBytes: number })[];
  readonly before: readonly (readonly [string, StreamCounters])[];
}

/** The record's parts. */
export function encodeWrite(write: JournalWrite): readonly Uint8Array[] {
  const head: Head = {
    number: write.number,
    committedAtMs: write.committedAtMs,
    entries: write.entries.map(({ frame, ...entry }) => ({ ...entry, frameBytes: frame.length })),
    before: [...write.before],
  };
  const text = Buffer.from(toJson(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length, 0);
  return [length, text, ...write.entries.map(({ frame }) => frame)];
}

export function decodeWrite(bytes: Uint8Array): JournalWrite {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const headEnd = 4 + view.readUInt32BE(0);
  // Ours, behind a checksum: parsed at the edge of the disk and trusted inside.
  const head = JSON.parse(view.subarray(4, headEnd).toString(), revive) as Head;
  let at = headEnd;
  const entries = head.entries.map(({ frameBytes, ...entry }): JournalEntry => {
    at += frameBytes;
    return { ...entry, frame: new Uint8Array(bytes.buffer, bytes.byteOffset + at - frameBytes, frameBytes) };
  });
  return { number: head.number, committedAtMs: head.committedAtMs, entries, before: new Map(head.before) };
}
