// The rings of all sources whose policy asks for originals, and those that earlier policies left.
// Promises: a ring whose source keeps none any more gets nothing more, ages out as it was promised, and its folder goes; one
// disk that fails concerns no other ring and nothing else of the agent. Writes every second, removes what is too old as often.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Policy } from '../../config/policy/policy.ts';
import type { OriginalsKept } from '../../config/policy/sources/originals-kept.ts';
import { sourceId } from '../../config/policy/sources/every-source.ts';
import type { Seal } from '../../proto/durable/sealing.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import type { LineBlock } from '../ports.ts';
import { OriginalRing, type RingLog, type RingStatus, type Waiting } from './original-ring.ts';
import { limitsOf, RingFiles } from './ring-files.ts';

export interface OriginalsOptions {
  /** `originals` in the data folder. */
  readonly root: string;
  readonly sealOf: (log: string) => Seal;
  /** Rings write only while so much is free: the buffer goes first. */
  readonly freeBytesMin: number;
  readonly clock: Clock;
  readonly log: RingLog;
}

const writeEveryMs = 1_000;

/** Under which the seal knows the ring of a source. */
export function sealName(source: string): string {
  return `originals ${source}`;
}

export class Originals {
  readonly #options: OriginalsOptions;
  readonly #rings = new Map<string, OriginalRing>();
  readonly #waiting: Waiting = { bytes: 0 };

  constructor(options: OriginalsOptions) {
    this.#options = options;
  }

  /** What a policy that is taken says of a source, before its first line is read. */
  follow({ id, originals: kept }: Pick<Policy['sources'][number], 'id' | 'originals'>): void {
    const ring = this.#rings.get(id) ?? (kept && this.#open(id, kept));
    ring?.follow(kept);
  }

  /** Lines as they were read. Returns at once; the block is the caller's again. */
  note(block: LineBlock): void {
    this.#rings.get(block.stream.sourceId)?.note(block);
  }

  /** Until the signal aborts; then what waits is written and segments are closed. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#findLeft();
    for await (const _ of ticks(writeEveryMs, { clock: this.#options.clock, signal }))
      for (const ring of this.#rings.values()) await ring.tick();
    for (const ring of this.#rings.values()) await ring.close();
  }

  status(): RingStatus[] {
    return [...this.#rings.values()].filter(({ isTaking }) => isTaking).map((ring) => ring.status());
  }

  /** Rings of sources that no policy has named since the start. */
  async #findLeft(): Promise<void> {
    const { root } = this.#options;
    const names: readonly string[] = await readdir(root).catch(() => []);
    for (const name of names) {
      const kept = sourceId.safeParse(name).success ? await limitsOf(join(root, name)) : undefined;
      if (kept && !this.#rings.has(name)) this.#open(name, kept);
    }
  }

  #open(source: string, kept: OriginalsKept): OriginalRing {
    const { root, sealOf, freeBytesMin, clock, log } = this.#options;
    const files = new RingFiles(join(root, source), { kept, seal: sealOf(sealName(source)), freeBytesMin });
    const ring = new OriginalRing(source, { files, waiting: this.#waiting, clock, log });
    this.#rings.set(source, ring);
    return ring;
  }
}
