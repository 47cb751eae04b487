// What protobufjs makes of our bytes, with plain numbers: the reference that the hand-written code is tested against.
import { atalaia } from '../../generated/relay.js';

export const relay = atalaia.relay.v1;

/** Long objects to numbers, messages to plain objects, bytes to plain arrays, so that two messages can be compared. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Array.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('toNumber' in value && typeof value.toNumber === 'function') return value.toNumber();
  const fields: Record<string, unknown> = Object.create(null);
  for (const [key, member] of Object.entries(value)) if (member !== undefined) fields[key] = plain(member);
  return fields;
}
