// What stands at a path right now, without opening it.
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

/** Undefined when nothing is there; an empty key when it cannot be looked at: opening it says why. */
export async function lookAtPath(path: string): Promise<PathLook | undefined> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(path);
    return { key: fileKey({ device: dev, inode: ino }), look: { size, changedMs: mtimeMs } };
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { key: '', look: { size: -1, changedMs: -1 } };
  }
}
