// Reads the kernel's own log from /dev/kmsg, for hosts where no journald does: firewall packets, devices, crashes.
// Promises: the device is never waited for, the consumer's pull is the back-pressure; the place is boot and sequence number,
// carried with every block, so that no record comes twice after a restart; what the kernel overwrote before it was read is
// counted as `overwritten`, from the gap in the numbers; after a reboot the new log is read from its first record on.
// When the device is absent or refused, that is told once with the remedy and tried again calmly.
// What is sent of a record: kernel-record.ts. One stream a boot; the offset of a line is the number of its record.
import { hostname } from 'node:os';
import type { KmsgSource } from '../../config/policy/sources/sources.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import { zoneName } from '../../proto/runtime/zone-name.ts';
import type { Input, LineBlock, SourceStatus, StreamInfo, StreamPosition } from '../ports.ts';
import type { InputLog } from './input-log.ts';
import { recordBytesMax, type KernelDevice, type KernelLog } from './kernel-device.ts';
import { cursorToPlace, steadyZero, type KernelPlace } from './kernel-place.ts';
import { KernelBlock, positionBehind } from './kernel-block.ts';
import { kernelLogPath, kernelLogProblem } from './kernel-problem.ts';
import { kernelLine, parseKernelRecord, type KernelRecord } from './kernel-record.ts';
import { SourceProblems } from './source-problems.ts';

export interface KernelInputOptions {
  readonly source: KmsgSource;
  readonly kernelLog: KernelLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

const pollMs = 100;
const retryMinMs = 1_000;
const retryMaxMs = 60_000;
/** Places of so many boots are kept in mind. */
const boots = 16;

interface Reading {
  readonly device: KernelDevice;
  readonly block: KernelBlock;
  place: KernelPlace;
  /** Nothing of this boot was read. */
  readonly isFirstOfBoot: boolean;
  /** Nothing was ever read: what is gone by now was never promised. */
  isNew: boolean;
  /** Records up to the newest are passed over: the source starts at the end. */
  isPassing: boolean;
  /** Nothing was there a moment ago: the next record is new. */
  isCaughtUp: boolean;
}

export class KernelInput implements Input {
  readonly #options: KernelInputOptions;
  readonly #problems: SourceProblems;
  readonly #record = Buffer.allocUnsafe(recordBytesMax);
  readonly #host = hostname().replaceAll(/[^!-~]/g, '') || '-';
  readonly #dropped: Record<string, number> = {};
  #linesRead = 0;
  #bytesRead = 0;
  #lastReadMs = 0;

  constructor(options: KernelInputOptions) {
    this.#options = options;
    this.#problems = new SourceProblems(options.source.id, options.log, options.clock);
  }

