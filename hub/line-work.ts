// The heart of a hub worker: one journal write in, rows in the open block and findings out. Inflate, split, normalise,
// match, append: the whole path of an event on this side in one screen.
// Promises: as many rows as the batch has lines, whatever is in them, so that a block's row count is known before it is
// stored; a batch that cannot be read at all is told (`damaged`) and gives no rows; the same write gives the same rows
// and findings however often it is worked. Would break it: anything here that looks at the clock.
import { EventRow } from '../config/fields/row.ts';
import { plainKind } from '../config/fields/kinds.ts';
import { slotOf } from '../config/fields/registry.ts';
import { decodeAgentFrame } from '../proto/framing/decode-agent-frame.ts';
import { readBody } from '../proto/framing/decode-batch-body.ts';
import { inflateLines, releaseLines } from '../proto/framing/inflate-lines.ts';
import { LinesReader } from '../proto/framing/lines-reader.ts';
import type { BatchFrame, StreamEntry } from '../proto/framing/messages.ts';
import { FindingCollector } from './detect/findings/collect-findings.ts';
import type { Matcher, Ruleset } from './detect/engine/ruleset.ts';
import { canonicalAddress } from './normalise/addresses.ts';
import type { Normaliser } from './normalise/create-normaliser.ts';
import type { BlockWriter } from './store/native/block-writer.ts';
import type { StoredLines, ToWorker, WorkCounts, WorkEntry, WorkerFinding } from './work.ts';

type Work = Extract<ToWorker, { is: 'work' }>;

export interface Worked {
  readonly rows: number;
  readonly findings: readonly WorkerFinding[];
  readonly maxTimeMs: number;
  readonly counts: WorkCounts;
  readonly stored: readonly StoredLines[];
  /** Batches that could not be read, by entry; the journal holds their bytes. */
  readonly damaged: readonly { readonly entry: number; readonly reason: string }[];
}

export interface LineWorkParts {
  readonly normaliser: Normaliser;
  readonly ruleset: Ruleset;
  readonly writer: Pick<BlockWriter, 'append'>;
  /** Called before a line is tried, when the work is careful; returns when that is durable. */
  readonly trying?: (entry: number, index: number) => void;
}

interface Tally {
  rows: number;
  lines: number;
  rawBytes: number;
  problems: number;
  maxTimeMs: number;
  readonly decoders: Record<string, number>;
  readonly stored: StoredLines[];
  readonly damaged: { entry: number; reason: string }[];
}

const messageSlot = slotOf('message');
export const refusedProblem = 'the event store refused this line as it was decoded: stored as it came';
export const poisonProblem = 'this line ended the hub three times: stored as it came, without decoding and rules';

export class LineWork {
  readonly #parts: LineWorkParts;
  readonly #row = new EventRow();
  readonly #lines = new LinesReader();
  readonly #matcher: Matcher;
  readonly #collector: FindingCollector;

  constructor(parts: LineWorkParts) {
    this.#parts = parts;
    this.#matcher = parts.ruleset.matcher();
    this.#collector = new FindingCollector(parts.ruleset);
  }

