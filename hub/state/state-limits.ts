// The limits of State and the errors that name them. Keys use the characters that a JetStream key-value bucket takes as
// well, so that growing up changes no key.
import { AtalaiaError } from '../../proto/runtime/errors.ts';

const documentBytesMax = 256 * 1024;
const keyLengthMax = 512;
/** Most rows one list call hands out; longer lists are paged with `after`. */
export const listMax = 10_000;
/** Changes a watcher may lag behind before it is ended with STATE_WATCH_OVERFLOW. */
export const watchLagMax = 10_000;
export const watchLagBytesMax = 64 * 1024 * 1024;
/** Puts that wait for their turn; more are refused with STATE_BUSY. */
export const waitingMax = 20_000;

const keyPattern = /^[A-Za-z0-9_=/-][A-Za-z0-9_=./-]*$/;

export function checkKey(key: string): void {
  if (key.length <= keyLengthMax && keyPattern.test(key) && !key.endsWith('.')) return;
  const shown = JSON.stringify(key.slice(0, 80));
  throw new AtalaiaError(
    'STATE_KEY',
    `the key ${shown} is not allowed: 1 to ${keyLengthMax} of the characters A-Z a-z 0-9 - / _ = . (no dot at either end); encode other text first`,
  );
}

export function encodeDocument(key: string, value: unknown): string {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new AtalaiaError('STATE_VALUE', `the document ${key} has no JSON form; use remove to take it away`);
  const bytes = Buffer.byteLength(json);
  if (bytes > documentBytesMax) {
    throw new AtalaiaError(
      'STATE_TOO_LARGE',
      `the document ${key} would be ${bytes} bytes, the limit is ${documentBytesMax}; nothing was written, move its growing part into documents of its own`,
    );
  }
  return json;
}

export function conflict(key: string, expected: number, current: number): AtalaiaError {
  const wanted = expected === 0 ? 'no document' : `revision ${expected}`;
  const found = current === 0 ? 'there is none' : `it is at revision ${current}`;
  return new AtalaiaError('STATE_CONFLICT', `${key} was expected with ${wanted}, but ${found}; read it again and decide anew`);
}

export function closedError(): AtalaiaError {
  return new AtalaiaError('STATE_CLOSED', 'the state store is closed; nothing was written');
}
