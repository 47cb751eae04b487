// What a package consists of, as values: paths with their bytes and modes, for the .deb and for the tarball.
// Promises: written out they have just these modes and one time; folders are made closed to no one.
import { chmod, copyFile, lutimes, mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface PackageFile {
  /** Below the root of the package, without a leading slash. */
  readonly path: string;
  readonly content: { readonly bytes: string | Uint8Array } | { readonly copyOf: string } | { readonly linkTo: string };
  readonly isProgram?: boolean;
}

export async function writeFiles(folder: string, files: readonly PackageFile[]): Promise<void> {
  for (const { path, content, isProgram = false } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    if ('linkTo' in content) {
      await symlink(content.linkTo, target);
      continue;
    }
    if ('copyOf' in content) await copyFile(content.copyOf, target);
    else await writeFile(target, content.bytes);
    await chmod(target, isProgram ? 0o755 : 0o644);
  }
}

/** Gives everything in the folder one time, and folders one mode: what the umask and the hour of the build left does not count. */
export async function settleTimes(folder: string, epoch: number): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    await (entry.isSymbolicLink() ? lutimes : utimes)(path, epoch, epoch);
  }
  await chmod(folder, 0o755);
  await utimes(folder, epoch, epoch);
}
