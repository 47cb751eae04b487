// Rows of a Zeek log on standard input as the agent sends them: read by the header that stands before them.
import { ZeekHeader } from '../../proto/framing/zeek-header.ts';
import { ZeekRows } from '../../proto/framing/zeek-rows.ts';

export class ZeekRowsOf {
  readonly #rows = new ZeekRows();
  #header: ZeekHeader | undefined;
  #isInHeader = false;

  /** The row as JSON; any other line as it is. */
  read(line: string): string {
    if (line.startsWith('#')) {
      this.#takeHeader(line);
      return line;
    }
    this.#isInHeader = false;
    const table = this.#header?.table;
    if (table === undefined || typeof table === 'string' || line.startsWith('{')) return line;
    const bytes = Buffer.from(line);
    this.#rows.begin(1);
    const how = this.#rows.write(bytes, { start: 0, end: bytes.length, isCut: false }, table);
    return how === 'other' ? line : this.#rows.bytes.toString('utf8', 0, this.#rows.filled);
  }

  /** Only a line that nothing else begins with opens one: other logs have comments too. */
  #takeHeader(line: string): void {
    if (line.startsWith('#separator ')) this.#header = new ZeekHeader(0);
    else if (!this.#isInHeader) return;
    this.#isInHeader = true;
    this.#header?.take(Buffer.from(line));
  }
}
