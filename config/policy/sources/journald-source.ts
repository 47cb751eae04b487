import * as z from 'zod';
import { everySource } from './every-source.ts';

export const journaldSource = z.strictObject({ ...everySource, type: z.literal('journald') });
