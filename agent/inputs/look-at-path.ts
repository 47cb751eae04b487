// What stands at a path right now, without opening it.
import { statSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { FileLook } from './followed-bytes.ts';

/** One file, whatever its names. */
export function fileKey({ device, inode }: { readonly device: number; readonly inode: number }): string {
  return `${device}:${inode}`;
}

export interface PathLook {
  readonly key: string;
  readonly look: FileLook;
}

/** A few microseconds instead of thirty, for paths on a disk of this machine. */
export function lookAtLocalPath(path: string): PathLook | undefined {
  try {
    return pathLook(statSync(path));
  } catch (error) {
    return failedLook(error);
  }
}

/** Undefined when nothing is there; an empty key when it cannot be looked at: opening it says why. */
export async function lookAtPath(path: string): Promise<PathLook | undefined> {
  try {
    return pathLook(await stat(path));
  } catch (error) {
    return failedLook(error);
  }
}

function pathLook({ dev, ino, size, mtimeMs }: Stats): PathLook {
  return { key: fileKey({ device: dev, inode: ino }), look: { size, changedMs: mtimeMs } };
}

function failedLook(error: unknown): PathLook | undefined {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { key: '', look: { size: -1, changedMs: -1 } };
}
