import * as z from 'zod';

/** A text that says something, within a limit. */
export const text = (charsMax: number) => z.string().min(1).max(charsMax);
