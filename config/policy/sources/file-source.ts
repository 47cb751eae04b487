import * as z from 'zod';
import { text } from '../text.ts';
import { everySource } from './every-source.ts';

const globLimits = { globsMax: 256, globCharsMax: 1_024 } as const;

const glob = text(globLimits.globCharsMax).startsWith('/', 'expected a whole path or glob that begins with /');

export const fileSource = z.strictObject({
  ...everySource,
  type: z.literal('file'),
  paths: z.array(glob).min(1).max(globLimits.globsMax),
  exclude: z.array(glob).max(globLimits.globsMax).default([]),
});
