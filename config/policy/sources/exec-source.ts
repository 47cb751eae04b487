// What a command prints: run again and again, or followed for as long as it runs.
import * as z from 'zod';
import { durationSchema, sizeSchema } from '../../quantities.ts';
import { text } from '../text.ts';
import { liveSource } from './live-source.ts';

const commandLimits = { partsMax: 64, partCharsMax: 4_096 } as const;

/** Program and arguments, as they are handed to the system: there is no shell. */
export const command = z
  .array(z.string().max(commandLimits.partCharsMax))
  .min(1)
  .max(commandLimits.partsMax)
  .refine(
    ([program = '']) => program.startsWith('/') && text(1_024).safeParse(program).success,
    'expected the whole path of the program first',
  )
  .refine((parts) => !parts.some((part) => part.includes('\0')), 'expected text without NUL');

export const execSource = z.strictObject({
  ...liveSource,
  type: z.literal('exec'),
  command,
  /** Absent: it runs for ever and is started again when it ends. */
  every: durationSchema({ min: '1s', max: '7d' }).optional(),
  timeout: durationSchema({ min: '1s', max: '1d' }).prefault('30s'),
  maxOutputBytes: sizeSchema({ min: '1KiB', max: '1GiB' }).prefault('16MiB'),
  stderr: z.enum(['tell', 'collect']).default('tell'),
});
