// One chunk of events as column buffers: decides per field which column takes the value, and frames the chunk as one
// Native block. Columns in which every row has the default are left out; the engine fills them in.
// Promises: a value that its column cannot hold exactly (a fraction for a long, text for a number, an explicit empty
// string) is kept in the map `rest` as text under the field's name. Times outside 1970 to 2106 are clamped, for the
// sorting key counts minutes in 32 bits; the raw line has the original.
import { slotCount, slotOf } from '../../../config/fields/registry.ts';
import type { EventRow, FieldValue } from '../../../config/fields/row.ts';
import type { EventPlace } from '../../../proto/ids.ts';
import { type ColumnShape, columnTypes, eventColumns, fieldColumns, messageIsRaw, type StoredColumn } from '../event-columns.ts';
import { ByteSink } from './byte-sink.ts';
import { type ColumnBuffer, CountColumn, ListColumn, LongColumn, LowColumn, TextColumn, WideColumn } from './columns.ts';
import { MapColumn } from './map-column.ts';

export interface RowPlace extends EventPlace {
  readonly sourceId: string;
  readonly streamId: string;
}

/** Rows are written early when lines are long, so that a chunk of megabyte lines does not become gigabytes. */
export const chunkBytesMax = 16 * 1024 * 1024;
const messageSlot = slotOf('message');
/** What JSON writes as it is. */
const plainText = /^[ !#-[\]-~]{0,64}$/;
const timeMsMax = (2 ** 32 - 1) * 1_000;

export class EventChunk {
  rows = 0;
  readonly #time = new WideColumn();
  readonly #created = new WideColumn();
  readonly #ingested = new WideColumn();
  readonly #agent = new LowColumn();
  readonly #epoch = new LowColumn();
  readonly #lane = new LowColumn();
  readonly #sequence = new WideColumn();
  readonly #line = new CountColumn();
  readonly #source = new LowColumn();
  readonly #stream = new LowColumn();
  readonly #decoder = new LowColumn();
  readonly #decoderVersion = new CountColumn();
  readonly #problem = new LowColumn();
  readonly #raw = new TextColumn(chunkBytesMax);
  readonly #rest = new MapColumn();
  // By slot, one list a class: what is called has one shape then, and the call is compiled in.
  readonly #low = perSlot<LowColumn>();
  readonly #text = perSlot<TextColumn>();
  readonly #long = perSlot<LongColumn>();
  readonly #list = perSlot<ListColumn>();
  readonly #columns: readonly { readonly heading: Buffer; readonly buffer: ColumnBuffer }[];
  readonly #head = new ByteSink(32);

  constructor() {
    const place: Readonly<Record<string, ColumnBuffer>> = {
      time: this.#time,
      created: this.#created,
      ingested: this.#ingested,
      agent: this.#agent,
      epoch: this.#epoch,
      lane: this.#lane,
      sequence: this.#sequence,
      line: this.#line,
      source: this.#source,
      stream: this.#stream,
      decoder: this.#decoder,
      decoder_version: this.#decoderVersion,
      problem: this.#problem,
      raw: this.#raw,
      rest: this.#rest,
    };
    for (const { field, shape } of fieldColumns) if (field) this.#open(field.slot, shape);
    this.#columns = eventColumns.map((column) => {
      const buffer = column.field ? this.#ofSlot(column.field.slot) : place[column.name];
      if (!buffer) throw new Error(`no buffer for column ${column.name}`);
      return { heading: headingOf(column), buffer };
    });
  }

  /** Bytes of what can be large. */
  get bytes(): number {
    return this.#raw.bytes + this.#rest.bytes;
  }

  append(place: RowPlace, event: EventRow): void {
    const row = this.rows++;
    this.#time.set(row, clampTime(event.timeMs));
    this.#created.set(row, clampTime(event.createdMs));
    this.#ingested.set(row, clampTime(event.ingestedMs));
    this.#agent.set(row, place.agentId);
    this.#epoch.set(row, place.epoch);
    this.#lane.set(row, place.lane);
    this.#sequence.set(row, place.sequence);
    this.#line.set(row, place.index);
    this.#source.set(row, place.sourceId);
    this.#stream.set(row, place.streamId);
    this.#decoder.set(row, event.decoder);
    this.#decoderVersion.set(row, event.decoderVersion);
    if (event.problem !== '') this.#problem.set(row, event.problem);
    this.#raw.set(row, event.raw);
    const used = event.used;
    for (let at = 0; at < used.length; at++) {
      const slot = used[at] ?? 0;
      const value = event.slots[slot];
      if (slot === messageSlot && value === event.raw && value !== '') this.#rest.set(row, messageIsRaw, '');
      else if (value !== undefined) this.#set(row, slot, value);
    }
    for (let at = 0; at < event.extraNames.length; at++) this.#rest.set(row, event.extraNames[at] ?? '', event.extraValues[at] ?? '');
  }

  pieces(): Buffer[] {
    const used = this.#columns.filter((column) => column.buffer.isUsed);
    this.#head.reset(32);
    this.#head.varint(used.length);
    this.#head.varint(this.rows);
    const pieces: Buffer[] = [this.#head.written()];
    for (const { heading, buffer } of used) {
      pieces.push(heading);
      buffer.pieces(this.rows, pieces);
    }
    return pieces;
  }

  reset(): void {
    for (const { buffer } of this.#columns) buffer.reset(this.rows);
    this.rows = 0;
  }

  #open(slot: number, shape: ColumnShape): void {
    if (shape === 'low') this.#low[slot] = new LowColumn();
    else if (shape === 'text') this.#text[slot] = new TextColumn();
    else if (shape === 'long') this.#long[slot] = new LongColumn();
    else this.#list[slot] = new ListColumn();
  }

  #ofSlot(slot: number): ColumnBuffer | undefined {
    return this.#low[slot] ?? this.#text[slot] ?? this.#long[slot] ?? this.#list[slot];
  }

  #set(row: number, slot: number, value: FieldValue): void {
    if (typeof value === 'string') {
      const column = value === '' ? undefined : (this.#low[slot] ?? this.#text[slot]);
      if (column) return column.set(row, value);
      const list = this.#list[slot];
      if (list) return list.add(row, value);
    } else if (typeof value === 'number') {
      const column = this.#long[slot];
      if (column && Number.isSafeInteger(value)) return column.set(row, value);
    } else if (typeof value === 'object') {
      const list = this.#list[slot];
      if (list && value.length > 0) return addAll(list, row, value);
    }
    this.#rest.setSlot(row, slot, textOf(value));
  }
}

function addAll(column: ListColumn, row: number, items: readonly string[]): void {
  for (let at = 0; at < items.length; at++) column.add(row, items[at] ?? '');
}

/** How a value without a column of its own is written into the map; stored-event.ts reads it back by the field's type. */
function textOf(value: FieldValue): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  const [only] = value;
  // Nearly every list is one address or one name (related.*): put together here, it costs a fifth of JSON.stringify.
  if (only !== undefined && value.length === 1 && plainText.test(only)) return `["${only}"]`;
  // JSON would carry half a surrogate pair through as an escape, which every other column makes U+FFFD.
  return JSON.stringify(value.every((item) => item.isWellFormed()) ? value : value.map((item) => item.toWellFormed()));
}

function clampTime(ms: number): number {
  if (ms >= 0 && ms <= timeMsMax) return Math.floor(ms);
  return ms > timeMsMax ? timeMsMax : 0;
}

function perSlot<T>(): (T | undefined)[] {
  return new Array<T | undefined>(slotCount).fill(undefined);
}

function headingOf(column: StoredColumn): Buffer {
  const sink = new ByteSink(64);
  sink.text(column.name);
  sink.text(columnTypes[column.shape]);
  return Buffer.from(sink.written());
}
