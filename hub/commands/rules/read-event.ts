// A JSON event (dotted or nested) into a row, for the rule commands. Every value is written under its full dotted name;
// Windows events also give their inner fields by the plain names that Sigma rules use (`EventData.Image` is `Image`).
// The kind comes from the caller, from Windows' channel and event id, from the decoder named by `source_type`, or from
// ECS categories; an event that says nothing of itself is offered to every rule.
// Bounded: depth, and the row's own limit of extras.
import type { DecoderSpec } from '../../../config/decoders/format.ts';
import { internKind } from '../../../config/fields/kinds.ts';
import type { EventKind } from '../../../config/fields/kinds.ts';
import { JoinedNames } from '../../../config/fields/joined-names.ts';
import { fieldByName } from '../../../config/fields/registry.ts';
import type { FieldSpec } from '../../../config/fields/registry.ts';
import type { EventRow } from '../../../config/fields/row.ts';
import { windowsKind } from '../../detect/mapping/windows-kinds.ts';

const anyKind = internKind({ product: '*' });

const joined = new JoinedNames();
const depthMax = 16;
/** Above what a Windows field really is: the same field is wanted without it. */
const windowsPrefixes = ['Event.EventData.', 'Event.System.', 'winlog.event_data.', 'EventData.', 'System.'];

export type KindOf = (event: Record<string, unknown>, row: EventRow) => EventKind;

export function readEvent(event: Record<string, unknown>, row: EventRow, kindOf: KindOf): void {
  writeObject(event, '', row, 0);
  const time = row.extra('SystemTime') ?? row.extra('UtcTime');
  if (row.timeMs === 0 && time !== undefined) row.timeMs = timeOf(time);
  row.kindId = kindOf(event, row).id;
}

function writeObject(object: object, prefix: string, row: EventRow, depth: number): void {
  if (depth > depthMax) return;
  for (const [key, value] of Object.entries(object)) writeValue(prefix === '' ? key : joined.join(prefix, key), value, row, depth);
}

function writeValue(name: string, value: unknown, row: EventRow, depth: number): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    const scalars = value.filter(isScalar).map(String);
    if (scalars.length > 0) writeField(name, scalars, row);
    for (const element of value) if (typeof element === 'object' && element !== null) writeElement(name, element, row, depth);
  } else if (typeof value === 'object') writeObject(value, name, row, depth + 1);
  else if (isScalar(value)) writeField(name, value, row);
}

/** `{"#attributes": {"Name": "Image"}, "#text": "…"}` is the field Image; any other object just lies below the name. */
function writeElement(name: string, element: object, row: EventRow, depth: number): void {
  const attributes = '#attributes' in element && typeof element['#attributes'] === 'object' ? element['#attributes'] : undefined;
  const called = attributes && 'Name' in attributes ? attributes.Name : undefined;
  if (typeof called === 'string' && '#text' in element)
    writeValue(`${name.replace(/\.Data$/, '')}.${called}`, element['#text'], row, depth);
  else writeObject(element, name, row, depth + 1);
}

function writeField(written: string, value: string | number | boolean | readonly string[], row: EventRow): void {
  const { name, field, plain } = spellingOf(written);
  if (name === '@timestamp') row.timeMs = timeOf(String(value));
  if (name === 'event.original') row.raw = String(value);
  if (field) row.set(field.slot, value);
  else writeExtra(name, value, row);
  if (plain !== undefined) writeExtra(plain, value, row);
}

interface Spelling {
  readonly name: string;
  readonly field: FieldSpec | undefined;
  /** As Sigma rules call it, for fields of Windows events. */
  readonly plain: string | undefined;
}

/** Events of one kind have the same names: what they mean is found once. Emptied when full. */
const spellings = new Map<string, Spelling>();
const spellingsMax = 16_384;

function spellingOf(written: string): Spelling {
  const known = spellings.get(written);
  if (known) return known;
  const name = written.replaceAll('.#attributes', '').replace(/\.#text$/, '');
  const spelling = { name, field: fieldByName(name), plain: windowsName(name) };
  if (spellings.size >= spellingsMax) spellings.clear();
  if (written.length <= 256) spellings.set(written, spelling);
  return spelling;
}

function writeExtra(name: string, value: string | number | boolean | readonly string[], row: EventRow): void {
  for (const text of typeof value === 'object' ? value : [String(value)]) row.setExtra(name, text);
}

function windowsName(name: string): string | undefined {
  const userData = /^(?:Event\.|winlog\.)?(?:UserData|user_data)\.[^.]+\.(.+)$/.exec(name);
  if (userData) return userData[1];
  const prefix = windowsPrefixes.find((one) => name.startsWith(one));
  if (prefix === undefined) return undefined;
  const plain = name.slice(prefix.length);
  if (plain === 'Provider.Name') return 'Provider_Name';
  return plain.replace(/^(?:TimeCreated|Security|Execution)\./, '');
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function timeOf(text: string): number {
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(/^\d{4}-\d\d-\d\d \d/.test(text) ? `${text.replace(' ', 'T')}Z` : text);
  return Number.isFinite(ms) ? ms : 0;
}

/** Looks at the event itself. */
export function kindFromEvent(decoders: readonly DecoderSpec[]): KindOf {
  const sources = new Map(decoders.map(({ id, source }) => [id, source]));
  return (event, row) => {
    const channel = row.extra('Channel') ?? row.extra('winlog.channel');
    if (channel !== undefined) return windowsKind(channel, row.extra('EventID') ?? row.extra('winlog.event_id') ?? '');
    const type = event['source_type'];
    const source = typeof type === 'string' ? sources.get(type) : undefined;
    const categories = [...(source?.categories ?? []), ...categoriesOf(row)];
    if (source)
      return internKind({
        product: source.product ?? '',
        service: serviceOf(row, source.service ?? ''),
        categories: [...new Set(categories)],
      });
    return typeof type === 'string' && type !== '' && type !== 'syslog' && categories.length > 0 ? internKind({ categories }) : anyKind;
  };
}

/** Sigma's categories out of ECS, for events that a decoder classified by their content. */
function categoriesOf(row: EventRow): string[] {
  const text = (name: string): string => {
    const field = fieldByName(name);
    return field ? String(row.slots[field.slot] ?? '') : '';
  };
  const found: string[] = [];
  if (text('event.kind') === 'alert' && text('observer.type') === 'ids') found.push('ids');
  if (text('observer.type') === 'firewall') found.push('firewall');
  return found;
}

function serviceOf(row: EventRow, service: string): string {
  const kind = fieldByName('event.kind');
  return service === '' && kind && row.slots[kind.slot] === 'alert' ? 'alert' : service;
}
