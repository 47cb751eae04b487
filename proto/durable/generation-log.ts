// A durable, numbered log that is freed from its old end: the agent's buffer and the hub's journal both stand on it.
// Promises: records are numbered 1, 2, 3 … and no number is given twice; `append` resolves when data and slot file are
// synced; starting reads the slot file and the last generation, never the backlog; what cannot be read any more comes out
// as a `hole` with its bounds. Records live in generations, one LevelDB folder each, destroyed whole: no deletes, no
// compaction, room is back at once. A generation begins with the caller's snapshot, so destroying one forgets nothing.
// After a write that failed, `recover` reads back what is there before anything else is written (DELIVERY.md 16).
import { assert, AtalaiaError, errorCode } from '../runtime/errors.ts';
import { giveBack } from '../runtime/give-back.ts';
import { Serial } from '../runtime/serial.ts';
import { KvHandles } from './kv-handles.ts';
import { encodeLogState, type Generation, type LogState } from './log-state.ts';
import { findLog, findLogOnFullDisk, type FoundLog } from './open-log.ts';
import { readContinuation, readGeneration, readSnapshot, type LogItem, type LogRecord } from './read-generation.ts';
import { byteLength, packRecord, recordKey, snapshotKey } from './record-format.ts';
import { Reserve } from './reserve.ts';
import { TagIndex } from './tag-index.ts';
import { plainSeal, type Seal } from './sealing.ts';
import type { SlotFile, SlotState } from './slot-file.ts';
import type { SealedFolder } from './sealed-folder.ts';
import type { Disk, KeyValue } from './ports.ts';

export type LogPass = 'written' | 'generation-change' | 'generation-removal';

export interface GenerationLogOptions {
  readonly disk: Disk;
  readonly folder: string;
  /** A generation that has reached this is followed by a new one. */
  readonly generationBytes: number;
  /** Room kept for the day the disk is full; at least a few MiB, because reopening a folder writes too. */
  readonly reserveBytes: number;
  /** Of each of the two slots in the state file: room for the caller's state and the list of generations. */
  readonly slotBytes?: number | undefined;
  /** The caller's state after the last record appended, before the one that is being appended. */
  readonly snapshot: () => Uint8Array;
  /** Numbers go on above this: the highest that anything else remembers (DELIVERY.md 1). */
  readonly numberFloor?: number;
  /** Hides what is stored; without it values are plain. One with another key than before begins a new generation. */
  readonly seal?: Seal | undefined;
  /** Called between durable steps, for kill points. */
  readonly onPass?: (pass: LogPass) => void;
}

export interface NewRecord {
  /** One after the other they are the record. */
  readonly parts: readonly Uint8Array[];
  /** 32 bytes that `tag` gives back without reading the record. */
  readonly tag?: Uint8Array;
}

export type ReplayItem = LogItem | { readonly is: 'snapshot'; readonly id: number; readonly before: number; readonly bytes: Uint8Array };

export class GenerationLog {
  /** `lost`: both slots were unreadable; numbers were rebuilt from the folders, the caller's state is empty. */
  readonly openedAs: SlotState;
  readonly #options: GenerationLogOptions;
  #slots: SlotFile;
  readonly #handles: KvHandles;
  readonly #reserve: Reserve;
  readonly #tags: TagIndex;
  readonly #seal: Seal;
  readonly #writing = new Serial();
  /** Everything that uses or closes a folder for reading. Taken inside #writing, never the other way round. */
  readonly #reading = new Serial();
  #log: LogState;
  #kv: SealedFolder | undefined;
  #mustRecover = false;
  /** The last generation is damaged: what it holds is read, and the next record begins another. */
  #isLastDamaged: boolean;
  #isFull = false;

  private constructor(options: GenerationLogOptions, found: FoundLog, { handles, reserve }: { handles: KvHandles; reserve: Reserve }) {
    this.#options = options;
    this.#handles = handles;
    this.#slots = found.slots;
    this.openedAs = found.slotState;
    this.#log = found.log;
    this.#kv = found.kv;
    this.#isLastDamaged = found.isDamaged;
    this.#reserve = reserve;
    this.#seal = options.seal ?? plainSeal;
    this.#tags = new TagIndex(options.disk, options.folder, this.#seal);
    this.#tags.begin(this.#last?.first ?? 1);
  }

