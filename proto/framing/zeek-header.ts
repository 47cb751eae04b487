// The header of a Zeek log: lines that begin with `#` and say how the rows behind them are to be read.
// A block of such lines is one header; another block later in the same file (rotation, a restart of Zeek) is another.
// Limits: columns, and bytes of a header line; what is beyond makes a header that says why it cannot be used.

export const zeekLimits = { columnsMax: 1_024, headerBytesMax: 64 * 1024, nameBytesMax: 256 } as const;

export type ZeekKind = 'number' | 'truth' | 'text';

export interface ZeekColumn {
  /** `,"name":`, ready to be written. */
  readonly key: Buffer;
  readonly kind: ZeekKind;
  readonly isList: boolean;
}

export interface ZeekTable {
  readonly separator: number;
  readonly setSeparator: Buffer;
  readonly empty: Buffer;
  readonly unset: Buffer;
  /** `{"_path":"conn"`, what every row begins with. */
  readonly start: Buffer;
  readonly columns: readonly ZeekColumn[];
  /** Bytes of all keys together. */
  readonly keyBytes: number;
}

export class ZeekHeader {
  /** Where in the file its first line begins. */
  readonly offset: number;
  #separator = '\t';
  #setSeparator = ',';
  #empty = '(empty)';
  #unset = '-';
  #path = '';
  #fields: readonly string[] | undefined;
  #types: readonly string[] | undefined;
  #fault = '';
  #table: ZeekTable | undefined;

  constructor(offset: number) {
    this.offset = offset;
  }

  /** One line of the block, without its end. */
  take(line: Buffer): void {
    if (line.length > zeekLimits.headerBytesMax) {
      this.#fault ||= `a header line is longer than ${zeekLimits.headerBytesMax} bytes`;
      return;
    }
    this.#table = undefined;
    const text = line.toString('utf8');
    // The one line that cannot use the separator, because it says it.
    if (text.startsWith('#separator ')) {
      this.#separator = unescaped(text.slice(11));
      return;
    }
    const [name = '', ...values] = text.split(this.#separator);
    const [value = ''] = values;
    if (name === '#set_separator') this.#setSeparator = unescaped(value);
    else if (name === '#empty_field') this.#empty = value;
    else if (name === '#unset_field') this.#unset = value;
    else if (name === '#path') this.#path = value;
    else if (name === '#fields') this.#fields = values;
    else if (name === '#types') this.#types = values;
  }

  /** How rows are read; a text where they cannot be: why. */
  get table(): ZeekTable | string {
    if (this.#table) return this.#table;
    const fault = this.#fault || this.#problem();
    if (fault !== '' || !this.#fields) return fault;
    const types = this.#types ?? [];
    const columns = this.#fields.map((name, index) => columnOf(name, types[index] ?? 'string'));
    this.#table = {
      separator: this.#separator.charCodeAt(0),
      setSeparator: Buffer.from(this.#setSeparator, 'latin1'),
      empty: Buffer.from(this.#empty),
      unset: Buffer.from(this.#unset),
      start: Buffer.from(`{"_path":${JSON.stringify(this.#path)}`),
      columns,
      keyBytes: columns.reduce((sum, { key }) => sum + key.length, 0),
    };
    return this.#table;
  }

  #problem(): string {
    if (!this.#fields) return 'the header names no #fields';
    if (this.#separator.length !== 1) return 'the #separator is not one byte';
    if (this.#setSeparator === '') return 'the #set_separator is empty';
    if (this.#fields.length > zeekLimits.columnsMax) return `the header names more than ${zeekLimits.columnsMax} fields`;
    if ([this.#path, ...this.#fields].some((name) => Buffer.byteLength(name) > zeekLimits.nameBytesMax))
      return `the header has a name longer than ${zeekLimits.nameBytesMax} bytes`;
    if (this.#types && this.#types.length !== this.#fields.length) return 'the header names other numbers of #fields and #types';
    return '';
  }
}

function columnOf(name: string, type: string): ZeekColumn {
  const [, element] = /^(?:set|vector|table)\[(.*)\]$/.exec(type) ?? [];
  return { key: Buffer.from(`,${JSON.stringify(name)}:`), kind: kindOf(element ?? type), isList: element !== undefined };
}

function kindOf(type: string): ZeekKind {
  if (type === 'bool') return 'truth';
  return /^(?:time|interval|double|count|int|port)$/.test(type) ? 'number' : 'text';
}

/** `\x09` and the like, one character a byte. */
function unescaped(text: string): string {
  return text.replaceAll(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
