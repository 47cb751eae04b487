// One trim rule made ready to run on lines in a buffer: fields leave, everything else keeps its bytes (DESIGN.md 9).
// Promises: the result is never longer than the line; a line that is not in the format passes as it was and is counted;
// nothing is allocated per line. A JSON text may stand behind a prefix (a syslog header), which is kept.
import { compileFieldPaths, type FieldPath, parseFieldPath } from './field-paths.ts';
import { indexOfByte, notJson } from './scan-json.ts';
import { createJsonTrimmer } from './trim-json.ts';
import { createKeyValueTrimmer, notPairs } from './trim-key-value.ts';

export type TrimFormat = 'json' | 'key-value';

export interface TrimSpec {
  readonly format: TrimFormat;
  /** Paths for JSON, names for key=value. */
  readonly drop: readonly string[];
}

export interface Trimmer {
  /** Writes the trimmed line to `out` at `outAt`, where as many bytes as the line has must be free; returns the bytes written. */
  trim(bytes: Buffer, start: number, end: number, place: { readonly out: Buffer; readonly at: number }): number;
  /** Lines that were not in the format, since the trimmer was made. */
  unparsedLines(): number;
}

/** The spec was checked by the policy schema: a path that does not parse is a broken promise of the caller. */
export function createTrimmer(spec: TrimSpec): Trimmer {
  const trimLine = spec.format === 'json' ? jsonLine(spec.drop) : createKeyValueTrimmer(spec.drop);
  let unparsed = 0;
  return {
    trim: (bytes, start, end, place) => {
      const written = trimLine(bytes, start, end, place);
      if (written >= 0) return written;
      unparsed += 1;
      return bytes.copy(place.out, place.at, start, end);
    },
    unparsedLines: () => unparsed,
  };
}

function jsonLine(drop: readonly string[]): Trimmer['trim'] {
  const trimJson = createJsonTrimmer(compileFieldPaths(drop.map(fieldPath)));
  const inner: { out: Buffer; at: number } = { out: Buffer.alloc(0), at: 0 };
  return (bytes, start, end, place) => {
    const written = trimJson(bytes, start, end, place);
    if (written !== notJson) return written;
    const brace = indexOfByte(bytes, 0x7b, start, end);
    if (brace === start || brace === end) return notPairs;
    inner.out = place.out;
    inner.at = place.at + brace - start;
    const trimmed = trimJson(bytes, brace, end, inner);
    if (trimmed < 0) return trimmed;
    bytes.copy(place.out, place.at, start, brace);
    return brace - start + trimmed;
  };
}

function fieldPath(text: string): FieldPath {
  const parsed = parseFieldPath(text);
  if (!parsed.ok) throw new Error(`broken invariant: field path ${text}: ${parsed.reason}`);
  return parsed.path;
}
