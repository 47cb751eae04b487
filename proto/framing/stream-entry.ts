// StreamEntry, StreamCounters and FileIdentity, to bytes and back; shared by batches, Lost and the positions of Welcome.
// Promises: what is read keeps to delivery.ts; maps are objects without a prototype, so a key such as `__proto__` is a
// key and nothing else. What is written keeps to the limits too, shortened if need be: a batch that the hub must refuse
// would hold up its lane for ever. Numbers of a file system above 2^53 are clamped when written: they are compared, never computed.
import { limits } from '../delivery.ts';
import type { StreamEntry, WireCounters, WireFileIdentity } from './messages.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

const none = new Uint8Array(0);
const safe = Number.MAX_SAFE_INTEGER;
const uint32Max = 0xffff_ffff;
const hashBytesMax = 32;

export const noCounters: WireCounters = {
  linesRead: 0,
  linesFiltered: 0,
  linesTrimmed: 0,
  linesCut: 0,
  bytesRead: 0,
  bytesKept: 0,
  linesDropped: {},
};

export function writeStreamEntry(writer: WireWriter, entry: StreamEntry): void {
  writer.text(1, clip(entry.sourceId));
  writer.text(2, clip(entry.streamId));
  const file = entry.file;
  if (file) writer.message(3, () => writeFileIdentity(writer, file));
  writer.text(4, clip(entry.path));
  writer.text(5, clip(entry.typeHint));
  writer.text(6, clip(entry.timeZone));
  for (const [key, value] of Object.entries(entry.labels).slice(0, limits.labelsPerStreamMax)) {
    writer.message(7, () => {
      writer.text(1, clip(key));
      writer.text(2, clip(value));
    });
  }
  writer.bytes(8, entry.policyHash);
  writer.flag(9, entry.isTrimmed);
  writer.uint(10, entry.endOffset);
  writer.uint(11, entry.endLineNumber);
  writer.bytes(12, entry.tailHash);
  writer.uint(13, entry.tailBytes);
  writer.message(14, () => writeCounters(writer, entry.counters));
  writer.text(15, clip(entry.cursor));
}

export function writeFileIdentity(writer: WireWriter, file: WireFileIdentity): void {
  writer.uint(1, Math.min(file.device, safe));
  writer.uint(2, Math.min(file.inode, safe));
  writer.bytes(3, file.fingerprint);
  writer.uint(4, file.fingerprintBytes);
}

export function writeCounters(writer: WireWriter, counters: WireCounters): void {
  writer.uint(1, counters.linesRead);
  writer.uint(2, counters.linesFiltered);
  writer.uint(3, counters.linesTrimmed);
  writer.uint(4, counters.linesCut);
  writer.uint(5, counters.bytesRead);
  writer.uint(6, counters.bytesKept);
  for (const [reason, count] of Object.entries(counters.linesDropped).slice(0, limits.labelsPerStreamMax)) {
    writer.message(7, () => {
      writer.text(1, clip(reason));
      writer.uint(2, count);
    });
  }
}

function clip(text: string): string {
  if (text.length <= limits.textBytesMax / 3 || Buffer.byteLength(text) <= limits.textBytesMax) return text;
  return text.slice(0, limits.textBytesMax / 4);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function readStreamEntry(reader: WireReader): StreamEntry {
  const labels: Record<string, string> = Object.create(null);
  const entry: Mutable<StreamEntry> = {
    sourceId: '',
    streamId: '',
    file: undefined,
    path: '',
    typeHint: '',
    timeZone: '',
    labels,
    policyHash: none,
    isTrimmed: false,
    endOffset: 0,
    endLineNumber: 0,
    tailHash: none,
    tailBytes: 0,
    counters: noCounters,
    cursor: '',
  };
  let labelCount = 0;
  reader.message('stream', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 58 && ++labelCount > limits.labelsPerStreamMax) reader.fail('limit', `more than ${limits.labelsPerStreamMax} labels`);
      else if (tag === 58) readLabel(reader, labels);
      else readStreamField(reader, tag, entry);
    }
  });
  return entry;
}

