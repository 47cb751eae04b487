// What a tap asks for, as it comes over the local socket.
import * as z from 'zod';
import type { Condition } from '../../config/policy/conditions/compile-condition.ts';
import { UsageError } from '../../proto/runtime/errors.ts';

export const tapStages = ['read', 'filtered', 'trimmed'] as const;

const tapWish = z.strictObject({
  source: z.string().max(64).optional(),
  stage: z.enum(tapStages).default('trimmed'),
  where: z
    .json()
    .transform((value): Condition => value)
    .optional(),
});

export type TapWish = z.output<typeof tapWish>;

/** Throws a UsageError. */
export function readTapWish(wish: unknown): TapWish {
  const read = tapWish.safeParse(wish ?? {});
  if (read.success) return read.data;
  throw new UsageError(`a tap of another version? ${read.error.issues[0]?.message ?? ''}`);
}
