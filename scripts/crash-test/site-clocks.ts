// Wall clocks of hub and agent that can be set to another hour while they run: libfaketime (Debian's package `faketime`)
// preloaded into the real processes, so that OpenSSL and all JavaScript see the same wrong time. The monotonic clock is left
// alone, as a wrong wall clock leaves it; so are the times of files. The store's engine keeps the right time: it asks for it
// so often that a start under libfaketime takes it half a minute, and everything it is told carries the hub's time.
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const spareChildren = pathToFileURL(join(import.meta.dirname, 'spare-children.mjs')).href;
const places = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((kind) => `/usr/lib/${kind}/faketime/libfaketime.so.1`);

export class SiteClocks {
  readonly #folder: string;
  readonly #library: string;

  private constructor(folder: string, library: string) {
    this.#folder = folder;
    this.#library = library;
    for (const side of ['hub', 'agent'] as const) this.set(side, 0);
  }

  static open(folder: string): SiteClocks | string {
    const library = places.find((path) => existsSync(path));
    return library === undefined
      ? 'clock jumps: skipped, libfaketime is not installed (apt-get install faketime)'
      : new SiteClocks(folder, library);
  }

  environment(side: 'hub' | 'agent'): Readonly<Record<string, string>> {
    return {
      LD_PRELOAD: this.#library,
      NODE_OPTIONS: `--import=${spareChildren}`,
      FAKETIME_TIMESTAMP_FILE: this.#file(side),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
  }

  /** From now on the side's clock is ahead of the machine's by so much, or behind it. */
  set(side: 'hub' | 'agent', aheadMs: number): void {
    const seconds = Math.round(aheadMs / 1_000);
    const file = this.#file(side);
    writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
    renameSync(`${file}.new`, file);
  }

  #file(side: 'hub' | 'agent'): string {
    return join(this.#folder, `${side}.clock`);
  }
}
