// Node for an architecture, out of its npm package: the very bytes that package-lock.json names, fetched through npm and its
// cache. Promises: nothing is taken whose integrity is not the lock's; what cannot be had is said with the remedy.
import { execFile } from 'node:child_process';
import { createHash, timingSafeEqual } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const run = promisify(execFile);

export interface FetchedNode {
  readonly version: string;
  readonly program: string;
  /** Of Node and of everything built into it. */
  readonly license: string;
}

const lockSchema = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ version: z.string().optional(), integrity: z.string().optional() })),
});

interface Locked {
  readonly version: string;
  readonly integrity: string;
}

export async function fetchNode(name: string, { root, folder }: { readonly root: string; readonly folder: string }): Promise<FetchedNode> {
  const { version, integrity } = await lockedVersion(name, root);
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  try {
    // From the cache when it is there; the user's own settings say which registry.
    await run('npm', ['pack', `${name}@${version}`, '--pack-destination', own, '--prefer-offline', '--loglevel=error'], { cwd: own });
  } catch (cause) {
    const text = `${name}@${version} could not be fetched with npm pack; let this host reach the npm registry, or build for its own architecture with --arch`;
    throw new Error(text, { cause });
  }
  const packed = (await readdir(own)).find((file) => file.endsWith('.tgz'));
  if (packed === undefined) throw new Error(`npm pack left no archive of ${name} in ${own}`);
  requireIntegrity(await readFile(join(own, packed)), integrity, `${name}@${version}`);
  await run('tar', ['--extract', '--file', join(own, packed), '--directory', own, 'package/bin/node', 'package/LICENSE']);
  return { version, program: join(own, 'package', 'bin', 'node'), license: await readFile(join(own, 'package', 'LICENSE'), 'utf8') };
}

async function lockedVersion(name: string, root: string): Promise<Locked> {
  const lock = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined)
    throw new Error(`package-lock.json does not name ${name} with its integrity; run npm install where the registry has that package`);
  return { version, integrity };
}

/** `integrity` as npm writes it: sha512 in base64. */
export function requireIntegrity(archive: Uint8Array, integrity: string, what: string): void {
  const expected = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity)?.[1];
  if (expected === undefined) throw new Error(`the integrity of ${what} in package-lock.json is no sha512: ${integrity.slice(0, 40)}`);
  const found = createHash('sha512').update(archive).digest();
  if (!timingSafeEqual(found, Buffer.from(expected, 'base64')))
    throw new Error(`${what} is not what package-lock.json names (its SHA-512 differs); it was not used. Clean npm's cache and try again`);
}
