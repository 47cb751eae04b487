// A host made of a table of files, below a folder of its own.
import { mkdirSync, mkdtempSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Path to content; content that begins with `-> ` makes a symbolic link, a path that ends in `/` a folder. */
export type MadeFiles = Readonly<Record<string, string>>;

export const madeAtMs = Date.UTC(2026, 10, 24, 10, 0, 0);

export function makeHost(files: MadeFiles): string {
  const root = mkdtempSync(join(tmpdir(), 'made-host-'));
  for (const [path, content] of Object.entries(files)) {
    const place = join(root, path);
    mkdirSync(path.endsWith('/') ? place : dirname(place), { recursive: true });
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), place);
    else if (!path.endsWith('/')) {
      writeFileSync(place, content, { mode: 0o644 });
      utimesSync(place, madeAtMs / 1_000, madeAtMs / 1_000);
    }
  }
  return root;
}

/** `count` lines, each so many seconds after the one before, the last at the hour when the host was made. */
export function logOf(count: number, seconds: number, line: (time: Date, n: number) => string): string {
  const begun = madeAtMs - (count - 1) * seconds * 1_000;
  return Array.from({ length: count }, (_, n) => `${line(new Date(begun + n * seconds * 1_000), n)}\n`).join('');
}