  async *read(resume: readonly StreamPosition[], signal: AbortSignal): AsyncGenerator<LineBlock> {
    const { source, clock } = this.#options;
    const known = resume.filter(({ stream, cursor }) => stream.sourceId === source.id && cursorToPlace(cursor) !== undefined);
    for (let retryMs = retryMinMs; !signal.aborted; retryMs = Math.min(retryMs * 2, retryMaxMs)) {
      const before = this.#linesRead;
      try {
        const reading = this.#open(known);
        try {
          for await (const block of this.#follow(reading, signal)) {
            known.push(positionBehind(block));
            known.splice(0, known.length - boots);
            yield block;
          }
        } finally {
          reading.device.close();
        }
      } catch (error) {
        const code = errorCode(error);
        if (code === undefined) throw error;
        const { says, remedy } = kernelLogProblem(code);
        this.#problems.set('device', `${says}; ${remedy}`);
      }
      if (signal.aborted) return;
      if (this.#linesRead > before) retryMs = retryMinMs;
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }

  status(): SourceStatus {
    const { id, type } = this.#options.source;
    const [linesRead, bytesRead, lastReadMs] = [this.#linesRead, this.#bytesRead, this.#lastReadMs];
    const problem = this.#problems.first;
    return { sourceId: id, type, linesRead, bytesRead, lagBytes: 0, lastReadMs, problem, linesDropped: { ...this.#dropped } };
  }

  /** Where reading begins: behind what was read of this boot, at the start of a boot that came since, else as the source says. */
  #open(known: readonly StreamPosition[]): Reading {
    const { source, kernelLog, clock } = this.#options;
    const device = kernelLog.open();
    const bootId = kernelLog.bootId();
    const seenUs = clock.nowMs() * 1_000 - kernelLog.nowUs();
    const before = known.findLast(({ cursor }) => cursorToPlace(cursor)?.bootId === bootId);
    const place = before && cursorToPlace(before.cursor);
    const isNew = known.length === 0;
    return {
      device,
      block: new KernelBlock(this.#stream(before?.stream.streamId ?? this.#newStreamId()), before?.lineNumber ?? 0),
      place: { bootId, next: place?.next ?? 0, zeroUs: place ? steadyZero(place.zeroUs, seenUs) : seenUs },
      isFirstOfBoot: before === undefined,
      isNew,
      isPassing: isNew && source.startAt === 'end',
      isCaughtUp: false,
    };
  }

  async *#follow(reading: Reading, signal: AbortSignal): AsyncGenerator<LineBlock> {
    const { clock } = this.#options;
    const { block, isFirstOfBoot, isPassing } = reading;
    if (isFirstOfBoot && !isPassing) {
      // Where the stream begins, for whoever must read it again from there.
      block.begin(reading.place.next, clock.nowMs());
      yield this.#counted(block.end(reading.place));
    }
    while (!signal.aborted) {
      block.begin(reading.place.next, clock.nowMs());
      const isMore = this.#gather(reading);
      this.#problems.clear('device');
      if (block.isWorthTelling) yield this.#counted(block.end(reading.place));
      if (!isMore) await clock.sleep(pollMs, signal).catch(() => undefined);
    }
  }

  /** Fills the block; false when there is nothing more to read now. */
  #gather(reading: Reading): boolean {
    const { device, block } = reading;
    while (block.hasRoom) {
      const read = device.read(this.#record);
      if (read.is === 'nothing') {
        // Where a source that starts at the end stands has to be remembered, or a restart would pass over more.
        if (reading.isPassing) block.tellPlace();
        reading.isPassing = false;
        reading.isCaughtUp = true;
        return false;
      }
      if (read.is === 'overwritten') continue;
      const record = parseKernelRecord(this.#record.subarray(0, read.byteLength));
      if (record) this.#take(record, read.byteLength, reading);
      else this.#drop(block, 'unreadable', 1);
    }
    return true;
  }

  #take(record: KernelRecord, byteLength: number, reading: Reading): void {
    const { place, block, isNew, isPassing } = reading;
    const { sequence, microseconds } = record;
    if (sequence < place.next) return;
    if (sequence > place.next && !isNew && !isPassing) this.#drop(block, 'overwritten', sequence - place.next);
    const seenUs = this.#options.clock.nowMs() * 1_000 - microseconds;
    const zeroUs = reading.isCaughtUp ? steadyZero(place.zeroUs, seenUs) : place.zeroUs;
    reading.isCaughtUp = false;
    reading.isNew = false;
    reading.place = { bootId: place.bootId, next: sequence + 1, zeroUs };
    if (!isPassing) block.add(kernelLine(record, { host: this.#host, zeroUs }), { sequence, byteLength });
  }

  #drop(block: KernelBlock, reason: 'overwritten' | 'unreadable', count: number): void {
    block.drop(reason, count);
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count;
    this.#problems.set(reason, reason === 'overwritten' ? overwrittenProblem : unreadableProblem);
    // The next loss is told again, though at most once a minute.
    this.#problems.clear(reason);
  }

  #counted(block: LineBlock): LineBlock {
    this.#linesRead += block.count;
    this.#bytesRead += block.bytesRead;
    this.#lastReadMs = block.readAtMs;
    return block;
  }

  #stream(streamId: string): StreamInfo {
    const { id, typeHint, timeZone, labels } = this.#options.source;
    const zone = zoneName(timeZone);
    return { sourceId: id, streamId, file: undefined, path: kernelLogPath, typeHint, timeZone: zone, labels };
  }

  #newStreamId(): string {
    return Buffer.from(this.#options.random.bytes(16)).toString('hex');
  }
}

const overwrittenProblem =
  'records of the kernel were overwritten before they were read; they are counted as dropped; a larger ring (boot with log_buf_len=4M) keeps more';
const unreadableProblem = `${kernelLogPath} gave something that is no record; it is counted as dropped`;
