// For property tests of the flat formats: arbitrary operations on fields, and what must have become of the fields.
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { TrimSpec } from '../trimmer.ts';
import type { Field } from './reference-pairs.ts';
import { trimLine } from './trim-line.ts';

export type Operations = Omit<TrimSpec, 'format'>;
export const keyFile = '/key';

const names = ['a', 'b', 'é', 'a.b'] as const;
const some = fc.option(fc.subarray([...names], { minLength: 1 }), { nil: undefined });
export const operations: fc.Arbitrary<Operations> = fc
  .record({ drop: some, keep: some, mask: some, pseudonymise: some, shorten: some })
  .map(({ drop, keep, mask, pseudonymise, shorten }) => ({
    drop,
    keep,
    mask: mask && { fields: mask, with: '#' },
    pseudonymise: pseudonymise && { fields: pseudonymise, keyFile, length: 8 },
    shorten: shorten && { fields: shorten, bytes: 3 },
  }));

/** What must have become of the fields; undefined for a value says that it was rewritten by HMAC or cut. */
export function expected(fields: readonly Field[], { drop = [], keep, mask, pseudonymise, shorten }: Operations, isEmptyKept: boolean) {
  return fields
    .filter(({ name }) => name === '' || !(drop.includes(name) || (keep && !keep.includes(name))))
    .map(({ name, value }) => {
      if (mask?.fields.includes(name)) return { name, value: '#' };
      const isRewritten = pseudonymise?.fields.includes(name) && !(isEmptyKept && /^(?:""|'')?$/.test(value));
      if (isRewritten || (shorten?.fields.includes(name) && Buffer.byteLength(value) > 3)) return { name, value: undefined };
      return { name, value };
    });
}

export function compare(after: readonly Field[], wanted: ReturnType<typeof expected>): void {
  expect(after.map(({ name, value }, i) => ({ name, value: wanted[i]?.value === undefined ? undefined : value }))).toEqual(wanted);
}

/** Never longer without masks and pseudonyms, and the same when it is trimmed again. */
export function checkAgain(spec: TrimSpec, line: string, text: string): void {
  if (!spec.mask && !spec.pseudonymise) expect(text.length).toBeLessThanOrEqual(line.length);
  if (!spec.pseudonymise) expect(trimLine(spec, text).text).toBe(text);
}