function readStreamField(reader: WireReader, tag: number, entry: Mutable<StreamEntry>): void {
  if (tag === 10) entry.sourceId = reader.text(limits.textBytesMax, 'stream.source_id');
  else if (tag === 18) entry.streamId = reader.text(limits.textBytesMax, 'stream.stream_id');
  else if (tag === 26) entry.file = readFileIdentity(reader);
  else if (tag === 34) entry.path = reader.text(limits.textBytesMax, 'stream.path');
  else if (tag === 42) entry.typeHint = reader.text(limits.textBytesMax, 'stream.type_hint');
  else if (tag === 50) entry.timeZone = reader.text(limits.textBytesMax, 'stream.time_zone');
  else if (tag === 66) entry.policyHash = reader.slice(hashBytesMax, 'stream.policy_hash');
  else if (tag === 72) entry.isTrimmed = reader.flag('stream.is_trimmed');
  else if (tag === 80) entry.endOffset = reader.uint(safe, 'stream.end_offset');
  else if (tag === 88) entry.endLineNumber = reader.uint(safe, 'stream.end_line_number');
  else if (tag === 98) entry.tailHash = reader.slice(hashBytesMax, 'stream.tail_hash');
  else if (tag === 104) entry.tailBytes = reader.uint(uint32Max, 'stream.tail_bytes');
  else if (tag === 114) entry.counters = readCounters(reader);
  else if (tag === 122) entry.cursor = reader.text(limits.textBytesMax, 'stream.cursor');
  else reader.skip(tag, 15, 'stream');
}

function readLabel(reader: WireReader, labels: Record<string, string>): void {
  let key = '';
  let value = '';
  reader.message('label', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 10) key = reader.text(limits.textBytesMax, 'label key');
      else if (tag === 18) value = reader.text(limits.textBytesMax, 'label value');
      else reader.skip(tag, 2, 'label');
    }
  });
  labels[key] = value;
}

export function readFileIdentity(reader: WireReader): WireFileIdentity {
  const file: Mutable<WireFileIdentity> = { device: 0, inode: 0, fingerprint: none, fingerprintBytes: 0 };
  reader.message('file', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) file.device = reader.uint(safe, 'file.device');
      else if (tag === 16) file.inode = reader.uint(safe, 'file.inode');
      else if (tag === 26) file.fingerprint = reader.slice(hashBytesMax, 'file.fingerprint');
      else if (tag === 32) file.fingerprintBytes = reader.uint(uint32Max, 'file.fingerprint_bytes');
      else reader.skip(tag, 4, 'file');
    }
  });
  return file;
}

export function readCounters(reader: WireReader): WireCounters {
  const linesDropped: Record<string, number> = Object.create(null);
  const counters: Mutable<WireCounters> = { ...noCounters, linesDropped };
  let reasonCount = 0;
  reader.message('counters', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) counters.linesRead = reader.uint(safe, 'counters.lines_read');
      else if (tag === 16) counters.linesFiltered = reader.uint(safe, 'counters.lines_filtered');
      else if (tag === 24) counters.linesTrimmed = reader.uint(safe, 'counters.lines_trimmed');
      else if (tag === 32) counters.linesCut = reader.uint(safe, 'counters.lines_cut');
      else if (tag === 40) counters.bytesRead = reader.uint(safe, 'counters.bytes_read');
      else if (tag === 48) counters.bytesKept = reader.uint(safe, 'counters.bytes_kept');
      else if (tag === 58 && ++reasonCount > limits.labelsPerStreamMax) reader.fail('limit', 'too many reasons of dropped lines');
      else if (tag === 58) readDropped(reader, linesDropped);
      else reader.skip(tag, 7, 'counters');
    }
  });
  return counters;
}

function readDropped(reader: WireReader, linesDropped: Record<string, number>): void {
  let reason = '';
  let count = 0;
  reader.message('lines_dropped', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 10) reason = reader.text(limits.textBytesMax, 'lines_dropped reason');
      else if (tag === 16) count = reader.uint(safe, 'lines_dropped count');
      else reader.skip(tag, 2, 'lines_dropped');
    }
  });
  linesDropped[reason] = count;
}
