// The agent's own log: pino's JSON lines on standard error. Levels by consequence: error = data lost or a person must act,
// warn = unexpected and recovered, info = start, stop, reload, connect. Errors are told by code and text, never by stack
// (paths of our own code help nobody) and never with a line's content.
import { pino, type Logger } from 'pino';
import { errorCode } from '../proto/runtime/errors.ts';

export interface AgentLog {
  readonly log: Logger;
  /** The last thing logged as an error, for `status`. */
  lastError(): LoggedError | undefined;
}

export interface LoggedError {
  readonly text: string;
  readonly atMs: number;
}

const errorLevel = 50;

export function openLog(level: 'error' | 'warn' | 'info' | 'debug'): AgentLog {
  let last: LoggedError | undefined;
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: tellError },
      hooks: {
        logMethod(args, method, number) {
          if (number >= errorLevel) last = loggedError(args) ?? last;
          method.apply(this, args);
        },
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  return { log, lastError: () => last };
}

function tellError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  return { code: errorCode(error), text: error.message };
}

/** What was logged, and the text of the error it came with. */
function loggedError([fields, words]: readonly unknown[]): LoggedError | undefined {
  if (typeof words !== 'string') return undefined;
  const error: unknown = typeof fields === 'object' && fields !== null ? Reflect.get(fields, 'error') : undefined;
  return { text: error instanceof Error ? `${words}: ${error.message}` : words, atMs: Date.now() };
}
