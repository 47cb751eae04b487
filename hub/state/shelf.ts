// What State needs from the thing below it: ordered rows and one atomic, durable write. LevelDB and the memory of tests
// are the two shelves; everything people rely on (compare-and-set, limits, watch) is written once, above, in
// GroupedState, so that the two cannot differ in it.

export interface Row {
  readonly key: string;
  readonly revision: number;
  /** JSON text. */
  readonly json: string;
}

export interface ShelfWrite {
  readonly puts: readonly Row[];
  readonly removes: readonly string[];
  /** Highest revision given so far; stored with the rows, so that no revision is given twice. */
  readonly lastRevision: number;
}

export interface Shelf {
  get(key: string): Promise<Row | undefined>;
  /** All or nothing, durable when it resolves. After a rejection the rows may be there or not. */
  write(write: ShelfWrite): Promise<void>;
  /** Rows with the prefix and a key above `after`, in key order. */
  range(bounds: { readonly prefix: string; readonly after: string; readonly limit: number }): Promise<readonly Row[]>;
  lastRevision(): Promise<number>;
  close(): Promise<void>;
}
