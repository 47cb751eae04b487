// The three kinds of error (STYLE.md): bad input is a value, the world failing is an AtalaiaError, our own mistake is an
// assertion that stops the process, which the journal and the buffer make safe.

export interface ErrorDetail {
  readonly cause?: unknown;
  readonly isRetryable?: boolean;
}

/** The world failed. `code` is stable and upper case; the text says what was tried, what happened, what follows. */
export class AtalaiaError extends Error {
  readonly code: string;
  readonly isRetryable: boolean;

  constructor(code: string, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? {} : { cause: detail.cause });
    this.name = 'AtalaiaError';
    this.code = code;
    this.isRetryable = detail.isRetryable ?? false;
  }
}

/** A wrong call or a wrong configuration: the program prints the text alone and exits with 2. */
export class UsageError extends AtalaiaError {
  constructor(message: string, detail: ErrorDetail = {}) {
    super('USAGE', message, detail);
    this.name = 'UsageError';
  }
}

export function assert(claim: unknown, message: string): asserts claim {
  if (!claim) throw new Error(`broken invariant: ${message}`);
}

/** Closes a union: a state that nobody handled does not compile. */
export function unreachable(value: never): never {
  throw new Error(`broken invariant: unhandled ${JSON.stringify(value)}`);
}

/** The `code` of a Node or LevelDB error, looking through causes; undefined when there is none. */
export function errorCode(error: unknown): string | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; current = current.cause, depth++) {
    if ('code' in current && typeof current.code === 'string') return current.code;
  }
  return undefined;
}
