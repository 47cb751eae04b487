// Standard input as lines: split at LF, a CR before it taken off, text decoded per line.
// Promises: the same lines whatever the chunks; a last line without LF counts; a line over the limit is given cut, its rest
// is skipped; memory stays below the limit plus one chunk. Bytes that are no UTF-8 become U+FFFD.

export interface InputLine {
  readonly text: string;
  readonly isCut: boolean;
}

export async function* splitInput(input: AsyncIterable<Uint8Array | string>, bytesMax: number): AsyncGenerator<InputLine> {
  let parts: Buffer[] = [];
  let size = 0;
  let isCut = false;
  const take = (bytes: Buffer): void => {
    const room = bytesMax - size;
    if (bytes.length > room) isCut = true;
    const kept = bytes.length > room ? bytes.subarray(0, Math.max(0, room)) : bytes;
    if (kept.length > 0) parts.push(kept);
    size += kept.length;
  };
  const give = (): InputLine => {
    const only = parts[0];
    const bytes = parts.length === 1 && only ? only : Buffer.concat(parts);
    const end = bytes.length > 0 && bytes[bytes.length - 1] === 13 ? bytes.length - 1 : bytes.length;
    const line = { text: bytes.toString('utf8', 0, end), isCut };
    parts = [];
    size = 0;
    isCut = false;
    return line;
  };
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      take(bytes.subarray(start, end));
      yield give();
      start = end + 1;
    }
    if (start < bytes.length) take(bytes.subarray(start));
  }
  if (size > 0 || isCut) yield give();
}
