// One frame from an agent, which may be hostile: the typed message, or why it was refused.
// Promises: never throws on any bytes; nothing is allocated beyond the limits of delivery.ts; bytes of the value are views
// into the frame. A batch's body is not looked into here: see decode-batch-body.ts.
import { limits, protocolVersion } from '../delivery.ts';
import { readLane } from './lanes.ts';
import type { AgentFrame, BatchFrame, LostFrame, StreamEntry } from './messages.ts';
import { readHeartbeat, readHello } from './read-hello.ts';
import { refused, taken, type Decoded } from './refusals.ts';
import { readStreamEntry } from './stream-entry.ts';
import { WireReader } from './wire-reader.ts';

const none = new Uint8Array(0);
const safe = Number.MAX_SAFE_INTEGER;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function decodeAgentFrame(bytes: Uint8Array): Decoded<AgentFrame> {
  if (bytes.length > limits.frameBytesMax)
    return refused('too-large', `frame has ${bytes.length} bytes, the limit is ${limits.frameBytesMax}`);
  const reader = new WireReader(bytes);
  let frame: AgentFrame | undefined;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (frame) reader.fail('wrong-type', 'frame with more than one message');
    else if (tag === 10) frame = { is: 'hello', hello: readHello(reader) };
    else if (tag === 18) frame = { is: 'batch', batch: readBatch(reader) };
    else if (tag === 26) frame = { is: 'lost', lost: readLost(reader) };
    else if (tag === 34) frame = { is: 'heartbeat', heartbeat: readHeartbeat(reader) };
    else reader.fail('wrong-type', `frame with field ${tag >>> 3}, which no agent of version ${protocolVersion} sends`);
  }
  if (reader.problem) return reader.problem;
  if (!frame) return refused('wrong-type', 'frame without a message');
  return frame.is === 'hello' && frame.hello.protocolVersion !== protocolVersion
    ? unknownVersion(frame.hello.protocolVersion)
    : taken(frame);
}

function unknownVersion(version: number): Decoded<AgentFrame> {
  return refused('unknown-version', `agent speaks version ${version}, this hub speaks ${protocolVersion}`);
}

function readBatch(reader: WireReader): BatchFrame {
  const batch: Mutable<BatchFrame> = { lane: 'normal', epoch: none, sequence: 0, hash: none, body: none };
  let hasLane = false;
  reader.message('batch', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) {
        const lane = readLane(reader);
        hasLane = lane !== undefined;
        batch.lane = lane ?? 'normal';
      } else if (tag === 18) batch.epoch = reader.slice(16, 'batch.epoch');
      else if (tag === 24) batch.sequence = reader.uint(safe, 'batch.sequence');
      else if (tag === 34) batch.hash = reader.slice(32, 'batch.hash');
      else if (tag === 42) batch.body = reader.slice(limits.batchBytesMax, 'batch.body');
      else reader.skip(tag, 5, 'batch');
    }
    if (!hasLane || batch.epoch.length !== 16 || batch.hash.length !== 32 || batch.sequence < 1) {
      reader.fail('limit', 'batch needs a lane, an epoch of 16 bytes, a hash of 32 bytes and a sequence from 1');
    }
  });
  return batch;
}

function readLost(reader: WireReader): LostFrame {
  const streams: StreamEntry[] = [];
  const lost: Mutable<LostFrame> = { lane: 'normal', epoch: none, from: 0, to: 0, hash: none, reason: '', streams };
  let hasLane = false;
  reader.message('lost', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) {
        const lane = readLane(reader);
        hasLane = lane !== undefined;
        lost.lane = lane ?? 'normal';
      } else if (tag === 58 && streams.length === limits.streamsPerBatchMax) {
        reader.fail('limit', `lost with more than ${limits.streamsPerBatchMax} streams`);
      } else if (tag === 58) streams.push(readStreamEntry(reader));
      else readLostField(reader, tag, lost);
    }
    if (!hasLane || lost.epoch.length !== 16 || lost.hash.length !== 32 || lost.from < 1 || lost.to < lost.from) {
      reader.fail('limit', 'lost needs a lane, an epoch of 16 bytes, a hash of 32 bytes and bounds from 1 upwards');
    }
  });
  return lost;
}

function readLostField(reader: WireReader, tag: number, lost: Mutable<LostFrame>): void {
  if (tag === 18) lost.epoch = reader.slice(16, 'lost.epoch');
  else if (tag === 24) lost.from = reader.uint(safe, 'lost.from');
  else if (tag === 32) lost.to = reader.uint(safe, 'lost.to');
  else if (tag === 42) lost.hash = reader.slice(32, 'lost.hash');
  else if (tag === 50) lost.reason = reader.text(limits.textBytesMax, 'lost.reason');
  else reader.skip(tag, 7, 'lost');
}
