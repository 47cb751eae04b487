// What journald's cursors say: which entry one is, and how many lie between two.

const fieldPattern = /(?:^|;)([a-z])=([0-9a-f]{1,32})(?=;|$)/g;
const cursorPattern = /"__CURSOR" ?: ?"([^"\\]{1,512})"/;

/** The cursor of an entry as journalctl prints it in JSON; empty when it has none. A value cannot pretend to be one: its quotes are escaped. */
export function cursorIn(json: string): string {
  return cursorPattern.exec(json)?.[1] ?? '';
}

/**
 * Whether two cursors are of one entry. An entry may stand in two files under two numbers (journald copies /run to /var):
 * boot, both times and the sum over its fields decide.
 */
export function isSameEntry(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [fieldsOf(a), fieldsOf(b)];
  return ['b', 'm', 't', 'x'].every((name) => one.has(name) && one.get(name) === other.get(name));
}

/** Entries between two of one run of numbers; undefined when they are of two runs, or not in this order. */
export function entriesBetween(before: string, after: string): number | undefined {
  const [one, other] = [fieldsOf(before), fieldsOf(after)];
  if (!one.has('s') || one.get('s') !== other.get('s')) return undefined;
  const between = Number.parseInt(other.get('i') ?? '', 16) - Number.parseInt(one.get('i') ?? '', 16) - 1;
  return Number.isSafeInteger(between) && between >= 0 ? between : undefined;
}

function fieldsOf(cursor: string): Map<string, string> {
  return new Map([...cursor.matchAll(fieldPattern)].map(([, name = '', value = '']) => [name, value]));
}
