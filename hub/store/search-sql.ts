// Compiles a parsed search into a condition of the events table. Never raw SQL from a person: values travel as literals
// that cannot end (sql-literal.ts), names as map keys or known columns.
// Promises: a condition is 0 or 1, never NULL, so that `not` means not. Keywords compare whole and without case, text
// fields by words, numbers as numbers, addresses also by network (10.0.0.0/8). A value that cannot be of its field's
// type matches nothing.
import ipaddr from 'ipaddr.js';
import { parseEventId } from '../../proto/ids.ts';
import { AtalaiaError, unreachable } from '../../proto/runtime/errors.ts';
import type { SearchNode } from '../ports.ts';
import { type SearchField, searchField } from './search-fields.ts';
import { containsWords, likePattern, splitPattern } from './search-text.ts';
import { literal } from './sql-literal.ts';

type FieldNode = Extract<SearchNode, { is: 'field' }>;

const searchDepthMax = 64;
const signs = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

export function conditionOf(node: SearchNode, depth = 0): string {
  if (depth > searchDepthMax)
    throw new AtalaiaError('SEARCH_TOO_DEEP', `a search may be nested ${searchDepthMax} deep; use fewer parentheses`);
  switch (node.is) {
    case 'all':
      return '1';
    case 'and':
    case 'or':
      if (node.of.length === 0) return node.is === 'and' ? '1' : '0';
      return `(${node.of.map((part) => conditionOf(part, depth + 1)).join(node.is === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `NOT ${conditionOf(node.of, depth + 1)}`;
    case 'text':
      return containsWords('raw', node.phrase ? [node.value] : splitPattern(node.value));
    case 'field':
      return `ifNull(${fieldCondition(node)}, 0)`;
    default:
      return unreachable(node);
  }
}

function fieldCondition(node: FieldNode): string {
  if (node.field === 'event.id' && node.op === 'eq') {
    const place = parseEventId(node.value);
    if (place) return placeCondition([place]);
  }
  const field = searchField(node.field);
  if (node.op === 'exists') return field.exists;
  if (field.shape === 'list')
    return `arrayExists(item -> ${compare({ ...field, shape: 'keyword', expression: 'item', exists: '1' }, node)}, ${field.expression})`;
  return compare(field, node);
}

/** Events by place; also what `get` asks for. */
export function placeCondition(places: readonly NonNullable<ReturnType<typeof parseEventId>>[]): string {
  const tuples = places.map((at) => `(${literal(at.agentId)}, ${literal(at.epoch)}, ${literal(at.lane)}, ${at.sequence}, ${at.index})`);
  const sequences = [...new Set(places.map((at) => at.sequence))];
  return `(sequence IN (${sequences.join(', ')}) AND (agent, epoch, lane, sequence, line) IN (${tuples.join(', ')}))`;
}

function compare(field: SearchField, { op, value }: FieldNode): string {
  if (field.shape === 'number' || field.shape === 'time') return compareNumber(field, op, value);
  if (op !== 'eq' && op !== 'exists') return compareOrder(field, op, value);
  const parts = splitPattern(value);
  // What matches the empty text must still not match an absent field, which reads as empty.
  if (parts.every((part) => part === '')) return parts.length > 1 ? field.exists : `(${field.exists} AND empty(${field.expression}))`;
  if (field.shape === 'text') return containsWords(field.expression, parts);
  const network = field.isAddress && parts.length === 1 ? networkBounds(value) : undefined;
  if (network)
    return `(toIPv6OrDefault(${field.expression}) BETWEEN toIPv6('${network.first}') AND toIPv6('${network.last}') AND notEmpty(${field.expression}))`;
  if (parts.length > 1) return `(${field.expression} ILIKE ${literal(likePattern(parts))})`;
  return `(lowerUTF8(${field.expression}) = lowerUTF8(${literal(parts[0] ?? '')}))`;
}

function compareNumber(field: SearchField, op: FieldNode['op'], value: string): string {
  const number = field.shape === 'time' ? timeOf(value) : numberOf(value);
  if (op === 'eq' && number === undefined && value.includes('*'))
    return `(toString(${field.expression}) ILIKE ${literal(likePattern(splitPattern(value)))})`;
  if (number === undefined) return '0';
  return `(${field.expression} ${op === 'eq' || op === 'exists' ? '=' : signs[op]} ${number})`;
}

/** Numbers in keyword fields are compared as numbers where both sides are, else as text. */
function compareOrder(field: SearchField, op: keyof typeof signs, value: string): string {
  const number = numberOf(value);
  if (number !== undefined) return `(toFloat64OrNull(${field.expression}) ${signs[op]} ${number})`;
  return `(notEmpty(${field.expression}) AND ${field.expression} ${signs[op]} ${literal(value)})`;
}

function numberOf(value: string): number | undefined {
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : undefined;
}

function timeOf(value: string): number | undefined {
  const ms = /^\d{5,15}$/.test(value) ? Number(value) : Date.parse(value);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** First and last address of a network, in IPv6 form, which the engine gives IPv4 too. */
function networkBounds(value: string): { readonly first: string; readonly last: string } | undefined {
  if (!ipaddr.isValidCIDR(value)) return undefined;
  const [address, bits] = ipaddr.parseCIDR(value);
  const isV4 = address.kind() === 'ipv4';
  const bytes = isV4 ? [...new Array<number>(10).fill(0), 255, 255, ...address.toByteArray()] : address.toByteArray();
  const prefix = isV4 ? bits + 96 : bits;
  const edge = (fill: 0 | 1) => ipaddr.fromByteArray(bytes.map((byte, at) => edgeByte(byte, prefix - at * 8, fill))).toString();
  return { first: edge(0), last: edge(1) };
}

function edgeByte(byte: number, bitsKept: number, fill: 0 | 1): number {
  const rest = 0xff >> Math.min(8, Math.max(0, bitsKept));
  return fill === 1 ? byte | rest : byte & ~rest & 0xff;
}