  work(work: Work): Worked {
    const tally: Tally = { rows: 0, lines: 0, rawBytes: 0, problems: 0, maxTimeMs: 0, decoders: {}, stored: [], damaged: [] };
    const findings: WorkerFinding[] = [];
    for (const [at, entry] of work.entries.entries()) {
      const reason = this.#batch(work, at, entry, tally);
      if (reason !== undefined) tally.damaged.push({ entry: at, reason });
      findings.push(...this.#collector.take());
    }
    const { rows, lines, rawBytes, problems, decoders, maxTimeMs, stored, damaged } = tally;
    return { rows, findings, maxTimeMs, stored, damaged, counts: { lines, rawBytes, problems, decoders } };
  }

  /** Returns why the batch could not be read; undefined when it was. */
  #batch(work: Work, at: number, entry: WorkEntry, tally: Tally): string | undefined {
    const frame = decodeAgentFrame(entry.frame);
    if (!frame.ok) return frame.detail;
    // A hole has no lines; the ledger books it.
    if (frame.value.is === 'lost') return undefined;
    if (frame.value.is !== 'batch') return `a ${frame.value.is} where a batch belongs`;
    const { batch } = frame.value;
    const body = readBody(batch.body);
    if (!body.ok) return body.detail;
    const inflated = inflateLines(body.value);
    if (!inflated.ok) return inflated.detail;
    const opened = this.#lines.open(inflated.value, body.value);
    if (!opened.ok) return opened.detail;
    tally.rawBytes += body.value.rawBytes;
    const poison = new Set(work.poison.filter((line) => line.entry === at).map(({ index }) => index));
    const epoch = Buffer.from(batch.epoch).toString('hex');
    const linesOf = body.value.streams.map(() => 0);
    // The path of a stream that came over the network is its peer; a file's is no address.
    const peerOf = body.value.streams.map(({ file, path }) => (file ? undefined : canonicalAddress(path)));
    while (this.#lines.next()) {
      linesOf[this.#lines.stream] = (linesOf[this.#lines.stream] ?? 0) + 1;
      if (work.careful) this.#parts.trying?.(at, this.#lines.index);
      const stream = body.value.streams[this.#lines.stream];
      const peer = peerOf[this.#lines.stream];
      if (stream) this.#line({ work, entry, batch, stream, peer, epoch, isPoison: poison.has(this.#lines.index) }, tally);
    }
    releaseLines(inflated.value);
    for (const [at, { streamId }] of body.value.streams.entries())
      tally.stored.push({ agentId: entry.agentId, epoch, lane: batch.lane, sequence: batch.sequence, streamId, lines: linesOf[at] ?? 0 });
    return undefined;
  }

  #line({ work, entry, batch, stream, peer, epoch, isPoison }: OneLine, tally: Tally): void {
    const { bytes, start, end, readAtMs, index, isCut } = this.#lines;
    const row = this.#row;
    row.clear();
    const text = bytes.toString('utf8', start, end);
    if (isPoison) keepRaw(row, text, readAtMs);
    else this.#parts.normaliser.normalise({ text, readAtMs, typeHint: stream.typeHint, timeZone: stream.timeZone, peer }, row);
    row.createdMs = readAtMs;
    row.ingestedMs = work.committedAtMs;
    if (isCut) row.problem = row.problem === '' ? 'cut at the line limit' : `cut at the line limit; ${row.problem}`;
    const place = {
      agentId: entry.agentId,
      epoch,
      lane: batch.lane,
      sequence: batch.sequence,
      index,
      sourceId: stream.sourceId,
      streamId: stream.streamId,
    };
    if (work.detect && !isPoison) this.#matcher.match(row, (rule) => this.#collector.note(rule, row, place));
    if (work.block > 0) {
      if (work.rawRows) storeRaw(row, text, { readAtMs, ingestedMs: work.committedAtMs });
      this.#parts.writer.append(work.block, place, row);
      tally.rows++;
    }
    tally.lines++;
    if (row.problem !== '') tally.problems++;
    if (row.timeMs > tally.maxTimeMs) tally.maxTimeMs = row.timeMs;
    tally.decoders[row.decoder] = (tally.decoders[row.decoder] ?? 0) + 1;
  }
}

interface OneLine {
  readonly work: Work;
  readonly entry: WorkEntry;
  readonly batch: BatchFrame;
  readonly stream: StreamEntry;
  readonly peer: string | undefined;
  readonly epoch: string;
  readonly isPoison: boolean;
}

function storeRaw(row: EventRow, text: string, { readAtMs, ingestedMs }: { readAtMs: number; ingestedMs: number }): void {
  row.clear();
  keepRaw(row, text, readAtMs);
  row.createdMs = readAtMs;
  row.ingestedMs = ingestedMs;
  row.problem = refusedProblem;
}

function keepRaw(row: EventRow, text: string, readAtMs: number): void {
  row.raw = text;
  row.timeMs = readAtMs;
  row.kindId = plainKind.id;
  row.problem = poisonProblem;
  row.set(messageSlot, text);
}
