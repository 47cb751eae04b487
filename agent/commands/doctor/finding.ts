// What the doctor found: one line each, with what to do about it.

export interface Finding {
  /** What was looked at: a few words, the same in every run. */
  readonly check: string;
  /** warn: works, or may work, but not as it should. fail: lines are not collected or not sent until this is mended. */
  readonly is: 'ok' | 'warn' | 'fail';
  readonly says: string;
  /** What to do; absent when all is well. */
  readonly remedy?: string;
}

export function ok(check: string, says: string): Finding {
  return { check, is: 'ok', says };
}

export function warn(check: string, says: string, remedy: string): Finding {
  return { check, is: 'warn', says, remedy };
}

export function fail(check: string, says: string, remedy: string): Finding {
  return { check, is: 'fail', says, remedy };
}
