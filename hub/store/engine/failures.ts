// What an engine's error means to us: try again later, or never.
import { AtalaiaError } from '../../../proto/runtime/errors.ts';

/** ClickHouse codes of a world that may be better later: full disk, no memory, time-out, cancelled, too many parts. */
const laterCodes = new Set([74, 75, 76, 159, 209, 236, 241, 243, 252, 394]);

export function engineFailure(code: number, reason: string): AtalaiaError {
  const isRetryable = laterCodes.has(code) || /No space left|Disk quota/i.test(reason);
  if (code === 396) return new AtalaiaError('SEARCH_TOO_LARGE', 'the answer is too large; ask for fewer events or narrow the search');
  if (code === 241)
    return new AtalaiaError('STORE_MEMORY', 'the engine would need too much memory for this; narrow the search', { isRetryable });
  return new AtalaiaError(isRetryable ? 'STORE_LATER' : 'STORE_REFUSED', `the event store refused: ${reason}`, { isRetryable });
}

export function storeDown(why: string): AtalaiaError {
  return new AtalaiaError('STORE_DOWN', `the event store's engine does not answer: ${why}; lines wait in the journal`, {
    isRetryable: true,
  });
}