  static async open(options: GenerationLogOptions): Promise<GenerationLog> {
    const seal = options.seal ?? plainSeal;
    const handles = new KvHandles(options.disk, options.folder, seal);
    const reserve = new Reserve(options.disk, options.folder, options.reserveBytes);
    const found = await findLogOnFullDisk({ ...options, seal }, handles, reserve);
    const log = new GenerationLog(options, found, { handles, reserve });
    try {
      await log.#settle();
      return log;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  async #settle(): Promise<void> {
    this.#isFull = !(await this.#reserve.restore());
    const { numberFloor = 0 } = this.#options;
    if (numberFloor > this.tail) await this.#writeLog({ ...this.#log, tail: numberFloor });
    // Neither slot keeps what an earlier key hid, or what nothing hid.
    while (this.#slots.isSealedOtherwise) await this.#writeLog(this.#log);
  }

  /** Highest number given so far, 0 before the first. */
  get tail(): number {
    return this.#log.tail;
  }

  /** Lowest number that may still be read; tail + 1 when there is none. */
  get oldest(): number {
    return this.#log.generations[0]?.first ?? this.#log.tail + 1;
  }

  get bytes(): number {
    return this.#log.generations.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get generations(): readonly Generation[] {
    return this.#log.generations;
  }

  /** The caller's state as last written. */
  get state(): string {
    return this.#log.state;
  }

  /** The disk was full at the last attempt; `append` tries again by itself once there is room. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get mustRecover(): boolean {
    return this.#mustRecover;
  }

  /** The last generation's snapshot, then its records: what the caller needs to know where it stands. */
  async *replay(): AsyncGenerator<ReplayItem> {
    const { generations, tail } = this.#log;
    let start = generations.length - 1;
    // A snapshot that was damaged is made up for by the generation before and all of its records.
    while (start > 0 && !(await this.snapshotOf(generations[start]?.id ?? 0))) start -= 1;
    const generation = generations[Math.max(start, 0)];
    if (!generation) return;
    const bytes = await this.snapshotOf(generation.id);
    if (bytes) yield { is: 'snapshot', id: generation.id, before: generation.first, bytes };
    for (let next = generation.first; next <= tail;) {
      for (const item of await this.read(next, 8)) {
        if (item.is === 'record' && item.number >= (this.#last?.first ?? 1)) this.#tags.note(item.number, item.tag);
        next = item.is === 'record' ? item.number + 1 : item.to + 1;
        yield item;
      }
    }
  }

  /** Durable when it resolves: records tail+1 …, and the caller's state with them. */
  append(records: readonly NewRecord[], state = this.#log.state): Promise<void> {
    return this.#writing.run(async () => {
      assert(!this.#mustRecover, 'append after a failed write, before recover');
      if (this.#isFull) await this.#waitNotFull();
      await this.#orRecover(() => this.#write(records, state));
    });
  }

  /** Durable when it resolves: the caller's state alone. Needs no new room on the disk. */
  writeState(state: string): Promise<void> {
    return this.#writing.run(() => this.#writeLog({ ...this.#log, state }));
  }

  /** From a number on, up to the end of its generation or `countMax` records; empty above the tail. Rejects with
   * NOT_READ_BACK between a failed write and `recover`: what is closed then must not look gone. */
  read(from: number, countMax: number): Promise<readonly LogItem[]> {
    return this.#reading.run(async () => {
      if (this.#mustRecover) throw notReadBack(this.#options.folder);
      const { generations, tail } = this.#log;
      if (from > tail) return [];
      const place = generations.findLastIndex(({ first }) => first <= from);
      const generation = generations[place];
      const to = Math.min(tail, (generations[place + 1]?.first ?? tail + 1) - 1);
      if (!generation) return [{ is: 'hole', from, to: Math.min(tail, this.oldest - 1), reason: 'missing' }];
      const kv = await this.#kvOf(generation);
      if (!kv) return [{ is: 'hole', from, to, reason: 'quarantined' }];
      return readGeneration(kv, { from, to, countMax });
    });
  }

  /** What the caller handed over when this generation began; undefined when it is damaged. */
  snapshotOf(id: number): Promise<Uint8Array | undefined> {
    return this.#reading.run(async () => {
      const generation = this.#log.generations.find((known) => known.id === id);
      const kv = generation && (await this.#kvOf(generation));
      return kv && readSnapshot(kv, generation.first);
    });
  }

  /** The tag of a record without reading it; undefined when it has none or it is not known. */
  tag(number: number): Promise<Uint8Array | undefined> {
    return this.#reading.run(async () => {
      const generation = this.#log.generations.findLast(({ first }) => first <= number);
      if (!generation) return undefined;
      if (generation.id === this.#last?.id) return this.#tags.openTag(number);
      return this.#tags.sealedTag(generation.id, number - generation.first);
    });
  }

  /** Destroys generations that end at or below `upTo`. The last one stays; see `roll`. A disk that was full is looked at again. */
  free(upTo: number, state = this.#log.state): Promise<void> {
    return this.#writing.run(async () => {
      const { generations } = this.#log;
      const kept = generations.filter((_, place) => (generations[place + 1]?.first ?? Infinity) > upTo + 1);
      if (kept.length < generations.length) await this.#remove(generations.slice(0, generations.length - kept.length), state);
      // Whoever is told "full" may append nothing until it is told otherwise.
      if (this.#isFull) this.#isFull = !(await this.#reserve.restore());
    });
  }

