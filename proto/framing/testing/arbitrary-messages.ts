// Arbitrary messages for property tests, within the limits of delivery.ts.
import * as fc from 'fast-check';
import type { StreamEntry, WireCounters } from '../messages.ts';

export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Uint8Array.from(bytes));
export const count = fc.oneof(fc.nat(), fc.maxSafeNat());
export const sequence = count.map((value) => Math.max(1, value));
export const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 20 }));
export const lane = fc.constantFrom('first' as const, 'normal' as const);
const optionalHash = fc.oneof(fc.constant(new Uint8Array(0)), bytesOf(32));

const uint32 = fc.nat({ max: 0xffff_ffff });

export const counters: fc.Arbitrary<WireCounters> = fc.record({
  linesRead: count,
  linesFiltered: count,
  linesTrimmed: count,
  linesCut: count,
  bytesRead: count,
  bytesKept: count,
  linesDropped: fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), count, { maxKeys: 4 }),
});

export const fileIdentity = fc.record({ device: count, inode: count, fingerprint: optionalHash, fingerprintBytes: uint32 });

export const streamEntry: fc.Arbitrary<StreamEntry> = fc.record({
  sourceId: text,
  streamId: text,
  file: fc.option(fileIdentity, { nil: undefined }),
  path: text,
  typeHint: text,
  timeZone: text,
  labels: fc.dictionary(fc.string({ maxLength: 12 }), text, { maxKeys: 4 }),
  policyHash: optionalHash,
  isTrimmed: fc.boolean(),
  endOffset: count,
  endLineNumber: count,
  tailHash: optionalHash,
  tailBytes: uint32,
  counters,
  cursor: text,
});

export const heldHash = fc.record({ sequence, hash: bytesOf(32) });

export const sourceState = fc.record({
  sourceId: text,
  type: text,
  linesRead: count,
  bytesRead: count,
  lagBytes: count,
  lastReadMs: count,
  problem: text,
});
