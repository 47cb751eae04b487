// Finds a field's value in a raw line without parsing it whole: by path in a JSON text, by name in key=value pairs.
// Promises: every value at that place is shown to `test` until one answers true (a field may stand twice, a `*` may match
// many, each element of an array counts); nothing is allocated unless a value holds escapes. Lines that begin with `{`
// are JSON, all others are pairs. A broken JSON text is searched as far as it can be read.
import { childState, escapedKeyState, type PathState } from '../trim/field-paths.ts';
import { indexOfByte, skipSpace, stringEnd, valueEnd, valueStart } from '../trim/scan-json.ts';

/** Sees the decoded bytes of one value; `isNull` for a JSON null, whose bytes are empty. */
export type ValueTest = (bytes: Buffer, start: number, end: number, isNull: boolean) => boolean;

const empty = Buffer.alloc(0);
const depthMax = 64;
/** Found nothing and cannot go on; found. Other answers are the index behind what was read. */
const broken = -1;
const found = -2;

export function findJsonField(
  path: PathState,
  line: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  test: ValueTest,
): boolean {
  return seek(line.bytes, skipSpace(line.bytes, line.start, line.end), line.end, { state: path, test, depth: 0 }) === found;
}

interface Search {
  readonly state: PathState;
  readonly test: ValueTest;
  readonly depth: number;
}

function seek(bytes: Buffer, at: number, end: number, search: Search): number {
  if (at >= end || search.depth > depthMax) return broken;
  if (search.state.isFound) return tryValue(bytes, at, end, search);
  if (bytes[at] === 0x7b) return seekInObject(bytes, at, end, search);
  if (bytes[at] === 0x5b && search.state.other)
    return seekInArray(bytes, at, end, { ...search, state: search.state.other, depth: search.depth + 1 });
  return valueEnd(bytes, at, end, search.depth);
}

function seekInObject(bytes: Buffer, at: number, end: number, { state, test, depth }: Search): number {
  let i = skipSpace(bytes, at + 1, end);
  while (i < end && bytes[i] === 0x22) {
    const keyEnd = stringEnd(bytes, i + 1, end);
    if (keyEnd < 0) return broken;
    const isPlain = indexOfByte(bytes, 0x5c, i + 1, keyEnd) === keyEnd;
    const below = (isPlain ? childState : escapedKeyState)(state, bytes, i + 1, keyEnd - 1);
    const value = valueStart(bytes, keyEnd, end);
    if (value < 0) return broken;
    i = below ? seek(bytes, value, end, { state: below, test, depth: depth + 1 }) : valueEnd(bytes, value, end, depth);
    if (i < 0) return i;
    i = skipSpace(bytes, i, end);
    if (i < end && bytes[i] === 0x2c) i = skipSpace(bytes, i + 1, end);
  }
  return i < end && bytes[i] === 0x7d ? i + 1 : broken;
}

function seekInArray(bytes: Buffer, at: number, end: number, search: Search): number {
  let i = skipSpace(bytes, at + 1, end);
  while (i < end && bytes[i] !== 0x5d) {
    i = seek(bytes, i, end, search);
    if (i < 0) return i;
    i = skipSpace(bytes, i, end);
    if (i < end && bytes[i] === 0x2c) i = skipSpace(bytes, i + 1, end);
  }
  return i < end ? i + 1 : broken;
}

function tryValue(bytes: Buffer, at: number, end: number, search: Search): number {
  const { test, depth } = search;
  if (bytes[at] === 0x5b) return seekInArray(bytes, at, end, { ...search, depth: depth + 1 });
  const behind = valueEnd(bytes, at, end, depth);
  if (behind < 0 || bytes[at] === 0x7b) return behind;
  if (bytes[at] === 0x6e) return test(empty, 0, 0, true) ? found : behind;
  if (bytes[at] !== 0x22) return test(bytes, at, behind, false) ? found : behind;
  if (indexOfByte(bytes, 0x5c, at, behind) === behind) return test(bytes, at + 1, behind - 1, false) ? found : behind;
  const text: unknown = JSON.parse(bytes.toString('utf8', at, behind));
  const decoded = Buffer.from(String(text));
  return test(decoded, 0, decoded.length, false) ? found : behind;
}

/** Quoted values are shown without their quotes and with \" and \\ undone. */
export function findPair(
  name: Buffer,
  line: { readonly bytes: Buffer; readonly start: number; readonly end: number },
  test: ValueTest,
): boolean {
  const { bytes, start, end } = line;
  const last = end - name.length - 1;
  for (let at = start; at <= last; at++) {
    if (bytes[at] !== name[0]) continue;
    if (at > start && bytes[at - 1] !== 0x20 && bytes[at - 1] !== 0x09) continue;
    const equals = at + name.length;
    if (bytes[equals] !== 0x3d || name.compare(bytes, at, equals) !== 0) continue;
    if (tryPair(bytes, equals + 1, end, test)) return true;
  }
  return false;
}

function tryPair(bytes: Buffer, at: number, end: number, test: ValueTest): boolean {
  const quote = at < end && (bytes[at] === 0x22 || bytes[at] === 0x27) ? bytes[at] : undefined;
  let hasEscape = false;
  let i = quote === undefined ? at : at + 1;
  for (; i < end; i++) {
    const c = bytes[i];
    if (c === quote || (quote === undefined && (c === 0x20 || c === 0x09))) break;
    if (c === 0x5c && quote !== undefined) {
      hasEscape = true;
      i++;
    }
  }
  const first = quote === undefined ? at : at + 1;
  const last = Math.min(i, end);
  if (!hasEscape) return test(bytes, first, last, false);
  const decoded = Buffer.from(bytes.toString('utf8', first, last).replace(/\\(["'\\])/g, '$1'));
  return test(decoded, 0, decoded.length, false);
}