  /** Begins a new generation, so that the one before can be destroyed. */
  roll(): Promise<void> {
    const isEmpty = this.#last === undefined || this.#last.first > this.tail;
    return isEmpty ? Promise.resolve() : this.rewrite(this.#log.state);
  }

  /** The caller's state and a new snapshot in one atomic step: a new generation begins, even after an empty one. */
  rewrite(state: string): Promise<void> {
    return this.#writing.run(async () => {
      assert(!this.#mustRecover, 'rewrite after a failed write, before recover');
      await this.#orRecover(() => this.#write([], state, true));
    });
  }

  /** Destroys the oldest generation whether it was freed or not; false when only the open one is left. */
  dropOldest(state: string): Promise<boolean> {
    return this.#writing.run(async () => {
      if (this.#log.generations.length < 2) return false;
      await this.#remove(this.#log.generations.slice(0, 1), state);
      return true;
    });
  }

  /** After a write that failed: opens anew and gives back the records that arrived all the same; they count as appended. */
  recover(): Promise<readonly LogRecord[]> {
    return this.#writing.run(async () => {
      if (!this.#mustRecover) return [];
      const before = this.#log.tail;
      // Nothing counts as found until it is written down: a recovery that fails half way is begun again from here.
      const found = await this.#reading.run(async () => {
        await this.#kv?.close();
        this.#kv = undefined;
        await this.#handles.closeAll();
        const { slots, log, kv, isDamaged } = await findLog({ ...this.#options, seal: this.#seal }, this.#handles);
        this.#slots = slots;
        this.#kv = kv;
        this.#isLastDamaged ||= isDamaged;
        return log;
      });
      const records = await this.#arrivedAfter(before, found);
      await this.#writeLog(found);
      this.#mustRecover = false;
      return records;
    });
  }

  async close(): Promise<void> {
    await this.#writing.run(() =>
      this.#reading.run(async () => {
        await this.#handles.closeAll();
        await this.#kv?.close();
        this.#kv = undefined;
      }),
    );
  }

  get #last(): Generation | undefined {
    return this.#log.generations.at(-1);
  }

  async #write(records: readonly NewRecord[], state: string, isRoll = false): Promise<void> {
    const first = this.#log.tail + 1;
    const puts = records.map(({ parts, tag }, place): KeyValue => {
      const key = recordKey(first + place);
      return { key, value: packRecord(key, parts, tag) };
    });
    const added = records.reduce((sum, { parts }) => sum + byteLength(parts), 0);
    const last = this.#last;
    const isBeginning = isRoll || !last || !this.#isGoingOn(last);
    const tail = this.#log.tail + records.length;
    if (isBeginning) await this.#begin(puts, { ...this.#log, tail, state }, added);
    else {
      await this.#kv?.write(puts, { sync: true });
      for (const { value } of puts) giveBack(value);
      const generations = [...this.#log.generations.slice(0, -1), { ...last, bytes: last.bytes + added }];
      await this.#writeLog({ ...this.#log, generations, tail, state });
    }
    records.forEach(({ tag }, place) => this.#tags.note(first + place, tag));
    this.#options.onPass?.('written');
  }

  #isGoingOn({ first, bytes, keyId }: Generation): boolean {
    if (this.#isLastDamaged || !this.#kv || keyId !== this.#seal.keyId) return false;
    return bytes < this.#options.generationBytes || first > this.#log.tail;
  }

  async #begin(puts: readonly KeyValue[], log: LogState, bytes: number): Promise<void> {
    const first = this.#log.tail + 1;
    const id = this.#log.lastId + 1;
    const last = this.#last;
    const begun = { ...log, lastId: id, generations: [...log.generations, { id, first, bytes, keyId: this.#seal.keyId }] };
    const key = snapshotKey(first);
    // Left over from an attempt that failed.
    await this.#handles.destroy(id);
    if (last) await this.#tags.seal(last.id);
    const kv = await this.#handles.openForWriting(id);
    if (!kv) throw new AtalaiaError('DISK_FAILED', `cannot begin generation ${id} in ${this.#options.folder}`, { isRetryable: true });
    try {
      await kv.write([{ key, value: packRecord(key, [this.#options.snapshot()]) }, ...puts], { sync: true });
      this.#options.onPass?.('generation-change');
      await this.#slots.write(encodeLogState(begun));
    } catch (error) {
      await kv.close();
      throw error;
    }
    await this.#reading.run(async () => {
      const before = this.#kv;
      // Both at once: who reads between the two would look for the new records in the old folder, and find them gone.
      this.#kv = kv;
      this.#log = begun;
      if (last && before) await this.#handles.keep(last.id, before);
    });
    this.#tags.begin(first);
    this.#isLastDamaged = false;
  }

  async #remove(generations: readonly Generation[], state: string): Promise<void> {
    const gone = new Set(generations.map(({ id }) => id));
    await this.#writeLog({ ...this.#log, state, generations: this.#log.generations.filter(({ id }) => !gone.has(id)) });
    this.#options.onPass?.('generation-removal');
    for (const id of gone) {
      await this.#reading.run(() => this.#handles.destroy(id));
      await this.#tags.forget(id);
    }
  }

  async #writeLog(log: LogState): Promise<void> {
    await this.#slots.write(encodeLogState(log));
    this.#log = log;
  }

  async #orRecover(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#mustRecover = true;
      if (errorCode(error) === 'DAMAGED') this.#isLastDamaged = true;
      if (errorCode(error) === 'DISK_FULL') {
        this.#isFull = true;
        await this.#reserve.release();
      }
      throw error;
    }
  }

  async #waitNotFull(): Promise<void> {
    this.#isFull = !(await this.#reserve.restore());
    if (!this.#isFull) return;
    const text = `cannot write to ${this.#options.folder}: the disk is full; work goes on once room is made`;
    throw new AtalaiaError('DISK_FULL', text, { isRetryable: true });
  }

  async #arrivedAfter(before: number, { tail, generations }: LogState): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    while (this.#kv && before + records.length < tail) {
      const more = await readContinuation(this.#kv, before + records.length, 16);
      if (more.records.length === 0) break;
      records.push(...more.records);
    }
    if (generations.at(-1)?.first === before + 1) this.#tags.begin(before + 1);
    for (const { number, tag } of records) this.#tags.note(number, tag);
    return records;
  }

  async #kvOf(generation: Generation): Promise<SealedFolder | undefined> {
    return generation.id === this.#last?.id ? this.#kv : this.#handles.forReading(generation.id);
  }
}

function notReadBack(folder: string): AtalaiaError {
  return new AtalaiaError('NOT_READ_BACK', `a write to ${folder} failed and was not read back yet`, { isRetryable: true });
}
