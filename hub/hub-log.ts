// The hub's own log: pino's JSON lines on standard error. Levels by consequence: error = data lost or a person must act,
// warn = unexpected and recovered, info = start, stop, connect. Never a line's content, never a secret.
import { pino, type Logger } from 'pino';
import { errorCode } from '../proto/runtime/errors.ts';

export type HubLog = Logger;

export function openHubLog(level: 'error' | 'warn' | 'info' | 'debug'): HubLog {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: tellError, cause: tellError },
  };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}

/** Code and texts down to the cause, at debug level the stack too would tell our own paths: never here. */
function tellError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? {} : { cause: tellError(error.cause) };
  return { code: errorCode(error), text: error.message, ...cause };
}
