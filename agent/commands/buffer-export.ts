// `atalaia-agent buffer export`: the lines that wait on disk, written out, whether the agent runs or not.
// Promises: nothing in the buffer changes; what waits when the command starts is written in its order, then it ends and says
// how it ended; what is damaged or was dropped is told with its bounds; lines that are not UTF-8 come out as base64.
// An exporting agent goes on: what the hub commits meanwhile is told as such and skipped.
import { readBody } from '../../proto/framing/decode-batch-body.ts';
import { inflateLines } from '../../proto/framing/inflate-lines.ts';
import { LinesReader } from '../../proto/framing/lines-reader.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import type { PeekedItem, PeekedLane } from '../buffer/peek-lane.ts';
import { textOfLine, type ExportTarget } from './export-target.ts';

export interface ExportWish {
  readonly format: 'jsonl' | 'raw';
  /** Sequences; absent: what the hub has not committed. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly linesMax: number;
}

/** Lines written; a summary of one line goes to `tell`. */
export async function exportLane(
  peeked: PeekedLane,
  { format, from, to, linesMax }: ExportWish,
  { target, tell }: { readonly target: ExportTarget; readonly tell: (text: string) => void },
): Promise<number> {
  const { lane, epoch, oldest, acked, newest } = peeked.bounds();
  const first = Math.max(from ?? acked + 1, oldest);
  const last = Math.min(to ?? newest, newest);
  const writer = new LineFormatter(lane, format);
  const told = { batches: 0, lines: 0, gone: 0 };
  let next = first;
  while (next <= last && told.lines < linesMax) {
    const page = await peeked.page(next);
    if (page.epoch !== epoch) throw new AtalaiaError('EPOCH_CHANGED', newEpoch(lane, next));
    if (page.items.length === 0) break;
    for (const item of page.items) {
      if (sequenceOf(item) > last || told.lines >= linesMax) break;
      const written = item.is === 'gone' ? writer.gone(item) : writer.batch(item, linesMax - told.lines);
      if (written.problem !== '') tell(`${lane}: ${written.problem}`);
      if (item.is === 'gone') told.gone += Math.min(item.to, last) - item.from + 1;
      else told.batches += 1;
      told.lines += written.lines;
      await target.write(written.bytes);
      if (written.isWhole) next = item.is === 'gone' ? item.to + 1 : item.sequence + 1;
    }
  }
  const range = last < first ? 'nothing waits' : `sequences ${first} to ${last}`;
  const limit = next <= last ? `; stopped at ${linesMax} lines: go on with --from ${next}` : '';
  const gone = told.gone > 0 ? `, ${told.gone} sequences are gone (told above)` : '';
  tell(`${lane}: ${range}, ${told.batches} batches, ${told.lines} lines${gone}${limit}`);
  return told.lines;
}

interface Written {
  readonly bytes: string | Uint8Array;
  readonly lines: number;
  /** False where the limit of lines ended a batch. */
  readonly isWhole: boolean;
  /** For standard error, empty when there is none. */
  readonly problem: string;
}

class LineFormatter {
  readonly #lane: string;
  readonly #format: ExportWish['format'];
  readonly #reader = new LinesReader();

  constructor(lane: string, format: ExportWish['format']) {
    this.#lane = lane;
    this.#format = format;
  }

  gone({ from, to, reason }: Extract<PeekedItem, { is: 'gone' }>): Written {
    const problem = `sequences ${from} to ${to} are gone: ${reason}`;
    const bytes = this.#format === 'raw' ? '' : `${JSON.stringify({ lane: this.#lane, gone: { from, to, reason } })}\n`;
    return { bytes, lines: 0, isWhole: true, problem };
  }

  batch({ sequence, body: bytes }: Extract<PeekedItem, { is: 'batch' }>, linesMax: number): Written {
    const body = readBody(bytes);
    const inflated = body.ok ? inflateLines(body.value) : body;
    const opened = body.ok && inflated.ok ? this.#reader.open(inflated.value, body.value) : inflated;
    if (!body.ok || !opened.ok) return this.gone({ is: 'gone', from: sequence, to: sequence, reason: 'its lines cannot be read' });
    const count = Math.min(this.#reader.count, linesMax);
    const parts: Uint8Array[] = [];
    for (let index = 0; index < count; index++) {
      this.#reader.moveTo(index);
      const line = this.#reader.bytes.subarray(this.#reader.start, this.#reader.end);
      if (this.#format === 'raw') parts.push(line, lineFeed);
      else parts.push(Buffer.from(`${JSON.stringify({ ...this.#place(sequence, body.value.streams), ...textOfLine(line) })}\n`));
    }
    return { bytes: Buffer.concat(parts), lines: count, isWhole: count === this.#reader.count, problem: '' };
  }

  #place(sequence: number, streams: readonly { readonly sourceId: string; readonly streamId: string; readonly path: string }[]): object {
    const { index, stream, readAtMs, sourceOffset, isCut } = this.#reader;
    const { sourceId = '', streamId = '', path = '' } = streams[stream] ?? {};
    const readAt = new Date(readAtMs).toISOString();
    return {
      lane: this.#lane,
      sequence,
      index,
      source: sourceId,
      stream: streamId,
      path,
      offset: sourceOffset,
      readAt,
      ...(isCut ? { cut: true } : {}),
    };
  }
}

const lineFeed = Buffer.from('\n');

function sequenceOf(item: PeekedItem): number {
  return item.is === 'gone' ? item.from : item.sequence;
}

function newEpoch(lane: string, sequence: number): string {
  return `lane ${lane} began a new epoch while it was read (damage, or another history at the hub): sequences count anew; what was written up to ${sequence - 1} is good`;
}
