// Whether a file of ours says that a place told by the hub belongs to another life of this machine (DELIVERY.md 9): the
// machine was rolled back or cloned, and what the hub has of the stream is not what stands in the file.
// Promises: true only when a file is found in which our own place is proven and the told one is not. A file that is gone,
// rewritten or may not be read contradicts nothing: then the hub is believed, or lines would be stored twice.
import { basename, dirname } from 'node:path';
import type { StreamPosition } from '../ports.ts';
import type { FileFence } from './file-fence.ts';
import { isProven } from './file-proof.ts';
import { candidatesIn } from './find-rotated.ts';
import { openFile } from './open-file.ts';

export async function contradictsFile(told: StreamPosition, own: StreamPosition, fence: FileFence): Promise<boolean> {
  const { path, file } = own.stream;
  if (!file || path === '') return false;
  for (const candidate of await candidatesIn(dirname(path), basename(path), file.inode)) {
    const opened = await openFile(candidate, fence);
    if (opened.is !== 'open') continue;
    try {
      if (await isProven(opened.bytes, own)) return !(await isProven(opened.bytes, { ...told, stream: own.stream }));
    } finally {
      await opened.bytes.close();
    }
  }
  return false;
}
