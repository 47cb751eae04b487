// One frame from a hub, as an agent reads it. Promises: never throws; refuses what is not a message of this version.
import { limits } from '../delivery.ts';
import { readLane } from './lanes.ts';
import type { Ack, Busy, Clocks, Credit, HubFrame, LaneWelcome, Refusal, RefusalCode, Welcome, WirePosition } from './messages.ts';
import { refused, taken, type Decoded } from './refusals.ts';
import { noCounters, readCounters, readFileIdentity } from './stream-entry.ts';
import { WireReader } from './wire-reader.ts';

const none = new Uint8Array(0);
const safe = Number.MAX_SAFE_INTEGER;
const uint32Max = 0xffff_ffff;
const refusalCodes: readonly RefusalCode[] = ['unspecified', 'not-authorised', 'back-off', 'protocol', 'superseded', 'unknown-version'];
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function decodeHubFrame(bytes: Uint8Array): Decoded<HubFrame> {
  if (bytes.length > limits.welcomeBytesMax)
    return refused('too-large', `frame has ${bytes.length} bytes, the limit is ${limits.welcomeBytesMax}`);
  const reader = new WireReader(bytes);
  let frame: HubFrame | undefined;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (frame) reader.fail('wrong-type', 'frame with more than one message');
    else if (tag === 10) frame = { is: 'welcome', welcome: readWelcome(reader) };
    else if (tag === 18) frame = { is: 'ack', ack: readAck(reader) };
    else if (tag === 26) frame = { is: 'busy', busy: readBusy(reader) };
    else if (tag === 34) frame = { is: 'refusal', refusal: readRefusal(reader) };
    else reader.fail('wrong-type', `frame with field ${tag >>> 3}, which no hub of this version sends`);
  }
  if (reader.problem) return reader.problem;
  return frame ? taken(frame) : refused('wrong-type', 'frame without a message');
}

function readWelcome(reader: WireReader): Welcome {
  const lanes: LaneWelcome[] = [];
  const welcome: Mutable<Welcome> = {
    protocolVersion: 0,
    hubId: none,
    incarnation: none,
    lanes,
    credit: { batches: 0, bytes: 0 },
    hubClockMs: 0,
  };
  reader.message('welcome', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) welcome.protocolVersion = reader.uint(uint32Max, 'welcome.protocol_version');
      else if (tag === 18) welcome.hubId = reader.slice(64, 'welcome.hub_id');
      else if (tag === 26) welcome.incarnation = reader.slice(64, 'welcome.incarnation');
      else if (tag === 34 && lanes.length === limits.lanesMax) reader.fail('limit', 'welcome with too many lanes');
      else if (tag === 34) lanes.push(readLaneWelcome(reader));
      else if (tag === 42) welcome.credit = readCredit(reader);
      else if (tag === 48) welcome.hubClockMs = reader.uint(safe, 'welcome.hub_clock_ms');
      else reader.skip(tag, 6, 'welcome');
    }
  });
  return welcome;
}

function readLaneWelcome(reader: WireReader): LaneWelcome {
  const positions: WirePosition[] = [];
  const lane: Mutable<LaneWelcome> = {
    lane: 'normal',
    epoch: none,
    epochKnown: false,
    commonSequence: 0,
    commonHash: none,
    parted: false,
    positions,
  };
  let hasLane = false;
  reader.message('welcome.lanes', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) {
        const name = readLane(reader);
        hasLane = name !== undefined;
        lane.lane = name ?? 'normal';
      } else if (tag === 18) lane.epoch = reader.slice(16, 'welcome.epoch');
      else if (tag === 24) lane.epochKnown = reader.flag('welcome.epoch_known');
      else if (tag === 32) lane.commonSequence = reader.uint(safe, 'welcome.common_sequence');
      else if (tag === 42) lane.commonHash = reader.slice(32, 'welcome.common_hash');
      else if (tag === 48) lane.parted = reader.flag('welcome.parted');
      else if (tag === 58) positions.push(readPosition(reader));
      else reader.skip(tag, 7, 'welcome.lanes');
    }
    if (!hasLane) reader.fail('limit', 'welcome names no lane');
  });
  return lane;
}

