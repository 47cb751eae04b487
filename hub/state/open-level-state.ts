// Opens the hub's State on LevelDB: `<folder>/version.json` and one database in `<folder>/documents`.
// Rejects with DATA_NEWER, LOCKED, DAMAGED, DISK_FULL or STATE_OPEN_FAILED, each with its remedy in the text. A damaged
// store is not mended on the quiet: a missing alert document would let a replay raise the alert again.
import { join } from 'node:path';
import type { State } from '../ports.ts';
import { checkDataVersion } from './data-version.ts';
import { GroupedState } from './grouped-state.ts';
import { openLevelShelf } from './level-shelf.ts';

export async function openLevelState({ folder }: { readonly folder: string }): Promise<State> {
  await checkDataVersion(folder);
  const shelf = await openLevelShelf(join(folder, 'documents'));
  return new GroupedState(shelf, await shelf.lastRevision());
}
