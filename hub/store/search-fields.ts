// How a field of a search is found in the table: a typed column, or the map for every other name.
import { type FieldSpec, fieldByName } from '../../config/fields/registry.ts';
import { columnOfSlot, messageIsRaw } from './event-columns.ts';
import { literal } from './sql-literal.ts';

export interface SearchField {
  readonly shape: 'keyword' | 'text' | 'number' | 'time' | 'list';
  /** A value of the shape, NULL or empty when absent. */
  readonly expression: string;
  /** True for exactly the events that have the field. */
  readonly exists: string;
  readonly isAddress: boolean;
}

const ownFields: Readonly<Record<string, SearchField>> = {
  '@timestamp': time('time'),
  'event.created': time('created'),
  'event.ingested': time('ingested'),
  'agent.id': own('agent'),
  'atalaia.source': own('source'),
  'source.id': own('source'),
  'atalaia.stream': own('stream'),
  'atalaia.decoder': own('decoder'),
  decoder: own('decoder'),
  'atalaia.problem': own('problem'),
  problem: own('problem'),
};

export function searchField(name: string): SearchField {
  const mine = Object.hasOwn(ownFields, name) ? ownFields[name] : undefined;
  if (mine) return mine;
  const spec = fieldByName(name);
  const column = spec && columnOfSlot(spec.slot);
  if (!spec || !column) return inMap(name, spec);
  const isAddress = spec.type === 'ip';
  if (column.shape === 'list') return { shape: 'list', expression: column.name, exists: `notEmpty(${column.name})`, isAddress };
  if (column.shape === 'long') return { shape: 'number', expression: column.name, exists: `isNotNull(${column.name})`, isAddress };
  const shape = column.shape === 'text' ? 'text' : 'keyword';
  return { shape, expression: column.name, exists: `notEmpty(${column.name})`, isAddress };
}

/** Where the message is the line itself, only that is noted. */
function message(): SearchField {
  const isRaw = `mapContains(rest, ${literal(messageIsRaw)})`;
  return {
    shape: 'text',
    expression: `if(${isRaw}, raw, rest['message'])`,
    exists: `(${isRaw} OR mapContains(rest, 'message'))`,
    isAddress: false,
  };
}

function inMap(name: string, spec: FieldSpec | undefined): SearchField {
  if (name === 'message') return message();
  const value = `rest[${literal(name)}]`;
  const exists = `mapContains(rest, ${literal(name)})`;
  const isAddress = spec?.type === 'ip';
  if (spec?.isArray) return { shape: 'list', expression: `JSONExtract(${value}, 'Array(String)')`, exists, isAddress };
  if (spec?.type === 'long' || spec?.type === 'float')
    return { shape: 'number', expression: `toFloat64OrNull(${value})`, exists, isAddress };
  if (spec?.type === 'date') return { shape: 'time', expression: `toInt64OrNull(${value})`, exists, isAddress };
  return { shape: spec?.type === 'text' ? 'text' : 'keyword', expression: value, exists, isAddress };
}

function own(column: string): SearchField {
  return { shape: 'keyword', expression: column, exists: `notEmpty(${column})`, isAddress: false };
}

function time(column: string): SearchField {
  return { shape: 'time', expression: `toUnixTimestamp64Milli(${column})`, exists: '1', isAddress: false };
}
