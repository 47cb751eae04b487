// One raw line as conditions look at it: its kind and syslog header are found when a field is first asked for, and once.
// A line is JSON when it, or its message behind a syslog header, begins with `{`; CEF or LEEF when their tag stands near the
// beginning; key=value pairs otherwise.
import { CefExtension, LeefExtension } from '../trim/scan-cef.ts';
import { indexOfByte, skipSpace } from '../trim/scan-json.ts';
import { SyslogHeader } from '../trim/scan-syslog.ts';

export type LineKind = 'json' | 'cef' | 'leef' | 'pairs';

/** Is this line meant? */
export type LineTest = (line: LineView) => boolean;

/** One is made for all conditions of a source and used again for every line. */
export class LineView {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** Where the JSON text begins, when that is the kind. */
  json = 0;
  /** Nothing but white space stands before it. */
  isBareJson = false;
  readonly cef = new CefExtension();
  readonly leef = new LeefExtension();
  readonly #header = new SyslogHeader();
  #hasHeader = false;
  #kind: LineKind | undefined;
  #hasEscapes: boolean | undefined;

  show(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.#hasHeader = false;
    this.#kind = undefined;
    this.#hasEscapes = undefined;
  }

  get header(): SyslogHeader {
    if (!this.#hasHeader) this.#header.read(this.bytes, this.start, this.end);
    this.#hasHeader = true;
    return this.#header;
  }

  /** Whether \u escapes may spell a key of the line's JSON text otherwise. */
  get hasEscapes(): boolean {
    return (this.#hasEscapes ??= this.#findEscape());
  }

  get kind(): LineKind {
    return (this.#kind ??= this.#findKind());
  }

  #findEscape(): boolean {
    const { bytes, end } = this;
    for (let at = indexOfByte(bytes, 0x5c, this.start, end); at < end; at = indexOfByte(bytes, 0x5c, at + 2, end))
      if (bytes[at + 1] === 0x75) return true;
    return false;
  }

  #findKind(): LineKind {
    const { bytes, start, end } = this;
    this.json = skipSpace(bytes, start, end);
    this.isBareJson = this.json < end && bytes[this.json] === 0x7b;
    if (this.isBareJson) return 'json';
    if (this.header.isThere) {
      this.json = skipSpace(bytes, this.header.message, end);
      if (this.json < end && bytes[this.json] === 0x7b) return 'json';
    }
    // Both are told by pipes, which pairs seldom have.
    if (indexOfByte(bytes, 0x7c, start, end) === end) return 'pairs';
    if (this.cef.read(bytes, start, end)) return 'cef';
    return this.leef.read(bytes, start, end) ? 'leef' : 'pairs';
  }
}
