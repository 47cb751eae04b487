// Fills related.ip, related.user, related.hosts and related.hash from the fields a decoder wrote, so that one search finds
// an address or a person whatever role it played.
// Promises: each value once, in the order of writing, at most 32 of a kind; what a decoder wrote itself stays.
import { fields, slotOf } from '../../config/fields/registry.ts';
import type { EventRow } from '../../config/fields/row.ts';

const slots = [slotOf('related.ip'), slotOf('related.user'), slotOf('related.hosts'), slotOf('related.hash')] as const;
const valuesMax = 32;

/** 0 none, else one more than the index in `slots`, by slot of the field that is related. */
const kinds = Uint8Array.from(fields, ({ name, type }) => {
  if (name.startsWith('related.')) return 0;
  if (type === 'ip') return 1;
  if (/^(source\.|destination\.|process\.)?user\.(name|effective\.name|target\.name|changes\.name)$/.test(name)) return 2;
  if (/^(host\.name|host\.hostname|source\.domain|destination\.domain|url\.domain|observer\.hostname|tls\.client\.server_name)$/.test(name))
    return 3;
  return /(\.hash\.|ja3s?$)/.test(name) ? 4 : 0;
});

export function writeRelated(row: EventRow): void {
  const { used, slots: values } = row;
  const written = used.length;
  for (let at = 0; at < written; at++) {
    const slot = used[at] ?? 0;
    const kind = kinds[slot];
    if (kind === undefined || kind === 0) continue;
    const value = values[slot];
    const target = slots[(kind - 1) as 0 | 1 | 2 | 3];
    if (typeof value === 'string') add(row, target, value);
    else if (Array.isArray(value)) for (const one of value) add(row, target, String(one));
  }
}

function add(row: EventRow, slot: number, value: string): void {
  const list = row.slots[slot];
  if (!Array.isArray(list)) row.set(slot, [value]);
  // Lists made here belong to this event alone, so they may grow in place.
  else if (list.length < valuesMax && !list.includes(value)) (list as string[]).push(value);
}
