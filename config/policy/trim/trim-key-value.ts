// Cuts `key=value` pairs out of a line of such pairs (logfmt, iptables, auditd), and leaves the rest as it was.
// A value is bare up to white space, or quoted by " (with \ escapes) or by ' when it closes. Words without `=` stay.
// Promises: never longer; trimming twice changes nothing more; a line with a " that never closes is told and left alone,
// because where its pairs end cannot be known. Names are matched whole and exactly; there are no paths here.

export const notPairs = -1;

export type TrimKeyValue = (bytes: Buffer, start: number, end: number, place: { readonly out: Buffer; readonly at: number }) => number;

/** The returned function gives the bytes written, or `notPairs` having promised nothing about `out` beyond `at`. */
export function createKeyValueTrimmer(names: readonly string[]): TrimKeyValue {
  const byLength: Buffer[][] = [];
  for (const name of names) {
    const bytes = Buffer.from(name);
    (byLength[bytes.length] ??= []).push(bytes);
  }
  return (bytes, start, end, { out, at }) => {
    let to = at;
    let from = start;
    let hasKept = false;
    for (let i = start; i < end;) {
      const gap = i;
      while (i < end && isSpace(bytes[i] ?? 0)) i++;
      if (i === end) break;
      const word = i;
      const nameEnd = nameEndAt(bytes, i, end);
      i = wordEndAt(bytes, nameEnd, end);
      if (i < 0) return notPairs;
      const goes = nameEnd < end && bytes[nameEnd] === 0x3d && isNamed(byLength[nameEnd - word], bytes, word);
      if (goes) {
        // The space before goes along; a pair at the very front takes the space behind it instead.
        const cutAt = hasKept ? gap : word;
        to += bytes.copy(out, to, from, cutAt);
        if (!hasKept) while (i < end && isSpace(bytes[i] ?? 0)) i++;
        from = i;
      } else hasKept = true;
    }
    to += bytes.copy(out, to, from, end);
    return to - at;
  };
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x09;
}

function nameEndAt(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const c = bytes[i] ?? 0;
    if (c === 0x3d || c === 0x22 || isSpace(c)) break;
    i++;
  }
  return i;
}

/** `at` is where a name stopped: at `=`, a quote or white space. Returns where the word ends, quotes passed. */
function wordEndAt(bytes: Buffer, at: number, end: number): number {
  let i = at;
  if (i + 1 < end && bytes[i] === 0x3d && bytes[i + 1] === 0x27) {
    const close = closingQuote(bytes, i + 2, end, 0x27);
    if (close >= 0) i = close + 1;
  }
  while (i < end && !isSpace(bytes[i] ?? 0)) {
    if (bytes[i] === 0x22) {
      i = closingQuote(bytes, i + 1, end, 0x22);
      if (i < 0) return notPairs;
    }
    i++;
  }
  return i;
}

function closingQuote(bytes: Buffer, at: number, end: number, quote: number): number {
  for (let i = at; i < end; i++) {
    const c = bytes[i];
    if (c === quote) return i;
    if (c === 0x5c) i++;
  }
  return notPairs;
}

function isNamed(names: readonly Buffer[] | undefined, bytes: Buffer, at: number): boolean {
  if (names === undefined) return false;
  for (let n = 0; n < names.length; n++) {
    const name = names[n];
    if (name === undefined) continue;
    let i = 0;
    while (i < name.length && name[i] === bytes[at + i]) i++;
    if (i === name.length) return true;
  }
  return false;
}
