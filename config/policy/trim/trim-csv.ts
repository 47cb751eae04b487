// Empties, masks, pseudonymises and shortens columns of one CSV line, and leaves the rest as it was. Columns are counted from
// 1; a value is quoted by " when it begins with one, and a " inside is doubled (RFC 4180; PAN-OS writes so).
// Promises: columns keep their places, because readers of CSV tell them by place: a column that goes becomes empty. A line
// with a quote that does not close, or with text behind a closing one, is told and left alone. A syslog header before the
// first comma is part of column 1.
import { csvQuotedText, noEscapes, nothing, TextChanger } from './change-text.ts';
import type { FieldChange } from './field-change.ts';
import { childState, type PathState } from './field-paths.ts';
import type { Splice } from './splice.ts';

export const csvLimits = { columnsMax: 4_096 } as const;
const unclosed = -1;

export interface CsvShape {
  readonly delimiter: string;
  /** Names of the columns from the first on; a column without a name goes by its number. */
  readonly columns: readonly string[];
}

export class CsvTrimmer {
  readonly #splice: Splice;
  readonly #mask: Buffer;
  readonly #delimiter: number;
  readonly #states: readonly (PathState | undefined)[];
  readonly #quoted = new TextChanger(csvQuotedText);
  readonly #bare = new TextChanger(noEscapes);

  constructor(root: PathState, splice: Splice, mask: string, { delimiter, columns }: CsvShape) {
    this.#splice = splice;
    this.#delimiter = delimiter.charCodeAt(0);
    const isBare = !mask.includes(delimiter) && !mask.includes('"');
    this.#mask = Buffer.from(isBare ? mask : `"${mask.replaceAll('"', '""')}"`);
    this.#states = Array.from({ length: csvLimits.columnsMax }, (_, i) => stateOf(root, columns[i], i + 1));
  }

  trim(start: number): boolean {
    const splice = this.#splice;
    const { bytes, end } = splice;
    const delimiter = this.#delimiter;
    for (let column = 0, at = start; ; column++) {
      const valueEnd = csvValueEnd(bytes, at, end, delimiter);
      if (valueEnd < 0) return false;
      // Columns beyond the limit are treated as the last one: what is not named goes when only named ones are kept.
      const state = this.#states[Math.min(column, csvLimits.columnsMax - 1)];
      if (state !== undefined) this.#apply(state, at, valueEnd);
      if (valueEnd >= end) return true;
      at = valueEnd + 1;
    }
  }

  #apply({ goes, change }: PathState, start: number, end: number): void {
    if (goes !== 'none') {
      if (start < end) this.#splice.cut(start, end);
    } else if (change) this.#change(change, start, end);
  }

  #change(change: FieldChange, start: number, end: number): void {
    if (change.is === 'mask') this.#splice.replace(start, end, this.#mask, nothing);
    else if (this.#splice.bytes[start] === 0x22) this.#quoted.change(this.#splice, change, start + 1, end - 1);
    else this.#bare.change(this.#splice, change, start, end);
  }
}

function stateOf(root: PathState, name: string | undefined, number: number): PathState | undefined {
  const byNumber = Buffer.from(String(number));
  const named = name === undefined ? root.other : childState(root, Buffer.from(name), 0, Buffer.byteLength(name));
  return named === root.other ? childState(root, byNumber, 0, byNumber.length) : named;
}

/** Index of the delimiter behind the value that begins at `at`, or `end`. */
function csvValueEnd(bytes: Buffer, at: number, end: number, delimiter: number): number {
  let i = at;
  if (i < end && bytes[i] === 0x22) {
    for (i++; ; i++) {
      if (i >= end) return unclosed;
      if (bytes[i] !== 0x22) continue;
      if (i + 1 < end && bytes[i + 1] === 0x22) i++;
      else break;
    }
    i++;
    return i === end || bytes[i] === delimiter ? i : unclosed;
  }
  while (i < end && bytes[i] !== delimiter) i++;
  return i;
}
