// Compiles "this raw value goes to that field" into a function: takes part of it, changes case, maps, splits, scales, and
// writes the slot in the field's type. Derived fields come along: the parts of a URL, the ip or domain of an address.
// Promises: a value that does not fit its field's type is left out, never thrown; `-` and empty count as absent; vendor
// names (not in the registry) travel as text.
import type { Constant, Mapping } from '../../config/decoders/format.ts';
import { fieldByName, slotOf, type FieldSpec } from '../../config/fields/registry.ts';
import type { EventRow } from '../../config/fields/row.ts';
import { canonicalAddress } from './addresses.ts';
import type { TimeContext } from './time-parts.ts';
import { timeReader } from './timestamps.ts';
import { writeUrl } from './write-url.ts';

export type Write = (row: EventRow, value: unknown, context: TimeContext) => void;

const valueCharsMax = 65_536;
const listMax = 64;

export interface WriteOptions {
  readonly empty: readonly string[];
  readonly time: readonly string[] | undefined;
}

export function compileWrite(target: string, mapping: Mapping | undefined, options: WriteOptions): Write {
  const put = compilePut(target, mapping?.time ?? options.time ?? ['iso']);
  const change = mapping ? compileChange(mapping) : undefined;
  const empty = options.empty;
  const emptyCharsMax = Math.max(0, ...empty.map(({ length }) => length));
  if (!change)
    return (row, value, context) => {
      if (value === undefined || value === null || (typeof value === 'string' && value.length <= emptyCharsMax && empty.includes(value)))
        return;
      put(row, value, context);
    };
  return (row, value, context) => {
    if (value === undefined || value === null || (typeof value === 'string' && value.length <= emptyCharsMax && empty.includes(value)))
      return;
    const changed = change(value);
    if (changed !== undefined) put(row, changed, context);
  };
}

type Change = (value: unknown) => unknown;

function compileChange(mapping: Mapping): Change | undefined {
  const steps: Change[] = [];
  const { join, after, before, skip, first, strip, replace, lower, upper, split, map, contains, round, multiply } = mapping;
  if (join !== undefined) steps.push((value) => (Array.isArray(value) ? value.map(asText).join(join) : value));
  if (after !== undefined) steps.push((value) => cut(asText(value), after, true));
  if (before !== undefined) steps.push((value) => cut(asText(value), before, false));
  if (skip !== undefined) steps.push((value) => asText(value).slice(skip));
  if (first !== undefined) steps.push((value) => asText(value).slice(0, first));
  if (strip !== undefined) steps.push((value) => stripped(asText(value), strip));
  if (replace) steps.push((value) => Object.entries(replace).reduce((text, [from, to]) => text.replaceAll(from, to), asText(value)));
  if (lower) steps.push((value) => asText(value).toLowerCase());
  if (upper) steps.push((value) => asText(value).toUpperCase());
  if (map) {
    const known = new Map(Object.entries(map));
    steps.push((value) => known.get(typeof value === 'object' ? '' : asText(value)) ?? mapping.default);
  }
  if (contains) steps.push(byContent(contains, mapping.default));
  if (split !== undefined)
    steps.push((value) =>
      asText(value)
        .split(split, listMax)
        .map((part) => part.trim())
        .filter(Boolean),
    );
  if (round !== undefined) steps.push((value) => Number(Number(value).toFixed(round)));
  // Without the noise of binary fractions: 0.000871 seconds are 871000 nanoseconds, not 870999.
  if (multiply !== undefined) steps.push((value) => Number((Number(value) * multiply).toPrecision(15)));
  if (steps.length === 0) return undefined;
  return (value) => {
    let changed: unknown = value;
    for (const step of steps) {
      if (changed === undefined) return undefined;
      changed = step(changed);
    }
    return changed;
  };
}

function byContent(contains: Readonly<Record<string, Constant>>, otherwise: Constant | undefined): Change {
  const entries = Object.entries(contains).map(([text, to]) => [text.toLowerCase(), to] as const);
  return (value) => {
    const text = asText(value).toLowerCase();
    return entries.find(([part]) => text.includes(part))?.[1] ?? otherwise;
  };
}

