// A live input that is being read, for tests: what came out of it, and waiting for facts instead of time.
import { setTimeout as delay } from 'node:timers/promises';
import { policySchema } from '../../../config/policy/policy.ts';
import type { Source } from '../../../config/policy/sources/sources.ts';
import { systemRandom, type Clock } from '../../../proto/runtime/clock.ts';
import type { Input, StreamInfo } from '../../ports.ts';
import type { LiveInput } from '../live-input.ts';

export interface LiveLine {
  readonly text: string;
  readonly path: string;
  readonly streamId: string;
  readonly offset: number;
  readonly isCut: boolean;
}

type Surroundings = ConstructorParameters<typeof LiveInput>[0];

const giveUpMs = 30_000;

/** A source as the policy's schema makes it of what is written. */
export function sourceOf<Type extends Source['type']>(type: Type, written: Record<string, unknown>): Extract<Source, { type: Type }> {
  const [source] = policySchema.parse({ kind: 'Policy', version: 1, sources: [{ id: 'live', type, timeZone: 'UTC', ...written }] }).sources;
  const isOfType = (one: Source | undefined): one is Extract<Source, { type: Type }> => one?.type === type;
  if (!isOfType(source)) throw new Error(`no source of type ${type}`);
  return source;
}

export class LiveReading {
  readonly lines: LiveLine[] = [];
  readonly warnings: string[] = [];
  readonly infos: { readonly text: string; readonly fields: Record<string, unknown> }[] = [];
  readonly streams = new Map<string, StreamInfo>();
  readonly dropped: Record<string, number> = {};
  readonly input: Input;
  /** While true, no block is pulled. */
  isHeld = false;
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  constructor(build: (around: Pick<Surroundings, 'clock' | 'random' | 'log'>) => Input, clock: Clock) {
    const log = {
      debug: () => undefined,
      info: (fields: object, text: string) => void this.infos.push({ text, fields: { ...fields } }),
      warn: (_: object, text: string) => void this.warnings.push(text),
    };
    this.input = build({ clock, random: systemRandom, log });
    this.#reading = this.#read();
  }

  get texts(): string[] {
    return this.lines.map(({ text }) => text);
  }

  /** The port that the system chose. */
  async port(): Promise<number> {
    await this.until(() => this.infos.some(({ text }) => text === 'listening'), 'listening');
    return Number(this.infos.findLast(({ text }) => text === 'listening')?.fields.port);
  }

  async until(fact: () => boolean, what: string): Promise<void> {
    const begunMs = performance.now();
    while (!fact()) {
      if (performance.now() - begunMs > giveUpMs)
        throw new Error(`${what} did not come about; ${this.lines.length} lines, told: ${this.warnings.join(' | ')}`);
      await delay(2);
    }
  }

  untilLines(count: number): Promise<void> {
    return this.until(() => this.lines.length >= count, `${count} lines`);
  }

  untilTold(pattern: RegExp): Promise<void> {
    return this.until(() => this.warnings.some((text) => pattern.test(text)), String(pattern));
  }

  /** Stops and takes what is still handed out. */
  async stop(): Promise<void> {
    this.isHeld = false;
    this.#stop.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    for await (const block of this.input.read([], this.#stop.signal)) {
      this.streams.set(block.stream.streamId, block.stream);
      for (const [reason, count] of Object.entries(block.dropped ?? {})) this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
      for (let i = 0; i < block.count; i++) {
        this.lines.push({
          text: block.bytes.toString('latin1', block.starts[i], block.ends[i]),
          path: block.stream.path,
          streamId: block.stream.streamId,
          offset: block.baseOffset + (block.sourceStarts[i] ?? 0),
          isCut: block.cut.includes(i),
        });
      }
      while (this.isHeld) await delay(2);
    }
  }
}
