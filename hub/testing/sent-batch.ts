// A batch as an agent sends it and as the gateway enters it into the journal, for tests.
import { chainStart } from '../../proto/delivery.ts';
import { chainHash } from '../../proto/framing/chain-hash.ts';
import { encodeBatchBody, encodeBatchFrame } from '../../proto/framing/encode-batch.ts';
import { deflateLines } from '../../proto/framing/inflate-lines.ts';
import { LinesWriter } from '../../proto/framing/lines-writer.ts';
import { noCounters } from '../../proto/framing/stream-entry.ts';
import type { JournalEntry } from '../ports.ts';

/** Sends batches of one stream of one agent, in order. */
export class SentBatches {
  readonly agentId: string;
  readonly #epoch = new Uint8Array(16).fill(5);
  #hash: Uint8Array = chainStart;
  #sequence = 0;
  #linesRead = 0;
  #offset = 0;

  constructor(agentId = 'a'.repeat(32)) {
    this.agentId = agentId;
  }

  get epoch(): string {
    return Buffer.from(this.#epoch).toString('hex');
  }

  next(lines: readonly string[], atMs: number): JournalEntry {
    const writer = new LinesWriter();
    writer.beginRun(0, atMs);
    for (const line of lines) {
      const bytes = Buffer.from(line);
      writer.line(bytes, 0, bytes.length, this.#offset);
      this.#offset += bytes.length + 1;
    }
    const raw = writer.bytes();
    this.#linesRead += lines.length;
    const counters = { ...noCounters, linesRead: this.#linesRead };
    const place = { sourceId: 'auth', streamId: 's1', tailHash: new Uint8Array(), cursor: '', counters };
    const stream = {
      ...place,
      file: undefined,
      path: '/var/log/auth.log',
      typeHint: '',
      timeZone: 'UTC',
      labels: {},
      policyHash: new Uint8Array(),
      isTrimmed: false,
      endOffset: this.#offset,
      endLineNumber: this.#linesRead,
      tailBytes: 0,
    };
    const body = encodeBatchBody({ streams: [stream], lineCount: lines.length, rawBytes: raw.length, lines: deflateLines(raw, 1) });
    const sequence = ++this.#sequence;
    const hash = chainHash(this.#hash, body);
    this.#hash = hash;
    const frame = encodeBatchFrame({ lane: 'normal', epoch: this.#epoch, sequence, hash, body });
    const entry = { agentId: this.agentId, lane: 'normal', epoch: this.epoch, fromSequence: sequence, sequence, hash } as const;
    const streams = [{ ...place, offset: this.#offset, lineNumber: this.#linesRead }];
    return { ...entry, receivedAtMs: atMs, lineCount: lines.length, frame, streams };
  }
}