function stripped(text: string, chars: string): string | undefined {
  let start = 0;
  let end = text.length;
  while (start < end && chars.includes(text.charAt(start))) start++;
  while (end > start && chars.includes(text.charAt(end - 1))) end--;
  return end > start ? text.slice(start, end) : undefined;
}

function cut(text: string, mark: string, wantsAfter: boolean): string | undefined {
  const at = text.indexOf(mark);
  if (at < 0) return wantsAfter ? undefined : text;
  return (wantsAfter ? text.slice(at + mark.length) : text.slice(0, at)).trim();
}

function compilePut(target: string, formats: readonly string[]): Write {
  if (target === '@timestamp') {
    const read = timeReader(formats);
    return (row, value, context) => {
      const ms = read(asText(value), context);
      if (!Number.isNaN(ms)) row.timeMs = ms;
    };
  }
  const field = fieldByName(target);
  if (!field) return (row, value) => row.setExtra(target, asText(value));
  if (/^(source|destination|client|server)\.address$/.test(target)) return putAddress(field, target.slice(0, -8));
  if (target === 'url.original') return (row, value) => writeUrl(row, asText(value));
  if (field.isArray) return putList(field);
  return compileScalar(field, formats);
}

function compileScalar(field: FieldSpec, formats: readonly string[]): Write {
  const { slot, type } = field;
  if (type === 'long' || type === 'float')
    return (row, value) => {
      const number =
        typeof value === 'number'
          ? value
          : typeof value === 'string' && value.length < 32 && value.trim() !== ''
            ? Number(value)
            : Number.NaN;
      if (Number.isFinite(number)) row.set(slot, type === 'long' ? Math.trunc(number) : number);
    };
  if (type === 'ip')
    return (row, value) => {
      const address = typeof value === 'string' ? canonicalAddress(value) : undefined;
      if (address !== undefined) row.set(slot, address);
    };
  if (type === 'boolean')
    return (row, value) => {
      const word = asText(value).toLowerCase();
      if (word === 'true' || word === 'false') row.set(slot, word === 'true');
    };
  if (type === 'date') {
    const read = timeReader(formats);
    return (row, value, context) => {
      const ms = read(asText(value), context);
      if (!Number.isNaN(ms)) row.set(slot, ms);
    };
  }
  if (field.name === 'file.path') return putPath(slot, slotOf('file.name'));
  return (row, value) => row.set(slot, asText(value));
}

function putPath(slot: number, nameSlot: number): Write {
  return (row, value) => {
    const path = asText(value);
    row.set(slot, path);
    const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    if (name !== '') row.set(nameSlot, name);
  };
}

function putList({ slot, type }: FieldSpec): Write {
  return (row, value) => {
    const list = (Array.isArray(value) ? value.slice(0, listMax) : [value]).map(asText).filter((text) => text !== '');
    const kept = type === 'ip' ? list.map(canonicalAddress).filter((text) => text !== undefined) : list;
    if (kept.length > 0) row.set(slot, kept);
  };
}

/** What a log calls an address may be an ip, a name, or either with a port: ECS wants them apart. */
function putAddress(field: FieldSpec, root: string): Write {
  const ip = slotOf(`${root}.ip`);
  const port = slotOf(`${root}.port`);
  const domain = fieldByName(`${root}.domain`)?.slot;
  return (row, value) => {
    let text = asText(value);
    let address = canonicalAddress(text);
    const colon = address === undefined ? text.lastIndexOf(':') : -1;
    const number = colon > 0 && text.length - colon < 7 ? Number(text.slice(colon + 1)) : Number.NaN;
    if (Number.isInteger(number) && number > 0 && number < 65_536) {
      text = text.slice(0, colon);
      address = canonicalAddress(text);
      row.set(port, number);
    }
    row.set(field.slot, text);
    if (address !== undefined) row.set(ip, address);
    else if (domain !== undefined) row.set(domain, text);
  };
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value.length > valueCharsMax ? value.slice(0, valueCharsMax) : value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return `${value}`;
  if (isBytes(value)) return Buffer.from(value).toString('utf8');
  return value === undefined || value === null ? '' : (JSON.stringify(value) ?? '').slice(0, valueCharsMax);
}

/** journald gives a value that is not plain text as an array of byte values. */
function isBytes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((byte) => typeof byte === 'number' && byte >= 0 && byte < 256);
}

export { asText };
