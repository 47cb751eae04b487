// Which messages a syslog rule takes, as a set of facilities and severities: one byte of severities per facility.

export type PrioritySet = Uint8Array;

export const facilities = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => `local${n}`),
];
const severities: readonly (readonly string[])[] = [
  ['emerg', 'panic'],
  ['alert'],
  ['crit'],
  ['err', 'error'],
  ['warning', 'warn'],
  ['notice'],
  ['info'],
  ['debug'],
];

export function allPriorities(): PrioritySet {
  return new Uint8Array(facilities.length).fill(0xff);
}

export function noPriorities(): PrioritySet {
  return new Uint8Array(facilities.length);
}

/** A selector of syslog.conf(5) such as `*.*;auth,authpriv.none`; undefined when it is none. */
export function readSelector(text: string): PrioritySet | undefined {
  const set = noPriorities();
  for (const part of text.split(';').filter((one) => one !== '')) {
    const match = /^([\w*,]+)\.([!=]*)(\w+|\*)$/.exec(part);
    const [, names = '', sign = '', level = ''] = match ?? [];
    const bits = severityBits(level, sign.includes('='));
    if (!match || bits === undefined) return undefined;
    for (const at of facilitiesNamed(names)) {
      const before = set[at] ?? 0;
      if (level === 'none') set[at] = 0;
      else set[at] = sign.includes('!') ? before & ~bits : before | bits;
    }
  }
  return set;
}

export function facilitiesNamed(names: string): readonly number[] {
  return names
    .split(',')
    .flatMap((name) =>
      name === '*' ? facilities.map((_, at) => at) : [name === 'security' ? facilities.indexOf('auth') : facilities.indexOf(name)],
    )
    .filter((at) => at >= 0);
}

/** Bit n is severity n. A level means itself and what is worse. */
export function severityBits(level: string, isAlone: boolean): number | undefined {
  if (level === '*' || level === 'none') return 0xff;
  const severity = severities.findIndex((names) => names.includes(level));
  if (severity < 0) return undefined;
  return isAlone ? 1 << severity : (1 << (severity + 1)) - 1;
}

export function combined(a: PrioritySet, b: PrioritySet, how: (a: number, b: number) => number): PrioritySet {
  return a.map((bits, at) => how(bits, b[at] ?? 0) & 0xff);
}

export function overlaps(a: PrioritySet, b: PrioritySet): boolean {
  return a.some((bits, at) => (bits & (b[at] ?? 0)) !== 0);
}

export function holdsAllOf(whole: PrioritySet, part: PrioritySet): boolean {
  return part.every((bits, at) => (bits & ~(whole[at] ?? 0)) === 0);
}

export function sizeOf(set: PrioritySet): number {
  return set.reduce((sum, bits) => sum + bitCount(bits), 0);
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
