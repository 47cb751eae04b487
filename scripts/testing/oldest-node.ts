// The oldest Node from 20 on that PATH names: what a person may start the programs with. Node 26 where there is no other.
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

export interface FoundNode {
  readonly path: string;
  readonly major: number;
}

export function oldestNode(): FoundNode {
  const found = (process.env.PATH ?? '').split(delimiter).flatMap((place) => {
    const path = join(place, 'node');
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    const major = status === 0 ? Number(/^v(\d+)/.exec(stdout)?.[1]) : 0;
    return major >= 20 ? [{ path, major }] : [];
  });
  return found.toSorted((one, other) => one.major - other.major)[0] ?? { path: process.execPath, major: 26 };
}
