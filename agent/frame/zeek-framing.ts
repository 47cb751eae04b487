// The rows of one Zeek log as lines that say their own columns (DECISION-zeek-rows.md).
// Promises: header lines are read, not sent; a block of rows never spans two headers, so that one mark (where the header
// begins) holds for every place in it; the same bytes give the same lines however they come and wherever reading went on.
// A row that no header explains, or that has other columns, goes as it is, and `problem` says so until rows are read again.
// Rows that are JSON already (Zeek can write that instead) go as they are.
import type { FileFraming, FoundLines, LineRest, PlaceInFile, ReadFile } from '../ports.ts';
import { ZeekHeader, zeekLimits } from '../../proto/framing/zeek-header.ts';
import type { ZeekRows } from '../../proto/framing/zeek-rows.ts';

const hash = 0x23;
const brace = 0x7b;
const written = /^header=(\d{1,16})$/;

export class ZeekFraming implements FileFraming {
  readonly quietMs = undefined;
  readonly #rows: ZeekRows;
  #header: ZeekHeader | undefined;
  /** The line before was one of the header: the next such line belongs to the same. */
  #isInHeader = false;
  problem = '';

  /** `rows` is memory that all files of a source share. */
  constructor(rows: ZeekRows) {
    this.#rows = rows;
  }

  get mark(): string {
    return this.#header ? `header=${this.#header.offset}` : '';
  }

  lineFeed(): 'byte' {
    return 'byte';
  }

  /** A place that knows of no header (begun at the end, told by an older agent) is under the one that the file begins with. */
  async resume(readFile: ReadFile, { offset, mark }: PlaceInFile): Promise<void> {
    const begun = Number(written.exec(mark)?.[1] ?? 0);
    const bytes = await readFile(begun, Math.max(0, Math.min(zeekLimits.headerBytesMax, offset - begun)));
    let at = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0 && bytes[at] === hash; end = bytes.indexOf(0x0a, at)) {
      this.#takeHeader(withoutReturn(bytes.subarray(at, end)), begun + at);
      at = end + 1;
    }
    this.#isInHeader &&= begun + at >= offset;
  }

  join(lines: FoundLines, rest: LineRest): { count: number; cut: number[]; end: number } {
    const { bytes, starts, ends, sourceStarts, count } = lines;
    const wasCut = new Set(lines.cut);
    const cut: number[] = [];
    let rows = 0;
    for (let line = 0; line < count; line++) {
      const [start = 0, end = 0, sourceStart = 0] = [starts[line], ends[line], sourceStarts[line]];
      if (start < end && bytes[start] === hash) {
        // Rows of the header before it go first.
        if (rows > 0) return { count: rows, cut, end: start };
        this.#takeHeader(bytes.subarray(start, end), (rest.sourceOffset ?? 0) + sourceStart);
        continue;
      }
      this.#isInHeader = false;
      if (wasCut.has(line)) cut.push(rows);
      starts[rows] = start;
      ends[rows] = end;
      sourceStarts[rows] = sourceStart;
      rows += 1;
    }
    return { count: rows, cut, end: rest.from };
  }

  decode(lines: FoundLines): FoundLines {
    const { bytes, starts, ends, count } = lines;
    if (count === 0) return lines;
    const table = this.#header?.table ?? noHeader;
    const rows = this.#rows;
    const wasCut = new Set(lines.cut);
    const cut: number[] = [];
    let problem = '';
    rows.begin(count);
    for (let line = 0; line < count; line++) {
      const [start = 0, end = 0, isCut] = [starts[line], ends[line], wasCut.has(line)];
      rows.starts[line] = rows.filled;
      const isJson = bytes[start] === brace;
      const how = isJson || typeof table === 'string' ? 'other' : rows.write(bytes, { start, end, isCut }, table);
      if (how === 'other') rows.copy(bytes, start, end);
      if (how === 'other' && !isJson && end > start) problem = typeof table === 'string' ? table : otherColumns;
      if (isCut || how === 'cut') cut.push(line);
      rows.ends[line] = rows.filled;
    }
    this.problem = problem && `rows of Zeek go as they are: ${problem}`;
    return { bytes: rows.bytes, starts: rows.starts, ends: rows.ends, sourceStarts: lines.sourceStarts, count, cut };
  }

  #takeHeader(line: Buffer, offset: number): void {
    if (line.subarray(0, 6).equals(closing)) {
      this.#isInHeader = false;
      return;
    }
    if (!this.#isInHeader || !this.#header) this.#header = new ZeekHeader(offset);
    this.#isInHeader = true;
    this.#header.take(line);
  }
}

const noHeader = 'no header stands before them in their file; have Zeek write one (LogAscii::include_meta), or exclude the file';
const otherColumns = 'they have other columns than their header; a file of two writers or a damaged one, exclude it';
const closing = Buffer.from('#close');

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}
