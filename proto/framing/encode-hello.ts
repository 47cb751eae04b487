// Hello and Heartbeat to bytes. Promises: what the agent sends keeps to the limits of delivery.ts whatever it was given:
// text is shortened and lists are ended there, because a long path must not keep an agent from its hub.
import { limits } from '../delivery.ts';
import { laneNumber } from './lanes.ts';
import type { Heartbeat, Hello, HelloLane, SourceState } from './messages.ts';
import { WireWriter } from './wire-writer.ts';

const writer = new WireWriter();
/** Characters, so that even four-byte ones stay within the limit in bytes. */
const textCharactersMax = limits.textBytesMax / 4;
const problemCharactersMax = 200;
/** Room for the rest of a Hello below the frame limit. */
const sourcesBytesMax = limits.frameBytesMax - 256 * 1024;

export function encodeHello(hello: Hello): Buffer {
  writer.message(1, () => {
    writer.uint(1, hello.protocolVersion);
    for (const lane of hello.lanes) writer.message(2, () => writeLane(lane));
    for (const capability of hello.capabilities) writer.element(3, Buffer.from(capability));
    writer.uint(4, hello.agentClockMs);
    writer.bytes(5, hello.policyHash);
    writer.text(6, hello.agentVersion.slice(0, textCharactersMax));
    writer.text(7, hello.hostName.slice(0, textCharactersMax));
    writeSources(8, hello.sources);
  });
  return writer.finish();
}

export function encodeHeartbeat(heartbeat: Heartbeat): Buffer {
  writer.message(4, () => {
    writer.uint(1, heartbeat.agentClockMs);
    writeSources(2, heartbeat.sources);
    writer.uint(3, heartbeat.bufferedBatches);
    writer.uint(4, heartbeat.bufferedBytes);
  });
  return writer.finish();
}

function writeLane(lane: HelloLane): void {
  writer.uint(1, laneNumber(lane.lane));
  writer.bytes(2, lane.epoch);
  writer.uint(3, lane.oldestSequence);
  writer.uint(4, lane.nextSequence);
  for (const pair of lane.held.slice(0, limits.heldHashesMax)) {
    writer.message(5, () => {
      writer.uint(1, pair.sequence);
      writer.bytes(2, pair.hash);
    });
  }
  writer.flag(6, lane.damaged);
}

function writeSources(field: number, sources: readonly SourceState[]): void {
  const before = writer.length;
  for (const state of sources.slice(0, limits.sourcesMax)) {
    if (writer.length - before > sourcesBytesMax) return;
    writer.message(field, () => {
      writer.text(1, state.sourceId.slice(0, textCharactersMax));
      writer.text(2, state.type.slice(0, textCharactersMax));
      writer.uint(3, state.linesRead);
      writer.uint(4, state.bytesRead);
      writer.uint(5, state.lagBytes);
      writer.uint(6, state.lastReadMs);
      writer.text(7, state.problem.slice(0, problemCharactersMax));
    });
  }
}
