// Rows of the events table back into events. Promises: what block-writer.ts was given comes out again, by the field's
// type. Our own fields (agent.id, atalaia.*) come first and win: a line that claims an `agent.id` cannot change whose it is.
import { fieldByName, type FieldSpec } from '../../config/fields/registry.ts';
import { eventId } from '../../proto/ids.ts';
import type { StoredEvent } from '../ports.ts';
import { fieldColumns, messageIsRaw } from './event-columns.ts';

type Value = StoredEvent['fields'][string];
type Row = Record<string, unknown>;

/** What a SELECT must give for eventOfRow. */
export const eventSelection = [
  'toUnixTimestamp64Milli(time) AS time_ms',
  'toUnixTimestamp64Milli(created) AS created_ms',
  'toUnixTimestamp64Milli(ingested) AS ingested_ms',
  'agent, epoch, lane, sequence, line, source, stream, decoder, decoder_version, problem, raw',
  'mapKeys(rest) AS rest_names, mapValues(rest) AS rest_values',
  ...fieldColumns.map((column) => column.name),
].join(', ');

export function eventOfRow(row: Row): StoredEvent {
  const fields: Record<string, Value> = Object.create(null) as Record<string, Value>;
  fields['agent.id'] = String(row.agent);
  fields['atalaia.source'] = String(row.source);
  fields['atalaia.stream'] = String(row.stream);
  if (row.decoder !== '') fields['atalaia.decoder'] = String(row.decoder);
  if (row.decoder_version !== 0) fields['atalaia.decoder_version'] = Number(row.decoder_version);
  if (row.problem !== '') fields['atalaia.problem'] = String(row.problem);
  for (const { name, field } of fieldColumns) {
    const value = row[name];
    if (field && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)) fields[field.name] = value as Value;
  }
  addRest(fields, row);
  return {
    id: eventId({
      agentId: String(row.agent),
      epoch: String(row.epoch),
      lane: row.lane === 'first' ? 'first' : 'normal',
      sequence: Number(row.sequence),
      index: Number(row.line),
    }),
    timeMs: Number(row.time_ms),
    createdMs: Number(row.created_ms),
    ingestedMs: Number(row.ingested_ms),
    fields,
    raw: String(row.raw),
  };
}

/** The first of a repeated name counts. */
function addRest(fields: Record<string, Value>, row: Row): void {
  const values = row.rest_values as string[];
  for (const [at, written] of (row.rest_names as string[]).entries()) {
    const name = written === messageIsRaw ? 'message' : written;
    if (name in fields) continue;
    const spec = fieldByName(name);
    const value = written === messageIsRaw ? String(row.raw) : (values[at] ?? '');
    fields[name] = spec ? valueOf(spec, value) : value;
  }
}

function valueOf(spec: FieldSpec, text: string): Value {
  if (spec.isArray) return listOf(text) ?? text;
  if (spec.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (spec.type === 'long' || spec.type === 'float' || spec.type === 'date') return String(Number(text)) === text ? Number(text) : text;
  return text;
}

function listOf(text: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}
