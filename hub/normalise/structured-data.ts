// The structured data of RFC 5424: `-` or `[id name="value"]…`, with the escapes `\"`, `\\` and `\]`.
// Promises: linear; the end position, or -1 when the grammar is broken, an id appears twice or a limit is passed.
// Values are collected as pairs `id.name`, value; more than 128 are left out of the event (the line still has them).

const structuredLimits = { paramsMax: 128, nameCharsMax: 32 } as const;

export function readStructuredData(text: string, start: number, out: string[]): number {
  if (text.charCodeAt(start) === 45) return start + 1;
  const seen: string[] = [];
  let at = start;
  while (text.charCodeAt(at) === 91) {
    const nameEnd = nameAt(text, at + 1);
    if (nameEnd < 0) return -1;
    const id = text.slice(at + 1, nameEnd);
    if (seen.includes(id) || seen.length >= structuredLimits.paramsMax) return -1;
    seen.push(id);
    at = readParams(text, nameEnd, id, out);
    if (at < 0) return -1;
  }
  return at === start ? -1 : at;
}

function readParams(text: string, start: number, id: string, out: string[]): number {
  let at = start;
  while (text.charCodeAt(at) === 32) {
    const nameEnd = nameAt(text, at + 1);
    if (nameEnd < 0 || text.charCodeAt(nameEnd) !== 61 || text.charCodeAt(nameEnd + 1) !== 34) return -1;
    const end = valueEnd(text, nameEnd + 2);
    if (end < 0) return -1;
    if (out.length < structuredLimits.paramsMax * 2)
      out.push(`${id}.${text.slice(at + 1, nameEnd)}`, unescape(text.slice(nameEnd + 2, end)));
    at = end + 1;
  }
  return text.charCodeAt(at) === 93 ? at + 1 : -1;
}

function nameAt(text: string, at: number): number {
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code <= 32 || code > 126 || code === 61 || code === 93 || code === 34) break;
  }
  return end === at || end - at > structuredLimits.nameCharsMax ? -1 : end;
}

function valueEnd(text: string, at: number): number {
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === 34) return end;
    if (code === 93) return -1;
    if (code === 92) end++;
  }
  return -1;
}

function unescape(value: string): string {
  return value.includes('\\') ? value.replace(/\\(["\\\]])/g, '$1') : value;
}
