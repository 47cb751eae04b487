// Bytes that somebody else wrote, as text that is safe to show on a terminal: an attacker writes our logs.
// Promises: no control character but tab reaches the terminal, none of C1 either, nor marks that reorder or hide text;
// bytes that are not UTF-8 are shown one by one (\xff). What is shown so cannot be told from a line that was written with
// these very backslashes; --raw and --json tell them apart.

/** C0 without tab, DEL, C1, separators of lines, marks of direction, zero-width characters, byte order mark, tags, lone surrogates. */
const unsafe =
  /[^\P{Cc}\t]|[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e0fff}]|\p{Cs}/gu;

const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function printable(bytes: Uint8Array): string {
  const text = utf8(bytes);
  return text === undefined ? printableBytes(bytes) : printableText(text);
}

export function printableText(text: string): string {
  return text.replaceAll(unsafe, (found) => {
    const code = found.codePointAt(0) ?? 0;
    if (found === '\n') return '\\n';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** One JSON object in which these characters stand as escapes, so that it means the same and may be shown. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(unsafe, (found) =>
    Array.from({ length: found.length }, (_, unit) => `\\u${found.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** Undefined when the bytes are not UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return fatal.decode(bytes);
  } catch {
    return undefined;
  }
}

/** What is UTF-8 of it as text, the other bytes one by one. */
function printableBytes(bytes: Uint8Array): string {
  let shown = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at] ?? 0);
    const text = length > 0 && at + length <= bytes.length ? utf8(bytes.subarray(at, at + length)) : undefined;
    shown += text === undefined ? `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}` : printableText(text);
    at += text === undefined ? 1 : length;
  }
  return shown;
}

function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}
