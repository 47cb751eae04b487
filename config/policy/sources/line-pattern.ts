// A pattern that says of a line whether it begins (or continues) a record: RE2, linear whatever the line.
// Promises: only the first `seenBytesMax` bytes of a line decide, so that a line may be judged before its end is there;
// patterns that are a fixed beginning of ASCII (`^\d{4}-\d\d`, `^[ \t]`, `^<`) are compared byte by byte, without RE2.
import { RE2JS } from 're2js';

export const linePatternLimits = { charsMax: 1_024, seenBytesMax: 4_096 } as const;

/** Whether the line bytes[start, end), UTF-8, matches. */
export type LinePattern = (bytes: Buffer, start: number, end: number) => boolean;

/** The pattern, or why it cannot be used. */
export function compileLinePattern(pattern: string): LinePattern | string {
  if (pattern.length > linePatternLimits.charsMax) return `a pattern longer than ${linePatternLimits.charsMax} characters`;
  if (/\(\?<?[=!]/.test(pattern)) return 'look-around in a pattern is not supported; it cannot be run in bounded time';
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    return `the pattern cannot be used: ${error instanceof Error ? error.message : 'it is not valid'}`;
  }
  const tables = byteTables(pattern);
  if (tables) return (bytes, start, end) => beginsWith(bytes, start, { end, tables });
  return (bytes, start, end) =>
    compiled.matcher(bytes.toString('utf8', start, Math.min(end, start + linePatternLimits.seenBytesMax))).find();
}

function beginsWith(
  bytes: Buffer,
  start: number,
  { end, tables }: { readonly end: number; readonly tables: readonly Uint8Array[] },
): boolean {
  if (end - start < tables.length) return false;
  for (let i = 0; i < tables.length; i++) if (tables[i]?.[bytes[start + i] ?? 0] !== 1) return false;
  return true;
}

const atom = /\\([dws])|\\([^\w\s])|\[([\w \-:/.,<>\\]{1,64})\]|([\w\s<>"'%&,:;=@#~`/!-])/y;
const repeat = /\{(\d{1,2})\}|(\+$)/y;
const bytesMax = 64;

/** One table of allowed bytes per place, when the whole pattern is such a beginning; else undefined, and RE2 decides. */
function byteTables(pattern: string): readonly Uint8Array[] | undefined {
  if (!pattern.startsWith('^')) return undefined;
  const tables: Uint8Array[] = [];
  for (let at = 1; at < pattern.length;) {
    atom.lastIndex = at;
    const found = atom.exec(pattern);
    const table = found ? tableOf(found) : undefined;
    if (!found || !table) return undefined;
    at = repeat.lastIndex = atom.lastIndex;
    const times = repeat.exec(pattern);
    if (times) at = repeat.lastIndex;
    for (let count = Number(times?.[1] ?? 1); count > 0; count--) tables.push(table);
    if (tables.length > bytesMax) return undefined;
  }
  return tables.length > 0 ? tables : undefined;
}

function tableOf([, shorthand, escaped, set, literal]: readonly (string | undefined)[]): Uint8Array | undefined {
  if (shorthand !== undefined) return tableFor(new RegExp(shorthand === 's' ? '[\\t\\n\\f\\r ]' : `\\${shorthand}`));
  // RE2 and JavaScript read such a set alike; one with another escape, or an order that is not one, is left to RE2.
  if (set !== undefined) return /\\(?![dwt])|-.*-|\w-\\/.test(set) ? undefined : tableFor(new RegExp(`[${set}]`));
  const text = escaped ?? literal ?? '';
  return text.charCodeAt(0) < 0x80 ? tableFor(new RegExp(RegExp.escape(text))) : undefined;
}

function tableFor(one: RegExp): Uint8Array {
  // Bytes from 0x80 on are parts of characters; none of the sets above holds one.
  return Uint8Array.from({ length: 256 }, (_, byte) => Number(byte < 0x80 && one.test(String.fromCharCode(byte))));
}
