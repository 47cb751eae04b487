// The key of pseudonyms, read from a local file that nobody but the agent may read: a policy names the file, never the key.
// Promises: a file that others can read or write, a link, or one with too little in it is refused with the remedy; the key
// is never part of a message. A line end behind the key is not part of it.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { AtalaiaError } from '../../proto/runtime/errors.ts';

const keyBytesMin = 32;
const keyBytesMax = 4_096;
const remedy = '`openssl rand -hex 32` makes a key; then `chown` it to the agent and `chmod 600`';

/** Throws KEY_FILE_REFUSED. */
export function readKeyFile(path: string): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw refused(path, 'cannot be opened', error);
  }
  try {
    const { mode, size } = fstatSync(descriptor);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw refused(path, 'is not a plain file');
    if ((mode & 0o077) !== 0) throw refused(path, 'can be read by others than its owner');
    if (size > keyBytesMax) throw refused(path, `is longer than ${keyBytesMax} bytes`);
    const bytes = Buffer.alloc(keyBytesMax);
    const key = bytes.subarray(0, keyEnd(bytes, readSync(descriptor, bytes)));
    if (key.length < keyBytesMin) throw refused(path, `holds fewer than ${keyBytesMin} bytes`);
    return key;
  } finally {
    closeSync(descriptor);
  }
}

function keyEnd(bytes: Buffer, length: number): number {
  let end = length;
  while (end > 0 && (bytes[end - 1] === 0x0a || bytes[end - 1] === 0x0d)) end--;
  return end;
}

function refused(path: string, why: string, cause?: unknown): AtalaiaError {
  return new AtalaiaError('KEY_FILE_REFUSED', `the key file ${path} ${why}; ${remedy}`, { cause, isRetryable: true });
}
