// The columns of the events table: one list that the schema, the writer, the search compiler and the reader share.
// Promises: column names are stable (they are on disk); the order here is the order in block files. A registry field with
// its own column gets the field's name with `_` for `.`; every other field lives in the map `rest`.
// A new column needs a higher schema version (schema.ts) and comes to old tables by ALTER.
import { type FieldSpec, fields } from '../../config/fields/registry.ts';

/** How a column is encoded. */
export type ColumnShape = 'low' | 'text' | 'long' | 'list' | 'u64' | 'u32' | 'time' | 'map';

export interface StoredColumn {
  readonly name: string;
  readonly shape: ColumnShape;
  /** Registry field, for columns that hold one. */
  readonly field?: FieldSpec;
}

export const columnTypes: Readonly<Record<ColumnShape, string>> = {
  low: 'LowCardinality(String)',
  text: 'String',
  long: 'Nullable(Int64)',
  list: 'Array(LowCardinality(String))',
  u64: 'UInt64',
  u32: 'UInt32',
  time: "DateTime64(3, 'UTC')",
  map: 'Map(LowCardinality(String), String)',
};

/** Where an event came from and what became of it; `block` and `day` are added by the insert, not by the writer. */
const placeColumns: readonly StoredColumn[] = [
  { name: 'time', shape: 'time' },
  { name: 'created', shape: 'time' },
  { name: 'ingested', shape: 'time' },
  { name: 'agent', shape: 'low' },
  { name: 'epoch', shape: 'low' },
  { name: 'lane', shape: 'low' },
  { name: 'sequence', shape: 'u64' },
  { name: 'line', shape: 'u32' },
  { name: 'source', shape: 'low' },
  { name: 'stream', shape: 'low' },
  { name: 'decoder', shape: 'low' },
  { name: 'decoder_version', shape: 'u32' },
  { name: 'problem', shape: 'low' },
  { name: 'raw', shape: 'text' },
  { name: 'rest', shape: 'map' },
];

/**
 * In `rest`: the field `message` is the whole line, as it is for every line that nothing recognised. Such a line would else
 * stand in the table twice. No decoder gives a field this name.
 */
export const messageIsRaw = '=message';

export const fieldColumns: readonly StoredColumn[] = fields.filter((field) => field.hasColumn).map(columnOfField);

export const eventColumns: readonly StoredColumn[] = [...placeColumns, ...fieldColumns];

const bySlot: readonly (StoredColumn | undefined)[] = fields.map((field) => fieldColumns.find((column) => column.field === field));

/** The column of a registry slot; undefined when the field lives in `rest`. */
export function columnOfSlot(slot: number): StoredColumn | undefined {
  return bySlot[slot];
}

const names = new Set(eventColumns.map((column) => column.name));
if (names.size !== eventColumns.length) throw new Error('two event columns share a name: see hub/store/event-columns.ts');

function columnOfField(field: FieldSpec): StoredColumn {
  return { name: field.name.replaceAll('.', '_'), shape: shapeOfField(field), field };
}

// Addresses are strings with a dictionary, not IPv6: see DECISION-columns.md.
function shapeOfField(field: FieldSpec): ColumnShape {
  const isText = field.type === 'keyword' || field.type === 'ip' || field.type === 'text';
  if (field.isArray && isText) return 'list';
  if (field.isArray) throw new Error(`no column form for an array of ${field.type} (${field.name})`);
  if (field.type === 'text') return 'text';
  if (isText) return 'low';
  if (field.type === 'long') return 'long';
  throw new Error(`no column form for ${field.type} (${field.name}); leave it in the map or add one`);
}
