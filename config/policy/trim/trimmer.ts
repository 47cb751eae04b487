// One trim rule made ready to run on lines in a buffer: fields leave, are kept alone, masked, pseudonymised or shortened;
// everything else keeps its bytes (DESIGN.md 9).
// Promises: the result is well-formed in the line's own format; a line that is not in the format passes as it was and is
// counted; nothing is allocated per line. drop, keep and shorten never make a line longer, mask and pseudonymise by no more
// than roomFor() says: where that is used up, a value gives way to the shortest one of its format (0 in JSON, else nothing).
// A JSON text, CEF or LEEF may stand behind a prefix (a syslog header), which is kept.
import { unreachable } from '../../../proto/runtime/errors.ts';
import { CefTrimmer } from './trim-cef.ts';
import { CsvTrimmer } from './trim-csv.ts';
import { type FieldChange, Pseudonyms } from './field-change.ts';
import { compileFieldPaths, type FieldPath, parseFieldPath, type PathRule, type PathState } from './field-paths.ts';
import { JsonTrimmer } from './trim-json.ts';
import { KeyValueTrimmer } from './trim-key-value.ts';
import { LeefTrimmer } from './trim-leef.ts';
import { indexOfByte } from './scan-json.ts';
import { growthBytesMax, Splice } from './splice.ts';
import { StructuredDataTrimmer } from './trim-structured-data.ts';

export const trimFormats = ['json', 'key-value', 'cef', 'leef', 'csv', 'structured-data', 'zeek'] as const;
export type TrimFormat = (typeof trimFormats)[number];

/** Fields are paths in JSON and structured data, names in the other formats (Zeek's hold dots), names or numbers from 1 in CSV. */
export interface TrimSpec {
  readonly format: TrimFormat;
  readonly drop?: readonly string[] | undefined;
  readonly keep?: readonly string[] | undefined;
  readonly mask?: { readonly fields: readonly string[]; readonly with: string } | undefined;
  readonly pseudonymise?: { readonly fields: readonly string[]; readonly keyFile: string; readonly length: number } | undefined;
  readonly shorten?: { readonly fields: readonly string[]; readonly bytes: number } | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly delimiter?: string | undefined;
}

export interface Trimmer {
  /** Writes the trimmed line to `out` at `at`, where roomFor() bytes must be free; returns the bytes written. */
  trim(bytes: Buffer, start: number, end: number, place: { readonly out: Buffer; readonly at: number }): number;
  /** Whether the last line was changed. */
  isChanged(): boolean;
  /** The most bytes that a line of this length can become. */
  roomFor(lineBytes: number): number;
  /** Lines that were not in the format, since the trimmer was made. */
  unparsedLines(): number;
}

/** Gives the key of a key file; called when the trimmer is made. What it throws is passed on. */
export type KeyOf = (keyFile: string) => Buffer;

/** The spec was checked by the policy schema: a path that does not parse is a broken promise of the caller. */
export function createTrimmer(spec: TrimSpec, keyOf: KeyOf): Trimmer {
  const splice = new Splice();
  const trimLine = lineTrimmer(spec, splice, keyOf);
  const mayGrow = spec.mask !== undefined || spec.pseudonymise !== undefined;
  let unparsed = 0;
  return {
    trim: (bytes, start, end, place) => {
      splice.begin(bytes, start, end, place);
      if (trimLine(start)) return splice.finish() - place.at;
      unparsed += 1;
      splice.isChanged = false;
      return bytes.copy(place.out, place.at, start, end);
    },
    isChanged: () => splice.isChanged,
    roomFor: (lineBytes) => (mayGrow ? lineBytes + growthBytesMax(lineBytes) : lineBytes),
    unparsedLines: () => unparsed,
  };
}

/** Throws RangeError when the paths need too many states. */
export function compileSpec({ format, drop, keep, mask, pseudonymise, shorten }: TrimSpec, keyOf: KeyOf): PathState {
  const pathOf = format === 'json' || format === 'structured-data' ? fieldPath : (name: string): FieldPath => [name];
  const rules = (fields: readonly string[], verb: PathRule['verb']): PathRule[] => fields.map((field) => ({ path: pathOf(field), verb }));
  const changes: PathRule[] = [];
  if (mask) changes.push(...rules(mask.fields, { is: 'mask', text: mask.with }));
  if (pseudonymise) changes.push(...rules(pseudonymise.fields, pseudonymsOf(pseudonymise, keyOf)));
  if (shorten) changes.push(...rules(shorten.fields, { is: 'shorten', bytesMax: shorten.bytes }));
  return compileFieldPaths([...rules(drop ?? [], { is: 'drop' }), ...changes], keep?.map(pathOf));
}

function pseudonymsOf({ keyFile, length }: NonNullable<TrimSpec['pseudonymise']>, keyOf: KeyOf): FieldChange {
  return { is: 'pseudonymise', pseudonyms: new Pseudonyms(keyOf(keyFile), length) };
}

/** Trims from `start` to the end of the line that the splice has begun; false when the line is not in the format. */
type TrimLine = (start: number) => boolean;

function lineTrimmer(spec: TrimSpec, splice: Splice, keyOf: KeyOf): TrimLine {
  const root = compileSpec(spec, keyOf);
  const mask = spec.mask?.with ?? '';
  switch (spec.format) {
    case 'json':
    case 'zeek':
      return jsonLine(new JsonTrimmer(root, splice, mask), splice);
    case 'key-value':
      return lineOf(new KeyValueTrimmer(root, spec.keep ? compileSpec({ ...spec, keep: undefined }, keyOf) : root, splice, mask));
    case 'cef':
      return lineOf(new CefTrimmer(root, splice, mask));
    case 'leef':
      return lineOf(new LeefTrimmer(root, splice, mask));
    case 'structured-data':
      return lineOf(new StructuredDataTrimmer(root, splice, mask));
    case 'csv':
      return lineOf(new CsvTrimmer(root, splice, mask, { delimiter: spec.delimiter ?? ',', columns: spec.columns ?? [] }));
    default:
      return unreachable(spec.format);
  }
}

function lineOf(trimmer: { trim: TrimLine }): TrimLine {
  return (start) => trimmer.trim(start);
}

/** The text may stand behind a prefix without braces. */
function jsonLine(trimmer: JsonTrimmer, splice: Splice): TrimLine {
  return (start) => {
    if (trimmer.trim(start)) return true;
    const { bytes, end } = splice;
    const brace = indexOfByte(bytes, 0x7b, start, end);
    if (brace === start || brace === end) return false;
    splice.beginAnew();
    return trimmer.trim(brace);
  };
}

function fieldPath(text: string): FieldPath {
  const parsed = parseFieldPath(text);
  if (!parsed.ok) throw new Error(`broken invariant: field path ${text}: ${parsed.reason}`);
  return parsed.path;
}
