// Hello and Heartbeat out of a frame: what an agent says about itself. Limits are those of delivery.ts.
import { limits } from '../delivery.ts';
import { readLane } from './lanes.ts';
import type { Heartbeat, Hello, HelloLane, SourceState } from './messages.ts';
import type { WireReader } from './wire-reader.ts';

const none = new Uint8Array(0);
const safe = Number.MAX_SAFE_INTEGER;
const capabilitiesMax = 64;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function readHello(reader: WireReader): Hello {
  const lanes: HelloLane[] = [];
  const capabilities: string[] = [];
  const sources: SourceState[] = [];
  const hello: Mutable<Hello> = {
    protocolVersion: 0,
    lanes,
    capabilities,
    agentClockMs: 0,
    policyHash: none,
    agentVersion: '',
    hostName: '',
    sources,
  };
  reader.message('hello', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) hello.protocolVersion = reader.uint(0xffff_ffff, 'hello.protocol_version');
      else if (tag === 18) push(reader, lanes, limits.lanesMax, readHelloLane);
      else if (tag === 26) push(reader, capabilities, capabilitiesMax, readCapability);
      else if (tag === 32) hello.agentClockMs = reader.uint(safe, 'hello.agent_clock_ms');
      else if (tag === 42) hello.policyHash = reader.slice(32, 'hello.policy_hash');
      else if (tag === 50) hello.agentVersion = reader.text(limits.textBytesMax, 'hello.agent_version');
      else if (tag === 58) hello.hostName = reader.text(limits.textBytesMax, 'hello.host_name');
      else if (tag === 66) push(reader, sources, limits.sourcesMax, readSourceState);
      else reader.skip(tag, 8, 'hello');
    }
    if (new Set(lanes.map((lane) => lane.lane)).size !== lanes.length) reader.fail('limit', 'hello names a lane twice');
  });
  return hello;
}

export function readHeartbeat(reader: WireReader): Heartbeat {
  const sources: SourceState[] = [];
  const heartbeat: Mutable<Heartbeat> = { agentClockMs: 0, sources, bufferedBatches: 0, bufferedBytes: 0 };
  reader.message('heartbeat', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) heartbeat.agentClockMs = reader.uint(safe, 'heartbeat.agent_clock_ms');
      else if (tag === 18) push(reader, sources, limits.sourcesMax, readSourceState);
      else if (tag === 24) heartbeat.bufferedBatches = reader.uint(safe, 'heartbeat.buffered_batches');
      else if (tag === 32) heartbeat.bufferedBytes = reader.uint(safe, 'heartbeat.buffered_bytes');
      else reader.skip(tag, 4, 'heartbeat');
    }
  });
  return heartbeat;
}

function push<T>(reader: WireReader, list: T[], max: number, read: (reader: WireReader) => T): void {
  if (list.length >= max) reader.fail('limit', `list of more than ${max} members`);
  else list.push(read(reader));
}

function readCapability(reader: WireReader): string {
  return reader.text(limits.textBytesMax, 'hello.capabilities');
}

function readHelloLane(reader: WireReader): HelloLane {
  const held: { sequence: number; hash: Uint8Array }[] = [];
  const lane: Mutable<HelloLane> = { lane: 'normal', epoch: none, oldestSequence: 0, nextSequence: 0, held, damaged: false };
  let hasLane = false;
  reader.message('hello.lanes', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) {
        const name = readLane(reader);
        hasLane = name !== undefined;
        lane.lane = name ?? 'normal';
      } else if (tag === 18) lane.epoch = reader.slice(16, 'lane.epoch');
      else if (tag === 24) lane.oldestSequence = reader.uint(safe, 'lane.oldest_sequence');
      else if (tag === 32) lane.nextSequence = reader.uint(safe, 'lane.next_sequence');
      else if (tag === 42) push(reader, held, limits.heldHashesMax, readHeldHash);
      else if (tag === 48) lane.damaged = reader.flag('lane.damaged');
      else reader.skip(tag, 6, 'lane');
    }
    if (!hasLane || lane.epoch.length !== 16 || lane.oldestSequence < 1 || lane.nextSequence < lane.oldestSequence) {
      reader.fail('limit', 'lane state needs a lane, an epoch of 16 bytes and 1 <= oldest_sequence <= next_sequence');
    }
  });
  return lane;
}

function readHeldHash(reader: WireReader): { sequence: number; hash: Uint8Array } {
  const pair: { sequence: number; hash: Uint8Array } = { sequence: 0, hash: none };
  reader.message('lane.held', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 8) pair.sequence = reader.uint(safe, 'held.sequence');
      else if (tag === 18) pair.hash = reader.slice(32, 'held.hash');
      else reader.skip(tag, 2, 'held');
    }
    if (pair.sequence < 1 || pair.hash.length !== 32) reader.fail('limit', 'held needs a sequence and a hash of 32 bytes');
  });
  return pair;
}

function readSourceState(reader: WireReader): SourceState {
  const state: Mutable<SourceState> = { sourceId: '', type: '', linesRead: 0, bytesRead: 0, lagBytes: 0, lastReadMs: 0, problem: '' };
  reader.message('source', () => {
    for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
      if (tag === 10) state.sourceId = reader.text(limits.textBytesMax, 'source.source_id');
      else if (tag === 18) state.type = reader.text(limits.textBytesMax, 'source.type');
      else if (tag === 24) state.linesRead = reader.uint(safe, 'source.lines_read');
      else if (tag === 32) state.bytesRead = reader.uint(safe, 'source.bytes_read');
      else if (tag === 40) state.lagBytes = reader.uint(safe, 'source.lag_bytes');
      else if (tag === 48) state.lastReadMs = reader.uint(safe, 'source.last_read_ms');
      else if (tag === 58) state.problem = reader.text(limits.textBytesMax, 'source.problem');
      else reader.skip(tag, 7, 'source');
    }
  });
  return state;
}
