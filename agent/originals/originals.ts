// The rings of all sources whose policy asks for originals, and those that earlier policies left.
// Promises: a ring whose source is gone, or keeps none any more, gets nothing more and ages out as it was promised; one disk
// that fails concerns no other ring and nothing else of the agent. Writes every second, removes what is too old as often.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Policy } from '../../config/policy/policy.ts';
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
  readonly sources: Policy['sources'];
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
  readonly #rings: ReadonlyMap<string, OriginalRing>;

  constructor(options: OriginalsOptions) {
    this.#options = options;
    const { root, sources, sealOf, freeBytesMin, clock, log } = options;
    const waiting: Waiting = { bytes: 0 };
    this.#rings = new Map(
      sources.flatMap(({ id, originals: kept }) => {
        if (!kept) return [];
        const files = new RingFiles(join(root, id), { kept, seal: sealOf(sealName(id)), freeBytesMin });
        return [[id, new OriginalRing(id, { files, waiting, clock, log })] as const];
      }),
    );
  }

  /** Lines as they were read. Returns at once; the block is the caller's again. */
  note(block: LineBlock): void {
    this.#rings.get(block.stream.sourceId)?.note(block);
  }

  /** Until the signal aborts; then what waits is written and segments are closed. */
  async run(signal: AbortSignal): Promise<void> {
    const rings = [...this.#rings.values()];
    const left = await this.#left();
    for await (const _ of ticks(writeEveryMs, { clock: this.#options.clock, signal })) {
      for (const ring of rings) await ring.tick();
      for (const [folder, files] of left) if (await this.#isOver(folder, files)) left.delete(folder);
    }
    for (const ring of rings) await ring.close();
  }

  status(): RingStatus[] {
    return [...this.#rings.values()].map((ring) => ring.status());
  }

  /** Rings of sources that keep nothing any more, by folder. */
  async #left(): Promise<Map<string, RingFiles>> {
    const { root, sealOf, freeBytesMin } = this.#options;
    const names: readonly string[] = await readdir(root).catch(() => []);
    const left = new Map<string, RingFiles>();
    for (const name of names) {
      const folder = join(root, name);
      const kept = this.#rings.has(name) || !sourceId.safeParse(name).success ? undefined : await limitsOf(folder);
      if (kept) left.set(folder, new RingFiles(folder, { kept, seal: sealOf(sealName(name)), freeBytesMin }));
    }
    return left;
  }

  /** It has aged out and is removed, or cannot be looked after. */
  async #isOver(folder: string, files: RingFiles): Promise<boolean> {
    try {
      await files.start();
      await files.retain(this.#options.clock.nowMs());
      if (!files.isEmpty) return false;
      await rm(folder, { recursive: true, force: true });
    } catch (error) {
      this.#options.log.warn({ folder, error }, 'originals of a source that keeps none any more cannot be removed; remove them by hand');
    }
    return true;
  }
}
