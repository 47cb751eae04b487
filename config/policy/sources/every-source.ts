// What every source of a policy says, whatever its type.
import * as z from 'zod';
import { laneNames, limits } from '../../../proto/delivery.ts';
import { text } from '../text.ts';
import { originalsKept } from './originals-kept.ts';

/** What happens to lines while the buffer of their lane is full. */
export const whenFull = z.enum(['block', 'drop-oldest', 'drop-newest']);

export const sourceId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected a name of lower-case letters, digits, `.`, `_` or `-`, at most 64 characters');

const timeZone = z
  .string()
  .refine((name) => name === 'local' || isTimeZone(name), 'expected `local` or an IANA name such as Europe/Lisbon or UTC');

function isTimeZone(name: string): boolean {
  try {
    return name !== '' && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

const labels = z
  .record(text(64), z.string().max(256))
  .refine((map) => Object.keys(map).length <= limits.labelsPerStreamMax, `expected at most ${limits.labelsPerStreamMax} labels`);

export const everySource = {
  id: sourceId,
  typeHint: z.string().max(128).default(''),
  timeZone: timeZone.default('local'),
  startAt: z.enum(['start', 'end']).default('end'),
  whenFull: whenFull.default('block'),
  lane: z.enum(laneNames).default('normal'),
  labels: labels.default({}),
  /** Absent: none are kept. */
  originals: originalsKept.optional(),
};
