// The version of what is in a data folder, in a small file beside it. An older program must not touch newer data: it
// would read it wrongly, then write over it. The file is made once, by temporary name and rename.
// Not promised: that an older version is migrated; migrations come with the first version 2.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';

const dataVersion = 1;
const fileName = 'version.json';

/** Makes the folder and its version file when absent. Rejects with DATA_NEWER or DATA_UNREADABLE. */
export async function checkDataVersion(folder: string, supported = dataVersion): Promise<void> {
  const path = join(folder, fileName);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = await readText(path);
  if (text === undefined) return await writeVersion(folder, path, supported);
  const found = versionIn(text);
  if (found === undefined) {
    throw new AtalaiaError('DATA_UNREADABLE', `${path} does not say the version of the data; restore the folder from a backup`);
  }
  if (found > supported) {
    throw new AtalaiaError(
      'DATA_NEWER',
      `the data in ${folder} has format ${found}, this program reads up to ${supported}; nothing was touched. Run the newer program that wrote it, or restore a backup made before the update`,
    );
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new AtalaiaError('DATA_UNREADABLE', `${path} could not be read; check its owner and mode`, { cause: error });
  }
}

function versionIn(text: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('version' in parsed)) return undefined;
    return Number.isSafeInteger(parsed.version) ? Number(parsed.version) : undefined;
  } catch {
    return undefined;
  }
}

async function writeVersion(folder: string, path: string, version: number): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ version })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
