// Events for the store's tests: rows as the workers make them, and the stored event that must come back.
import { fields } from '../../../config/fields/registry.ts';
import { EventRow, type FieldValue, rowToObject } from '../../../config/fields/row.ts';
import { slotOf } from '../../../config/fields/registry.ts';
import { eventId } from '../../../proto/ids.ts';
import type { StoredEvent } from '../../ports.ts';
import type { RowPlace } from '../native/event-chunk.ts';
import type { LedgerRow } from '../native/ledger-file.ts';

export interface SampleRow {
  readonly place: RowPlace;
  readonly row: EventRow;
}

export interface SampleParts {
  readonly raw?: string;
  readonly timeMs?: number;
  readonly fields?: Readonly<Record<string, FieldValue>>;
  readonly extras?: readonly (readonly [string, string])[];
  readonly problem?: string;
}

export const sampleAgent = 'a1'.repeat(16);
export const sampleTimeMs = Date.UTC(2026, 10, 24, 10, 0, 0);

export function sampleRow(sequence: number, index: number, parts: SampleParts = {}): SampleRow {
  const row = new EventRow();
  row.raw = parts.raw ?? `line ${sequence}.${index}`;
  row.timeMs = parts.timeMs ?? sampleTimeMs + index;
  row.createdMs = sampleTimeMs;
  row.ingestedMs = sampleTimeMs + 5;
  row.decoder = 'sample';
  row.decoderVersion = 1;
  row.problem = parts.problem ?? '';
  for (const [name, value] of Object.entries(parts.fields ?? {})) row.set(slotOf(name), value);
  for (const [name, value] of parts.extras ?? []) row.setExtra(name, value);
  const place = {
    agentId: sampleAgent,
    epoch: 'e1'.repeat(16),
    lane: 'normal',
    sequence,
    index,
    sourceId: 'auth',
    streamId: 'auth.log',
  } as const;
  return { place, row };
}

/** What the store must give back. Half surrogate pairs become U+FFFD; an empty list is as absent. */
export function expectedEvent({ place, row }: SampleRow): StoredEvent {
  const own: Record<string, FieldValue> = {
    'agent.id': place.agentId,
    'atalaia.source': place.sourceId.toWellFormed(),
    'atalaia.stream': place.streamId.toWellFormed(),
    'atalaia.decoder': row.decoder,
    'atalaia.decoder_version': row.decoderVersion,
  };
  if (row.problem !== '') own['atalaia.problem'] = row.problem.toWellFormed();
  // A map, not an object: a line may name its field `valueOf`.
  const dates = new Map(fields.filter((field) => field.type === 'date').map((field) => [field.name, row.slots[field.slot]]));
  const given = Object.entries(rowToObject(row)).map(
    ([name, value]) => [name.toWellFormed(), dates.get(name) ?? wellFormed(value)] as const,
  );
  const unique = new Map<string, FieldValue>(Object.entries(own));
  for (const [name, value] of given) if (!unique.has(name)) unique.set(name, value);
  return {
    id: eventId(place),
    timeMs: row.timeMs,
    createdMs: row.createdMs,
    ingestedMs: row.ingestedMs,
    fields: Object.fromEntries(unique),
    raw: row.raw.toWellFormed(),
  };
}

function wellFormed(value: FieldValue): FieldValue {
  if (typeof value === 'string') return value.toWellFormed();
  return typeof value === 'object' ? value.map((item) => item.toWellFormed()) : value;
}

export function sampleLedgerRow(parts: Partial<LedgerRow> = {}): LedgerRow {
  return {
    agentId: sampleAgent,
    sourceId: 'auth',
    streamId: 'auth.log',
    minuteMs: sampleTimeMs,
    linesRead: 10,
    linesStored: 7,
    linesFiltered: 2,
    linesTrimmed: 3,
    linesCut: 0,
    linesLost: 0,
    bytesRead: 900,
    bytesKept: 500,
    linesDropped: { 'buffer-full': 1 },
    ...parts,
  };
}
