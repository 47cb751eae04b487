// Reads the systemd journal through journalctl, one JSON object per line, as it prints them.
// Promises: a real child process without a shell and with fixed arguments; its pipe is the back-pressure; the place is
// journald's own cursor, carried with every block, so that a restart goes on behind the last line that was buffered, and
// with the oldest entry there is where journald has removed that one: told, and counted as dropped (`vacuumed`) as far as
// journald's numbers say how many (DECISION-journal-gaps.md). When journalctl is absent, refused or ends, that is told once
// with the remedy and tried again calmly. One stream per source: the journal's own order.
import type { JournaldSource } from '../../config/policy/sources/sources.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { zoneName } from '../../proto/runtime/zone-name.ts';
import type { Input, LineBlock, SourceStatus, StreamInfo, StreamPosition } from '../ports.ts';
import type { InputLog } from './input-log.ts';
import { cursorIn, entriesBetween, isSameEntry } from './journal-entry.ts';
import { JournalLines } from './journal-lines.ts';
import { entryAt, JournalProcess, newestCursor } from './journal-process.ts';

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
const noTail = new Uint8Array(0);

/** Where reading goes on, and what one run of journalctl has shown. */
interface Reading {
  readonly stream: StreamInfo;
  offset: number;
  lineNumber: number;
  cursor: string;
  /** The entry of the cursor comes once more, unless it was removed: nothing else has come yet. */
  isFirst: boolean;
  /** journald's numbers have no holes but where entries were removed. */
  areNumbersWhole: boolean;
}

export class JournaldInput implements Input {
  readonly #options: JournaldInputOptions;
  readonly #dropped: Record<string, number> = {};
  #linesRead = 0;
  #bytesRead = 0;
  #lastReadMs = 0;
  #problem = '';

  constructor(options: JournaldInputOptions) {
    this.#options = options;
  }

