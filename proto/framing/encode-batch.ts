// The hot messages of an agent: a batch's body, the frame around it, and Lost.
// Promises: header and body are copied once into one buffer that is ready for the wire and for the disk; protobufjs
// decodes it to the same message (property test). Limits are the caller's: whoever seals a batch knows them.
import type { BatchBody, BatchFrame, LostFrame } from './messages.ts';
import { laneNumber } from './lanes.ts';
import { writeStreamEntry } from './stream-entry.ts';
import { varintBytes, writeVarint, WireWriter } from './wire-writer.ts';

/** At most this many bytes of an AgentMessage with a batch are not the body. */
export const batchHeaderBytesMax = 80;

const writer = new WireWriter();

/** A BatchBody; unchanged for the rest of its life, even when carried into a new epoch. */
export function encodeBatchBody(body: BatchBody): Buffer {
  for (const stream of body.streams) writer.message(1, () => writeStreamEntry(writer, stream));
  writer.uint(2, body.lineCount);
  writer.uint(3, body.rawBytes);
  writer.bytes(4, body.lines);
  return writer.finish();
}

/** An AgentMessage with a Batch. */
export function encodeBatchFrame(batch: BatchFrame): Buffer {
  const { epoch, sequence, hash, body } = batch;
  const bodyField = body.length === 0 ? 0 : 1 + varintBytes(body.length) + body.length;
  const inner = 2 + (2 + epoch.length) + (1 + varintBytes(sequence)) + (2 + hash.length) + bodyField;
  const frame = Buffer.allocUnsafe(1 + varintBytes(inner) + inner);
  let at = 0;
  frame[at++] = 0x12;
  at = writeVarint(frame, at, inner);
  frame[at++] = 0x08;
  frame[at++] = laneNumber(batch.lane);
  frame[at++] = 0x12;
  frame[at++] = epoch.length;
  frame.set(epoch, at);
  at += epoch.length;
  frame[at++] = 0x18;
  at = writeVarint(frame, at, sequence);
  frame[at++] = 0x22;
  frame[at++] = hash.length;
  frame.set(hash, at);
  at += hash.length;
  if (bodyField > 0) {
    frame[at++] = 0x2a;
    at = writeVarint(frame, at, body.length);
    frame.set(body, at);
  }
  return frame;
}

/** An AgentMessage with a Lost. */
export function encodeLostFrame(lost: LostFrame): Buffer {
  writer.message(3, () => {
    writer.uint(1, laneNumber(lost.lane));
    writer.bytes(2, lost.epoch);
    writer.uint(3, lost.from);
    writer.uint(4, lost.to);
    writer.bytes(5, lost.hash);
    writer.text(6, lost.reason);
    for (const stream of lost.streams) writer.message(7, () => writeStreamEntry(writer, stream));
  });
  return writer.finish();
}
