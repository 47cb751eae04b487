// An agent that does what a test says, frame by frame, on an in-memory channel.
import { createHash } from 'node:crypto';
import { chainStart, protocolVersion, type LaneName } from '../../../proto/delivery.ts';
import { chainHash } from '../../../proto/framing/chain-hash.ts';
import { decodeHubFrame } from '../../../proto/framing/decode-hub-frame.ts';
import { encodeBatchBody, encodeBatchFrame, encodeLostFrame } from '../../../proto/framing/encode-batch.ts';
import { encodeHeartbeat, encodeHello } from '../../../proto/framing/encode-hello.ts';
import { deflateLines } from '../../../proto/framing/inflate-lines.ts';
import { LinesWriter } from '../../../proto/framing/lines-writer.ts';
import type { HelloLane, HubFrame, StreamEntry } from '../../../proto/framing/messages.ts';
import { memoryChannels, type MemoryChannels } from '../../../proto/framing/testing/memory-channel.ts';

const none = new Uint8Array(0);
const webFile = { device: 1, inode: 7, fingerprint: new Uint8Array(32).fill(3), fingerprintBytes: 100 };

export function bodyWith(...lines: string[]): Buffer {
  const writer = new LinesWriter();
  writer.beginRun(0, 1_764_000_000_000);
  for (const line of lines) writer.line(Buffer.from(line), 0, Buffer.byteLength(line), 0);
  const bytes = writer.bytes();
  return encodeBatchBody({
    streams: [streamAt(lines.length)],
    lineCount: lines.length,
    rawBytes: bytes.length,
    lines: deflateLines(bytes, 1),
  });
}

export function streamAt(lineNumber: number): StreamEntry {
  return {
    sourceId: 'web',
    streamId: 'web-1',
    file: webFile,
    path: '/var/log/web.log',
    typeHint: '',
    timeZone: '',
    labels: {},
    policyHash: none,
    isTrimmed: false,
    endOffset: lineNumber * 100,
    endLineNumber: lineNumber,
    tailHash: createHash('sha256').update(String(lineNumber)).digest().subarray(0, 16),
    tailBytes: 100,
    counters: { linesRead: lineNumber, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: 1, bytesKept: 1, linesDropped: {} },
    cursor: '',
  };
}

export class ScriptedAgent {
  readonly channels: MemoryChannels = memoryChannels();
  readonly received: HubFrame[] = [];
  readonly lane: LaneName;
  epoch: Uint8Array;
  isClosed = false;
  /** Hashes by sequence, from 1; [0] is the chain's start. */
  hashes: Uint8Array[] = [chainStart];

  constructor(epoch = 7, lane: LaneName = 'normal') {
    this.lane = lane;
    this.epoch = Buffer.alloc(16, epoch);
    void this.#listen();
  }

  async hello(changes: Partial<HelloLane> = {}): Promise<void> {
    const nextSequence = this.hashes.length;
    const held = this.hashes.slice(1).map((hash, i) => ({ sequence: i + 1, hash }));
    const lane: HelloLane = { lane: this.lane, epoch: this.epoch, oldestSequence: 1, nextSequence, held, damaged: false, ...changes };
    const bytes = encodeHello({
      protocolVersion,
      lanes: [lane],
      capabilities: [],
      agentClockMs: 1_764_000_000_000,
      policyHash: none,
      agentVersion: '0.1.0',
      hostName: 'web1',
      sources: [],
    });
    await this.send(bytes);
  }

  /** A new epoch, from the chain's start. */
  begin(epoch: number): void {
    this.epoch = Buffer.alloc(16, epoch);
    this.hashes = [chainStart];
  }

  /** Sends the next batch on the chain. */
  async batch(...lines: string[]): Promise<void> {
    const body = bodyWith(...lines);
    this.hashes.push(chainHash(this.hashes.at(-1) ?? chainStart, body));
    await this.sendBatch(this.hashes.length - 1, body);
  }

  async sendBatch(sequence: number, body: Uint8Array, hash = this.hashes[sequence] ?? chainStart): Promise<void> {
    await this.send(encodeBatchFrame({ lane: this.lane, epoch: this.epoch, sequence, hash, body }));
  }

  async lost(from: number, to: number, hash: Uint8Array): Promise<void> {
    await this.send(
      encodeLostFrame({ lane: this.lane, epoch: this.epoch, from, to, hash, reason: 'drop_oldest', streams: [streamAt(to)] }),
    );
  }

  async heartbeat(): Promise<void> {
    await this.send(encodeHeartbeat({ agentClockMs: 1, sources: [], bufferedBatches: 3, bufferedBytes: 300 }));
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.channels.agentEnd.send(bytes).catch(() => undefined);
  }

  /** The highest sequence acknowledged so far. */
  get acked(): number {
    return this.all('ack').reduce((high, { ack }) => Math.max(high, ack.sequence), 0);
  }

  get refusal(): string | undefined {
    const last = this.all('refusal').at(-1)?.refusal;
    return last && `${last.code}: ${last.detail}`;
  }

  all<K extends HubFrame['is']>(kind: K): Extract<HubFrame, { is: K }>[] {
    return this.received.filter((frame): frame is Extract<HubFrame, { is: K }> => frame.is === kind);
  }

  async #listen(): Promise<void> {
    for await (const bytes of this.channels.agentEnd.frames()) {
      const frame = decodeHubFrame(bytes);
      if (!frame.ok) throw new Error(`the hub sent what its own protocol refuses: ${frame.detail}`);
      this.received.push(frame.value);
    }
    this.isClosed = true;
  }
}
