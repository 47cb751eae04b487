// Where reading of the kernel's log stands: which boot, which record is next, and when that boot's clock stood at zero.
// Travels as the cursor of a position, so that a restart neither repeats a record nor gives it another time. It is written as
// journald writes its own (sequence, index, time, in hexadecimal), so that cursors compare alike.

export interface KernelPlace {
  readonly bootId: string;
  /** Sequence number of the record to be read next. */
  readonly next: number;
  /** Microseconds since 1970. */
  readonly zeroUs: number;
}

const written = /^s=([\w-]{1,64});i=([0-9a-f]{1,14});t=([0-9a-f]{1,14})$/;

export function placeToCursor({ bootId, next, zeroUs }: KernelPlace): string {
  return `s=${bootId};i=${next.toString(16)};t=${Math.max(0, Math.round(zeroUs)).toString(16)}`;
}

/** Undefined when it is no cursor of ours. */
export function cursorToPlace(cursor: string): KernelPlace | undefined {
  const [, bootId, next, zeroUs] = written.exec(cursor) ?? [];
  return bootId === undefined ? undefined : { bootId, next: Number(`0x${next}`), zeroUs: Number(`0x${zeroUs}`) };
}

/** Clocks are set by so much without a record's time being worth less. */
const toleratedUs = 2_000_000;

/** The zero that is known, unless what is seen now says that a clock was set or the machine slept. */
export function steadyZero(knownUs: number, seenUs: number): number {
  return Math.abs(knownUs - seenUs) > toleratedUs ? seenUs : knownUs;
}
