// Whether an event matches a search, decided the plain way: the in-memory store's search, and the oracle that the
// compiled SQL is compared with. Slow and short on purpose.
import { fieldByName } from '../../../config/fields/registry.ts';
import { unreachable } from '../../../proto/runtime/errors.ts';
import type { SearchNode, StoredEvent } from '../../ports.ts';
import { splitPattern } from '../search-text.ts';

type FieldNode = Extract<SearchNode, { is: 'field' }>;
const tokenChar = '0-9A-Za-z\\u0080-\\u{10FFFF}';

export function matchesEvent(node: SearchNode, event: StoredEvent): boolean {
  switch (node.is) {
    case 'all':
      return true;
    case 'and':
      return node.of.every((part) => matchesEvent(part, event));
    case 'or':
      return node.of.some((part) => matchesEvent(part, event));
    case 'not':
      return !matchesEvent(node.of, event);
    case 'text':
      return hasWords(event.raw, node.phrase ? [node.value] : splitPattern(node.value));
    case 'field':
      return matchesField(node, event);
    default:
      return unreachable(node);
  }
}

const otherNames = new Map([
  ['source.id', 'atalaia.source'],
  ['decoder', 'atalaia.decoder'],
  ['problem', 'atalaia.problem'],
]);

function matchesField(node: FieldNode, event: StoredEvent): boolean {
  // Maps and own properties only: a query may ask for a field named `valueOf`.
  const name = otherNames.get(node.field) ?? node.field;
  const times = new Map([
    ['@timestamp', event.timeMs],
    ['event.created', event.createdMs],
    ['event.ingested', event.ingestedMs],
  ]);
  const stored = Object.hasOwn(event.fields, name) ? event.fields[name] : undefined;
  const value = name === 'event.id' ? event.id : (times.get(name) ?? stored);
  if (node.op === 'exists') return value !== undefined;
  if (value === undefined) return false;
  return [value].flat().some((item) => compares(item, node, times.has(name)));
}

function compares(item: string | number | boolean, { field, op, value }: FieldNode, isTime: boolean): boolean {
  const wanted = isTime && Number.isNaN(Number(value)) ? Date.parse(value) : Number(value);
  if (op !== 'eq') return ordered(Number(item), op, wanted);
  if (typeof item === 'number') return value.includes('*') ? like(String(item), value) : item === wanted;
  return fieldByName(field)?.type === 'text' ? hasWords(String(item), splitPattern(value)) : like(String(item), value);
}

function ordered(left: number, op: FieldNode['op'], right: number): boolean {
  return op === 'gt' ? left > right : op === 'gte' ? left >= right : op === 'lt' ? left < right : left <= right;
}

function like(text: string, pattern: string): boolean {
  return new RegExp(`^${splitPattern(pattern).map(plain).join('[^]*')}$`, 'iu').test(text);
}

function hasWords(text: string, parts: readonly string[]): boolean {
  if (parts.every((part) => part === '')) return true;
  const edge = new RegExp(`[${tokenChar}]`, 'u');
  const begin = edge.test(parts[0]?.charAt(0) ?? '') ? `(?:^|[^${tokenChar}])` : '';
  const end = edge.test(parts.at(-1)?.slice(-1) ?? '') ? `(?:[^${tokenChar}]|$)` : '';
  const middle = parts.filter((part, at) => part !== '' || (at > 0 && at < parts.length - 1)).map(plain);
  return new RegExp(`${begin}${middle.join('\\S*')}${end}`, 'iu').test(text);
}

/** A part as a regular expression that matches just it, valid with the `u` flag. */
function plain(part: string): string {
  return part.replaceAll(/[$()*+./?[\\\]^{|}-]/g, (char) => (char === '-' ? '\\x2d' : `\\${char}`));
}
