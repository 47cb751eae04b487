// What a hub says, to bytes: Welcome, Ack, Busy, Refusal.
// Promises: a Welcome stays below welcomeBytesMax: positions are told newest first by the caller, and those without room
// are left out (their streams fall back to what the agent itself remembers).
import { limits } from '../delivery.ts';
import { laneNumber } from './lanes.ts';
import type { Ack, Busy, Clocks, Credit, LaneWelcome, Refusal, RefusalCode, Welcome, WirePosition } from './messages.ts';
import { writeCounters, writeFileIdentity } from './stream-entry.ts';
import { WireWriter } from './wire-writer.ts';

const writer = new WireWriter();
const positionBytesMax = 64 * 1024;
const refusalNumbers: Readonly<Record<RefusalCode, number>> = {
  unspecified: 0,
  'not-authorised': 1,
  'back-off': 2,
  protocol: 3,
  superseded: 4,
  'unknown-version': 5,
};

export function encodeWelcome(welcome: Welcome): Buffer {
  writer.message(1, () => {
    writer.uint(1, welcome.protocolVersion);
    writer.bytes(2, welcome.hubId);
    writer.bytes(3, welcome.incarnation);
    for (const lane of welcome.lanes) writer.message(4, () => writeLaneWelcome(lane));
    writer.message(5, () => writeCredit(welcome.credit));
    writer.uint(6, welcome.hubClockMs);
  });
  return writer.finish();
}

export function encodeAck(ack: Ack): Buffer {
  writer.message(2, () => {
    writer.uint(1, ack.lane === undefined ? 0 : laneNumber(ack.lane));
    writer.bytes(2, ack.epoch);
    writer.uint(3, ack.sequence);
    writer.bytes(4, ack.hash);
    const { credit, clocks } = ack;
    if (credit) writer.message(5, () => writeCredit(credit));
    if (clocks) writer.message(6, () => writeClocks(clocks));
  });
  return writer.finish();
}

export function encodeBusy({ credit, reason, clocks }: Busy): Buffer {
  writer.message(3, () => {
    if (credit) writer.message(1, () => writeCredit(credit));
    writer.text(2, reason);
    if (clocks) writer.message(3, () => writeClocks(clocks));
  });
  return writer.finish();
}

export function encodeRefusal(refusal: Refusal): Buffer {
  writer.message(4, () => {
    writer.uint(1, refusalNumbers[refusal.code]);
    writer.text(2, refusal.detail.slice(0, limits.textBytesMax / 4));
    writer.uint(3, refusal.retryAfterMs);
  });
  return writer.finish();
}

function writeLaneWelcome(lane: LaneWelcome): void {
  writer.uint(1, laneNumber(lane.lane));
  writer.bytes(2, lane.epoch);
  writer.flag(3, lane.epochKnown);
  writer.uint(4, lane.commonSequence);
  writer.bytes(5, lane.commonHash);
  writer.flag(6, lane.parted);
  for (const position of lane.positions) {
    if (writer.length > limits.welcomeBytesMax - positionBytesMax) return;
    writer.message(7, () => writePosition(position));
  }
}

function writePosition(position: WirePosition): void {
  writer.text(1, position.sourceId);
  writer.text(2, position.streamId);
  const file = position.file;
  if (file) writer.message(3, () => writeFileIdentity(writer, file));
  writer.uint(4, position.offset);
  writer.uint(5, position.lineNumber);
  writer.bytes(6, position.tailHash);
  writer.message(7, () => writeCounters(writer, position.counters));
  writer.text(8, position.cursor);
}

function writeCredit(credit: Credit): void {
  writer.uint(1, credit.batches);
  writer.uint(2, credit.bytes);
}

function writeClocks(clocks: Clocks): void {
  writer.uint(1, clocks.hubClockMs);
  writer.uint(2, clocks.agentClockMs);
}
