// The kernel's own log, /dev/kmsg, for hosts without a journal.
import * as z from 'zod';
import { everySource } from './every-source.ts';

export const kmsgSource = z.strictObject({ ...everySource, type: z.literal('kmsg') });
