import * as z from 'zod';
import { liveSource } from './live-source.ts';

export const stdinSource = z.strictObject({ ...liveSource, type: z.literal('stdin') });
