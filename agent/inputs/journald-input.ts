// Reads the systemd journal through journalctl, one JSON object per line, as it prints them.
// Promises: a real child process without a shell and with fixed arguments; its pipe is the back-pressure; the place is
// journald's own cursor, carried with every block, so that a restart goes on behind the last line that was buffered.
// When journalctl is absent, refused or ends, that is told once with the remedy and tried again calmly.
// One stream per source: the journal's own order.
import type { JournaldSource } from '../../config/policy/sources/sources.ts';
import { limits } from '../../proto/delivery.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { Input, LineBlock, SourceStatus, StreamInfo, StreamPosition } from '../ports.ts';
import type { InputLog } from './input-log.ts';
import { JournalProcess, newestCursor } from './journal-process.ts';
import { bufferBytesMax, LineBuffers } from './line-buffers.ts';

export interface JournaldInputOptions {
  readonly source: JournaldSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
  /** Another program for tests; it is given journalctl's arguments. */
  readonly program?: string;
}

const retryMinMs = 1_000;
const retryMaxMs = 60_000;
/** A block that is never cut inside, because there is a cursor only at its end. */
const blockBytesMax = 192 * 1024;
const blockLinesMax = 4_096;
const noTail = new Uint8Array(0);
const cursorPattern = /"__CURSOR" ?: ?"([^"\\]{1,512})"/;

interface Gathered {
  /** Bytes in the buffer. */
  filled: number;
  /** Bytes of an over-long line that were passed over since the last block. */
  skipped: number;
  isSkipping: boolean;
}

interface Place {
  offset: number;
  lineNumber: number;
  cursor: string;
}

export class JournaldInput implements Input {
  readonly #options: JournaldInputOptions;
  readonly #buffers = new LineBuffers();
  #linesRead = 0;
  #bytesRead = 0;
  #lastReadMs = 0;
  #problem = '';

  constructor(options: JournaldInputOptions) {
    this.#options = options;
  }

