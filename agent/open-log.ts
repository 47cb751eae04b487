// The agent's own log: pino's JSON lines on standard error. Levels by consequence: error = data lost or a person must act,
// warn = unexpected and recovered, info = start, stop, reload, connect. Errors are told by code and text, never by stack
// (paths of our own code help nobody) and never with a line's content.
import { pino, type Logger } from 'pino';
import { errorCode } from '../proto/runtime/errors.ts';

export interface AgentLog {
  readonly log: Logger;
  /** The last thing logged as an error, for `status`. */
  lastError(): string;
}

const errorLevel = 50;

export function openLog(level: 'error' | 'warn' | 'info' | 'debug'): AgentLog {
  let last = '';
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: tellError },
      hooks: {
        logMethod(args, method, number) {
          const [, words] = args;
          if (number >= errorLevel && typeof words === 'string') last = words;
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