function readPosition(reader: WireReader): WirePosition {
  const position: Mutable<WirePosition> = {
    sourceId: '',
    streamId: '',
    file: undefined,
    offset: 0,
    lineNumber: 0,
    tailHash: none,
    counters: noCounters,
    cursor: '',
  };
  reader.message('position', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 10) position.sourceId = reader.text(limits.textBytesMax, 'position.source_id');
      else if (tag === 18) position.streamId = reader.text(limits.textBytesMax, 'position.stream_id');
      else if (tag === 26) position.file = readFileIdentity(reader);
      else if (tag === 32) position.offset = reader.uint(safe, 'position.offset');
      else if (tag === 40) position.lineNumber = reader.uint(safe, 'position.line_number');
      else if (tag === 50) position.tailHash = reader.slice(32, 'position.tail_hash');
      else if (tag === 58) position.counters = readCounters(reader);
      else if (tag === 66) position.cursor = reader.text(limits.textBytesMax, 'position.cursor');
      else reader.skip(tag, 8, 'position');
    }
  });
  return position;
}

function readCredit(reader: WireReader): Credit {
  const credit: Mutable<Credit> = { batches: 0, bytes: 0 };
  reader.message('credit', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) credit.batches = reader.uint(uint32Max, 'credit.batches');
      else if (tag === 16) credit.bytes = reader.uint(safe, 'credit.bytes');
      else reader.skip(tag, 2, 'credit');
    }
  });
  return credit;
}

function readClocks(reader: WireReader): Clocks {
  const clocks: Mutable<Clocks> = { hubClockMs: 0, agentClockMs: 0 };
  reader.message('clocks', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) clocks.hubClockMs = reader.uint(safe, 'clocks.hub_clock_ms');
      else if (tag === 16) clocks.agentClockMs = reader.uint(safe, 'clocks.agent_clock_ms');
      else reader.skip(tag, 2, 'clocks');
    }
  });
  return clocks;
}

function readAck(reader: WireReader): Ack {
  const ack: Mutable<Ack> = { lane: undefined, epoch: none, sequence: 0, hash: none, credit: undefined };
  reader.message('ack', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) ack.lane = readLane(reader);
      else if (tag === 18) ack.epoch = reader.slice(16, 'ack.epoch');
      else if (tag === 24) ack.sequence = reader.uint(safe, 'ack.sequence');
      else if (tag === 34) ack.hash = reader.slice(32, 'ack.hash');
      else if (tag === 42) ack.credit = readCredit(reader);
      else if (tag === 50) ack.clocks = readClocks(reader);
      else reader.skip(tag, 6, 'ack');
    }
  });
  return ack;
}

function readBusy(reader: WireReader): Busy {
  const busy: Mutable<Busy> = { credit: undefined, reason: '' };
  reader.message('busy', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 10) busy.credit = readCredit(reader);
      else if (tag === 18) busy.reason = reader.text(limits.textBytesMax, 'busy.reason');
      else if (tag === 26) busy.clocks = readClocks(reader);
      else reader.skip(tag, 3, 'busy');
    }
  });
  return busy;
}

function readRefusal(reader: WireReader): Refusal {
  const refusal: Mutable<Refusal> = { code: 'unspecified', detail: '', retryAfterMs: 0 };
  reader.message('refusal', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) refusal.code = refusalCodes[reader.uint(uint32Max, 'refusal.code')] ?? 'unspecified';
      else if (tag === 18) refusal.detail = reader.text(limits.textBytesMax, 'refusal.detail');
      else if (tag === 24) refusal.retryAfterMs = reader.uint(safe, 'refusal.retry_after_ms');
      else reader.skip(tag, 3, 'refusal');
    }
  });
  return refusal;
}
