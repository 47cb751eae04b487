// Removes orders to change rows that a full disk left without their text. The engine makes the file first and then finds no
// room for what belongs into it; from then on it refuses to load the table, and the hub would never start again.
// Promises: only files that are not whole go, and only before an engine opens the folder. Such an order was never carried
// out and its failure was told, so whoever gave it counts the block's rows again (DELIVERY.md 18) and gives it anew.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const wholeOrder = /^format version: 1\n[\s\S]*^commands: .+\n/m;
const orderName = /^(?:tmp_)?mutation_\d*\.txt$/;

/** `folder` is the engine's own. Returns what was removed. */
export function removeTornMutations(folder: string): string[] {
  const tables = join(folder, 'store');
  if (!existsSync(tables)) return [];
  const torn = readdirSync(tables, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && orderName.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !wholeOrder.test(readFileSync(path, 'utf8')));
  for (const path of torn) rmSync(path);
  return torn;
}
