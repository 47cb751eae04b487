// Batches and their bodies: our bytes are protobuf, protobuf's bytes are ours, and hostile bytes are values.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../delivery.ts';
import { decodeAgentFrame } from './decode-agent-frame.ts';
import { readBody } from './decode-batch-body.ts';
import { batchHeaderBytesMax, encodeBatchBody, encodeBatchFrame, encodeLostFrame } from './encode-batch.ts';
import { bytesOf, lane, sequence, streamEntry, text } from './testing/arbitrary-messages.ts';
import { plain, relay } from './testing/reference.ts';

const batchFrame = fc.record({
  lane,
  epoch: bytesOf(16),
  sequence,
  hash: bytesOf(32),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
});

test('a batch frame means the same to protobufjs and to our decoder', () => {
  fc.assert(
    fc.property(batchFrame, (batch) => {
      const frame = encodeBatchFrame(batch);

      const reference = plain(relay.AgentMessage.decode(frame));
      const ours = decodeAgentFrame(frame);

      expect(reference).toEqual({
        batch: plain({ ...batch, lane: batch.lane === 'first' ? 1 : 2, ...(batch.body.length === 0 ? { body: undefined } : {}) }),
      });
      expect(plain(ours)).toEqual(plain({ ok: true, value: { is: 'batch', batch } }));
      expect(frame.length).toBeLessThanOrEqual(batch.body.length + batchHeaderBytesMax);
    }),
  );
});

test('a batch body means the same to protobufjs and to our decoder', () => {
  const body = fc.record({
    streams: fc.array(streamEntry, { maxLength: 4 }),
    lineCount: fc.integer({ min: 1, max: limits.batchLinesMax }),
    rawBytes: fc.integer({ min: 1, max: limits.batchRawBytesMax }),
    lines: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Uint8Array.from(bytes)),
  });
  fc.assert(
    fc.property(body, (message) => {
      const bytes = encodeBatchBody(message);

      const again = relay.BatchBody.encode(relay.BatchBody.decode(bytes)).finish();

      expect(plain(readBody(bytes))).toEqual(plain({ ok: true, value: message }));
      expect(plain(readBody(again))).toEqual(plain({ ok: true, value: message }));
    }),
  );
});

test('a Lost means the same to protobufjs and to our decoder', () => {
  const lost = fc.record({
    lane,
    epoch: bytesOf(16),
    from: fc.integer({ min: 1, max: 1_000 }),
    to: fc.integer({ min: 1_000, max: Number.MAX_SAFE_INTEGER }),
    hash: bytesOf(32),
    reason: text,
    streams: fc.array(streamEntry, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(lost, (message) => {
      const bytes = encodeLostFrame(message);

      const again = relay.AgentMessage.encode(relay.AgentMessage.decode(bytes)).finish();

      expect(plain(decodeAgentFrame(bytes))).toEqual(plain({ ok: true, value: { is: 'lost', lost: message } }));
      expect(plain(decodeAgentFrame(again))).toEqual(plain({ ok: true, value: { is: 'lost', lost: message } }));
    }),
  );
});

test('a body is a view into its frame, not a copy', () => {
  const frame = encodeBatchFrame({
    lane: 'normal',
    epoch: new Uint8Array(16),
    sequence: 1,
    hash: new Uint8Array(32),
    body: Buffer.from('abc'),
  });

  const decoded = decodeAgentFrame(frame);

  expect(decoded.ok && decoded.value.is === 'batch' && decoded.value.batch.body.buffer).toBe(frame.buffer);
});

test('no bytes whatever make a decoder throw', () => {
  const frame = encodeBatchFrame({
    lane: 'normal',
    epoch: new Uint8Array(16),
    sequence: 1,
    hash: new Uint8Array(32),
    body: encodeBatchBody({ streams: [], lineCount: 3, rawBytes: 20, lines: Buffer.from('zstd') }),
  });
  const damaged = fc.tuple(fc.nat(frame.length - 1), fc.nat(255), fc.nat(frame.length)).map(([at, value, end]) => {
    const copy = Buffer.from(frame);
    copy[at] = value;
    return copy.subarray(0, end);
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      expect(() => [decodeAgentFrame(bytes), readBody(bytes)]).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['an empty frame', new Uint8Array(0), 'wrong-type'],
  ['a frame above the limit', new Uint8Array(limits.frameBytesMax + 1), 'too-large'],
  [
    'a cut frame',
    encodeLostFrame({
      lane: 'first',
      epoch: new Uint8Array(16),
      from: 1,
      to: 2,
      hash: new Uint8Array(32),
      reason: 'x',
      streams: [],
    }).subarray(0, 20),
    'truncated',
  ],
  ['a length far beyond the frame', Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x0f), 'truncated'],
  ['a message of the hub', Uint8Array.of(0x2a, 0x00), 'wrong-type'],
  ['two messages in one frame', Uint8Array.of(0x22, 0x00, 0x22, 0x00), 'wrong-type'],
  ['a field of the wrong wire type', Uint8Array.of(0x22, 0x02, 0x0a, 0x00), 'wrong-type'],
  ['a group', Uint8Array.of(0x22, 0x01, 0x2b), 'wrong-type'],
  ['a number above 2^53', Uint8Array.of(0x22, 0x0b, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), 'limit'],
  ['a batch without an epoch', Uint8Array.of(0x12, 0x02, 0x08, 0x01), 'limit'],
  ['a Hello of another version', Uint8Array.of(0x0a, 0x02, 0x08, 0x07), 'unknown-version'],
])('%s is refused with its reason', (_name, bytes, reason) => {
  expect(decodeAgentFrame(bytes)).toMatchObject({ ok: false, reason });
});

test('a body that declares more than a batch may hold is refused before anything is inflated', () => {
  const tooMany = relay.BatchBody.encode({ lineCount: limits.batchLinesMax + 1, rawBytes: 1, lines: Buffer.from('x') }).finish();
  const tooLarge = relay.BatchBody.encode({ lineCount: 1, rawBytes: limits.batchRawBytesMax + 1, lines: Buffer.from('x') }).finish();
  const manyStreams = relay.BatchBody.encode({ streams: Array.from({ length: limits.streamsPerBatchMax + 1 }, () => ({})) }).finish();

  expect([readBody(tooMany), readBody(tooLarge), readBody(manyStreams)]).toMatchObject([
    { ok: false, reason: 'limit' },
    { ok: false, reason: 'limit' },
    { ok: false, reason: 'limit' },
  ]);
});

test('a path that is too long for the wire is shortened, so that its batch is not refused for ever', () => {
  const [sample] = fc.sample(streamEntry, 1);
  const bytes = encodeBatchBody({
    streams: [{ ...sample!, path: '/é'.repeat(4_000) }],
    lineCount: 0,
    rawBytes: 0,
    lines: new Uint8Array(0),
  });

  expect(readBody(bytes).ok).toBe(true);
});