  async *read(resume: readonly StreamPosition[], signal: AbortSignal): AsyncGenerator<LineBlock> {
    const { source, clock, program = 'journalctl' } = this.#options;
    const known = resume.findLast(({ stream, cursor }) => stream.sourceId === source.id && cursor !== '');
    const stream = known ? { ...this.#stream(known.stream.streamId) } : this.#stream(this.#newStreamId());
    const place: Place = { offset: known?.offset ?? 0, lineNumber: known?.lineNumber ?? 0, cursor: known?.cursor ?? '' };
    for (let retryMs = retryMinMs; !signal.aborted; retryMs = Math.min(retryMs * 2, retryMaxMs)) {
      const before = this.#linesRead;
      let problem: string;
      if (place.cursor === '' && source.startAt === 'end') {
        const newest = await newestCursor(program, signal);
        if (newest.is === 'cursor') place.cursor = newest.cursor;
        problem = newest.is === 'failed' ? newest.reason : yield* this.#follow({ stream, place, program }, signal);
      } else problem = yield* this.#follow({ stream, place, program }, signal);
      if (signal.aborted) return;
      this.#tell(problem);
      if (this.#linesRead > before) retryMs = retryMinMs;
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }

  status(): SourceStatus {
    const { id, type } = this.#options.source;
    const [linesRead, bytesRead, lastReadMs] = [this.#linesRead, this.#bytesRead, this.#lastReadMs];
    return { sourceId: id, type, linesRead, bytesRead, lagBytes: 0, lastReadMs, problem: this.#problem };
  }

  /** Lines until the process ends; returns why it ended. */
  async *#follow(
    run: { readonly stream: StreamInfo; readonly place: Place; readonly program: string },
    signal: AbortSignal,
  ): AsyncGenerator<LineBlock, string> {
    const { stream, place, program } = run;
    const journal = new JournalProcess(program, place.cursor, signal);
    const gathered: Gathered = { filled: 0, skipped: 0, isSkipping: false };
    try {
      for await (const chunk of journal.chunks()) {
        for (let at = 0; at < chunk.length;) {
          at += this.#take(chunk, at, gathered);
          for (let split = this.#split(gathered); split > 0; split = this.#split(gathered)) {
            if (this.#buffers.count > 0) yield this.#block(stream, place, { split, gathered });
            this.#buffers.bytes.copyWithin(0, split, gathered.filled);
            gathered.filled -= split;
          }
        }
      }
    } finally {
      journal.end();
    }
    return journal.reason();
  }

  /** Copies what fits behind what is there, which then has room to grow; returns how much that was. */
  #take(chunk: Buffer, at: number, gathered: Gathered): number {
    const buffers = this.#buffers;
    if (gathered.filled === buffers.bytes.length) this.#grow(gathered.filled);
    const part = chunk.subarray(at, at + buffers.bytes.length - gathered.filled);
    buffers.bytes.set(part, gathered.filled);
    gathered.filled += part.length;
    return part.length;
  }

  #grow(filled: number): void {
    const { bytes } = this.#buffers;
    this.#buffers.growTo(filled * 2);
    this.#buffers.bytes.set(bytes.subarray(0, filled));
  }

  /** Whole lines for one block; returns where the rest begins, 0 when there is nothing whole. */
  #split(gathered: Gathered): number {
    const buffers = this.#buffers;
    buffers.reset();
    const text = buffers.bytes.subarray(0, gathered.filled);
    let at = 0;
    if (gathered.isSkipping) {
      at = text.indexOf(0x0a) + 1;
      gathered.isSkipping = at === 0;
      gathered.skipped += at === 0 ? text.length : 0;
      if (at === 0) return text.length;
    }
    while (buffers.count < blockLinesMax) {
      const newline = text.indexOf(0x0a, at);
      if (newline < 0 || (buffers.count > 0 && newline > blockBytesMax)) break;
      buffers.add(at, newline, at);
      at = newline + 1;
    }
    if (at > 0 || gathered.filled < bufferBytesMax) return at;
    // Longer than any line may be: its beginning goes out cut, its rest is passed over.
    buffers.add(0, gathered.filled, 0);
    gathered.isSkipping = true;
    return gathered.filled;
  }

  #block(stream: StreamInfo, place: Place, { split, gathered }: { readonly split: number; readonly gathered: Gathered }): LineBlock {
    const { bytes, starts, ends, sourceStarts, count, cut } = this.#buffers;
    const nowMs = this.#options.clock.nowMs();
    const last = bytes.toString('latin1', starts[count - 1], Math.min(split, (starts[count - 1] ?? 0) + limits.lineBytesMax));
    const baseOffset = place.offset + gathered.skipped;
    const bytesRead = split + gathered.skipped;
    gathered.skipped = 0;
    place.offset += bytesRead;
    place.lineNumber += count;
    place.cursor = cursorPattern.exec(last)?.[1] ?? place.cursor;
    this.#linesRead += count;
    this.#bytesRead += bytesRead;
    this.#lastReadMs = nowMs;
    this.#problem = '';
    return {
      stream,
      readAtMs: nowMs,
      bytes,
      starts,
      ends,
      sourceStarts,
      count,
      cut,
      baseOffset,
      endOffset: place.offset,
      endLineNumber: place.lineNumber,
      tailHash: noTail,
      tailBytes: 0,
      cursor: place.cursor,
      bytesRead,
    };
  }

  #stream(streamId: string): StreamInfo {
    const { id, typeHint, timeZone, labels } = this.#options.source;
    const zone = timeZone === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : timeZone;
    return { sourceId: id, streamId, file: undefined, path: 'journald', typeHint: typeHint || 'journald', timeZone: zone, labels };
  }

  #newStreamId(): string {
    return Buffer.from(this.#options.random.bytes(16)).toString('hex');
  }

  #tell(problem: string): void {
    if (problem !== this.#problem)
      this.#options.log.warn({ source: this.#options.source.id }, `journal not followed: ${problem}; trying again`);
    this.#problem = problem;
  }
}
