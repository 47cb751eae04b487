// Where the files that come with the programs lie: rules and decoders in a checkout, the same beside the bundle when built.
// The console's pages exist only when they were built (`npm run build`), also for a program that runs from source.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type ShippedFolder = 'rules' | 'decoders' | 'web';

/** An absolute path, or an empty text when the pages were not built. */
export function shippedFolder(name: ShippedFolder, here: string = import.meta.url): string {
  const file = fileURLToPath(here);
  const isSource = file.endsWith('.ts');
  if (name !== 'web') return join(dirname(file), name);
  const web = isSource ? join(dirname(file), '..', 'dist', 'web') : join(dirname(file), 'web');
  return existsSync(join(web, 'index.html')) ? web : '';
}
