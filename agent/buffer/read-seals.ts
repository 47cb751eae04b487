// The keys that hide what waits on disk, read from the files that `buffer.encryption` names.
// Promises: a file that others can read, a link, or one without exactly 32 bytes (raw, hexadecimal or base64) is a wrong
// configuration with the remedy, before anything is opened; a key is never part of a message, an argument or an
// environment variable. What systemd hands over (LoadCredential) is taken too: there the group's bits are the mask of an
// access list that names the service's user alone.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Encryption } from '../../config/buffer-config.ts';
import { createSeal, sealingKeyBytes, type Seal } from '../../proto/durable/sealing.ts';
import type { Random } from '../../proto/runtime/clock.ts';
import { errorCode, UsageError } from '../../proto/runtime/errors.ts';

/** The seal of one log of this agent: a lane, a source's originals. */
export type SealOf = (log: string) => Seal;

const fileBytesMax = 256;
const credentials = '/run/credentials/';
const remedy = '`openssl rand -hex 32` makes a key; then `chown` it to the agent and `chmod 600`';

/** Throws UsageError. */
export function readSeals({ keyFile, previousKeyFiles }: Encryption, random: Random): SealOf {
  const current = keyFile === undefined ? undefined : readKey(keyFile);
  const previous = previousKeyFiles.map(readKey);
  return (log) => createSeal({ current, previous }, log, random);
}

/** A wrong configuration where what is in `folder` needs a key that was not given; any other error as it is. */
export function explainMissingKey(folder: string, error: unknown): unknown {
  if (!(error instanceof Error) || errorCode(error) !== 'KEY_MISSING') return error;
  const remedy = 'name the file of that key as buffer.encryption.keyFile, or among previousKeyFiles; nothing was changed';
  return new UsageError(`what is kept in ${folder} cannot be read: ${error.message}; ${remedy}`, { cause: error });
}

function readKey(path: string): Buffer {
  const content = readContent(path);
  if (content.length === sealingKeyBytes) return content;
  const text = content.toString('latin1').replace(/\r?\n$/, '');
  const key = /^[0-9a-fA-F]{64}$/.test(text)
    ? Buffer.from(text, 'hex')
    : /^[A-Za-z0-9+/]{43}=?$/.test(text)
      ? Buffer.from(text, 'base64')
      : undefined;
  if (!key) throw refused(path, `does not hold ${sealingKeyBytes} bytes, raw or as hexadecimal or base64`);
  return key;
}

function readContent(path: string): Buffer {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw refused(path, `cannot be opened (${errorCode(error) ?? 'unknown'})`, error);
  }
  try {
    const { mode, size } = fstatSync(descriptor);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw refused(path, 'is not a plain file');
    if ((mode & (path.startsWith(credentials) ? 0o007 : 0o077)) !== 0) throw refused(path, 'can be read by others than its owner');
    if (size > fileBytesMax) throw refused(path, `is longer than ${fileBytesMax} bytes`);
    const content = Buffer.alloc(fileBytesMax);
    return content.subarray(0, readSync(descriptor, content));
  } finally {
    closeSync(descriptor);
  }
}

function refused(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`buffer.encryption: the key file ${path} ${why}; ${remedy}`, { cause });
}
