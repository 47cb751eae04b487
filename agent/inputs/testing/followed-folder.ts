// A real folder with a FileInput on it, for tests: write, rotate, and wait for the lines, without sleeping.
// Time is hasty: a minute passes in about a second.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileSource } from '../../../config/policy/sources/sources.ts';
import { systemRandom, type Clock } from '../../../proto/runtime/clock.ts';
import type { LineBlock, StreamPosition } from '../../ports.ts';
import { createFraming } from '../../frame/create-framing.ts';
import { fenceOf } from '../file-fence.ts';
import { FileInput } from '../file-input.ts';

const haste = 50;

export function hastyClock(): Clock {
  return {
    nowMs: () => 1_764_000_000_000 + Math.floor(performance.now() * haste),
    monotonicMs: () => performance.now() * haste,
    sleep: (ms, signal) => delay(ms / haste, undefined, signal ? { signal } : {}),
  };
}

export interface ReadLine {
  readonly stream: string;
  readonly path: string;
  readonly offset: number;
  readonly text: string;
  readonly isCut: boolean;
}

/** On a loaded host time passes and the input gets no turn: what was not seen counts once it had its turns too. */
const giveUp = { ms: 20_000, turns: 2_000, msAtLast: 100_000 } as const;
/** Waiting by turns of the event loop alone would take the processor from the input. */
const pauseMs = 1;

export class FollowedFolder {
  readonly folder = mkdtempSync(join(tmpdir(), 'followed-'));
  readonly lines: ReadLine[] = [];
  readonly warnings: string[] = [];
  readonly told: string[] = [];
  readonly clock = this.#counted(hastyClock());
  positions = new Map<string, StreamPosition>();
  input: FileInput | undefined;
  /** Pauses that the input has made and come back from. */
  #turns = 0;
  #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** While true nothing is pulled, as when the buffer is full. */
  isHeld = false;
  /** Lines and positions as they were when they last became durable. */
  #durable: { readonly lines: number; readonly positions: ReadonlyMap<string, StreamPosition> } = { lines: 0, positions: new Map() };

  path(name: string): string {
    return join(this.folder, name);
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  texts(): string[] {
    return this.lines.map(({ text }) => text);
  }

  /** Starts following; `paths` are names in the folder. */
  start(
    paths: readonly string[],
    more: Partial<Omit<FileSource, 'multiline'>> & { fence?: string; multiline?: FileSource['multiline'] } = {},
  ): void {
    const { fence = `${this.folder}/**`, multiline, ...options } = more;
    const source: FileSource = {
      id: 'app',
      type: 'file',
      exclude: [],
      encoding: 'utf-8',
      typeHint: '',
      timeZone: 'UTC',
      startAt: 'start',
      whenFull: 'block',
      lane: 'normal',
      labels: {},
      paths: paths.map((name) => this.path(name)),
      ...options,
      ...(multiline ? { multiline } : {}),
    };
    const log = {
      debug: (fields: object, text: string) => void this.told.push(`${text}: ${JSON.stringify(fields)}`),
      info: () => undefined,
      warn: (fields: object, text: string) => void this.warnings.push(`${JSON.stringify(fields)} ${text}`),
    };
    this.#stop = new AbortController();
    const framing = createFraming(source);
    this.input = new FileInput({ source, fence: fenceOf([fence]), framing, clock: this.clock, random: systemRandom, log });
    this.#running = this.#collect(this.input);
  }

  async stop(): Promise<void> {
    this.isHeld = false;
    this.#stop.abort();
    await this.#running;
    this.#running = undefined;
  }

  /** What was read until now is durable: a kill does not take it. */
  makeDurable(): void {
    this.#durable = { lines: this.lines.length, positions: new Map(this.positions) };
  }

  /** As kill -9: what was read and not durable is forgotten, lines and positions alike. */
  async kill(): Promise<void> {
    await this.stop();
    this.lines.length = this.#durable.lines;
    this.positions = new Map(this.#durable.positions);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  async until(fact: () => boolean, what: string): Promise<void> {
    const [begunMs, begunTurns] = [performance.now(), this.#turns];
    while (!fact()) {
      const [ms, turns] = [performance.now() - begunMs, this.#turns - begunTurns];
      if (ms > giveUp.msAtLast || (ms > giveUp.ms && turns > giveUp.turns))
        throw new Error(`not seen in ${turns} turns: ${what}; lines: ${JSON.stringify(this.texts()).slice(-500)}`);
      await delay(pauseMs);
    }
  }

  /** Until so many lines were read, and then some time, in which one too many would show. */
  async untilLines(count: number): Promise<string[]> {
    await this.until(() => this.lines.length >= count, `${count} lines`);
    await this.pass(2_000);
    return this.texts();
  }

  async pass(ms: number): Promise<void> {
    const end = this.clock.monotonicMs() + ms;
    await this.until(() => this.clock.monotonicMs() >= end, `${ms} ms passing`);
  }

  #counted(clock: Clock): Clock {
    const sleep: Clock['sleep'] = async (ms, signal) => {
      await clock.sleep(ms, signal);
      this.#turns++;
    };
    return { ...clock, sleep };
  }

  async #collect(input: FileInput): Promise<void> {
    for await (const block of input.read([...this.positions.values()], this.#stop.signal)) {
      this.#take(block);
      while (this.isHeld) await delay(pauseMs);
    }
  }

  #take(block: LineBlock): void {
    for (let i = 0; i < block.count; i++) {
      this.lines.push({
        stream: block.stream.streamId,
        path: block.stream.path,
        offset: block.baseOffset + (block.sourceStarts[i] ?? 0),
        text: block.bytes.toString('latin1', block.starts[i], block.ends[i]),
        isCut: block.cut.includes(i),
      });
    }
    const { stream, endOffset, endLineNumber, tailHash, tailBytes, cursor } = block;
    const counters = { linesRead: 0, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: 0, bytesKept: 0, linesDropped: {} };
    this.positions.delete(stream.streamId);
    this.positions.set(stream.streamId, { stream, offset: endOffset, lineNumber: endLineNumber, tailHash, tailBytes, cursor, counters });
  }
}
