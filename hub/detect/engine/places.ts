// Where the matcher reads a field from a row: a registry slot, an extra by name, or one of the row's own properties.
import { fieldByName, slotOf } from '../../../config/fields/registry.ts';
import type { EventRow, FieldValue } from '../../../config/fields/row.ts';
import { decodeUrl } from './decoded-url.ts';

export type Place =
  | { readonly is: 'slot'; readonly slot: number }
  | { readonly is: 'extra'; readonly name: string }
  | { readonly is: 'own'; readonly name: OwnName };

const ownNames = ['@timestamp', 'event.created', 'event.ingested', 'event.original', 'atalaia.url.decoded'] as const;
type OwnName = (typeof ownNames)[number];

export function placeOf(name: string): Place {
  const own = ownNames.find((one) => one === name);
  if (own) return { is: 'own', name: own };
  const field = fieldByName(name);
  return field ? { is: 'slot', slot: field.slot } : { is: 'extra', name };
}

const urlSlot = slotOf('url.original');

export function ownValue(row: EventRow, name: OwnName): FieldValue | undefined {
  if (name === 'atalaia.url.decoded') {
    const url = row.slots[urlSlot];
    return typeof url === 'string' ? decodeUrl(url) : undefined;
  }
  if (name === 'event.original') return row.raw === '' ? undefined : row.raw;
  const ms = name === '@timestamp' ? row.timeMs : name === 'event.created' ? row.createdMs : row.ingestedMs;
  return ms === 0 ? undefined : ms;
}

/** Value of a name that `placeOf` has looked up, for findings and people; the matcher has its own, faster way. */
export function valueAt(row: EventRow, name: string, place: Place): FieldValue | undefined {
  // What a decoder left under the very name counts before what the registry knows it as.
  const extra = row.extraNames.length === 0 ? undefined : row.extra(name);
  if (extra !== undefined) return extra;
  if (place.is === 'slot') return row.slots[place.slot];
  return place.is === 'own' ? ownValue(row, place.name) : undefined;
}

export function textOf(value: FieldValue): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : String(value);
}