  async *read(resume: readonly StreamPosition[], signal: AbortSignal): AsyncGenerator<LineBlock> {
    const { source, clock, program = 'journalctl' } = this.#options;
    const known = resume.findLast(({ stream, cursor, offset }) => stream.sourceId === source.id && (cursor !== '' || offset === 0));
    const stream = this.#stream(known?.stream.streamId ?? this.#newStreamId());
    const { offset = 0, lineNumber = 0, cursor = '' } = known ?? {};
    const reading: Reading = { stream, offset, lineNumber, cursor, isFirst: true, areNumbersWhole: true };
    for (let retryMs = retryMinMs; !signal.aborted; retryMs = Math.min(retryMs * 2, retryMaxMs)) {
      const before = this.#linesRead;
      let problem = '';
      if (reading.cursor === '' && source.startAt === 'end' && !known) {
        const newest = await newestCursor(program, signal);
        if (newest.is === 'failed') problem = newest.reason;
        if (newest.is === 'cursor') {
          reading.cursor = newest.cursor;
          // Where the stream begins, for whoever must read it again from there.
          yield this.#block(reading, new JournalLines(), { bytesRead: 0, vacuumed: 0 });
        }
      }
      if (problem === '') problem = yield* this.#follow(reading, signal);
      if (signal.aborted) return;
      this.#tell(problem);
      if (this.#linesRead > before) retryMs = retryMinMs;
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }

  status(): SourceStatus {
    const { id, type } = this.#options.source;
    const [linesRead, bytesRead, lastReadMs] = [this.#linesRead, this.#bytesRead, this.#lastReadMs];
    return {
      sourceId: id,
      type,
      linesRead,
      bytesRead,
      lagBytes: 0,
      lastReadMs,
      problem: this.#problem,
      linesDropped: { ...this.#dropped },
    };
  }

  /** Lines until the process ends; returns why it ended. */
  async *#follow(reading: Reading, signal: AbortSignal): AsyncGenerator<LineBlock, string> {
    const journal = new JournalProcess(this.#options.program ?? 'journalctl', reading.cursor, signal);
    const lines = new JournalLines();
    reading.isFirst = reading.cursor !== '';
    reading.areNumbersWhole = true;
    try {
      for await (const chunk of journal.chunks()) {
        for (const bytesGot of lines.add(chunk)) {
          const isThere = reading.isFirst ? isSameEntry(reading.cursor, cursorIn(lines.text(0))) : undefined;
          reading.isFirst = false;
          const bytesRead = isThere === true ? lines.dropFirst(bytesGot) : bytesGot;
          if (lines.buffers.count === 0) continue;
          const vacuumed = await this.#countVacuumed(reading, lines, { isThere, signal });
          yield this.#block(reading, lines, { bytesRead, vacuumed });
        }
      }
    } finally {
      journal.end();
    }
    const reason = journal.reason();
    if (reading.isFirst && /seek to cursor/i.test(reason)) this.#forget(reading);
    return reason;
  }

  /**
   * Entries that were removed between the place and this block. journald's numbers say how many, if that they are missing is
   * certain: the entry of the place, which is older, is gone too (`isThere`; undefined where that is not known yet).
   */
  async #countVacuumed(
    reading: Reading,
    lines: JournalLines,
    { isThere, signal }: { readonly isThere: boolean | undefined; readonly signal: AbortSignal },
  ): Promise<number> {
    const { count } = lines.buffers;
    const between = entriesBetween(reading.cursor, cursorIn(lines.text(count - 1)));
    const missing = between === undefined ? undefined : Math.max(0, between - (count - 1));
    if (isThere === false && missing !== 0) return this.#tellVacuumed(missing);
    if (isThere !== undefined || missing === undefined || missing === 0 || !reading.areNumbersWhole) return 0;
    const found = await entryAt(this.#options.program ?? 'journalctl', reading.cursor, signal);
    reading.areNumbersWhole = found === undefined || !isSameEntry(reading.cursor, cursorIn(found));
    return reading.areNumbersWhole ? this.#tellVacuumed(missing) : 0;
  }

  #tellVacuumed(missing: number | undefined): number {
    const many = missing === undefined ? 'an unknown number of entries' : `${missing} entries`;
    const remedy = 'SystemMaxUse= and MaxRetentionSec= in journald.conf keep more';
    this.#options.log.warn({ source: this.#options.source.id }, `journald removed ${many} before they were read; ${remedy}`);
    if (missing !== undefined) this.#dropped.vacuumed = (this.#dropped.vacuumed ?? 0) + missing;
    return missing ?? 0;
  }

  /** journalctl cannot make sense of the place: better from the oldest entry than never again. */
  #forget(reading: Reading): void {
    const text = 'journalctl does not understand the place where reading stood; it goes on with the oldest entry, some may come twice';
    this.#options.log.warn({ source: this.#options.source.id }, text);
    reading.cursor = '';
  }

  #block(
    reading: Reading,
    lines: JournalLines,
    { bytesRead, vacuumed }: { readonly bytesRead: number; readonly vacuumed: number },
  ): LineBlock {
    const { bytes, starts, ends, sourceStarts, count, cut } = lines.buffers;
    const nowMs = this.#options.clock.nowMs();
    const baseOffset = reading.offset;
    reading.offset += bytesRead;
    reading.lineNumber += count;
    if (count > 0) reading.cursor = cursorIn(lines.text(count - 1)) || reading.cursor;
    this.#linesRead += count;
    this.#bytesRead += bytesRead;
    this.#lastReadMs = nowMs;
    this.#problem = '';
    return {
      stream: reading.stream,
      readAtMs: nowMs,
      bytes,
      starts,
      ends,
      sourceStarts,
      count,
      cut,
      baseOffset,
      endOffset: reading.offset,
      endLineNumber: reading.lineNumber,
      tailHash: noTail,
      tailBytes: 0,
      cursor: reading.cursor,
      bytesRead,
      ...(vacuumed > 0 ? { dropped: { vacuumed } } : {}),
    };
  }

  #stream(streamId: string): StreamInfo {
    const { id, typeHint, timeZone, labels } = this.#options.source;
    const zone = zoneName(timeZone);
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
