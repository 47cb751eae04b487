// Lines that local programs write to a Unix stream socket on which the agent listens.
import * as z from 'zod';
import { limits } from '../../../proto/delivery.ts';
import { durationSchema, sizeSchema } from '../../quantities.ts';
import { text } from '../text.ts';
import { liveSource } from './live-source.ts';

/** What the kernel takes as the address of a Unix socket, without the NUL behind it. */
const socketPathMax = 107;

export const socketSource = z.strictObject({
  ...liveSource,
  type: z.literal('socket'),
  path: text(socketPathMax).startsWith('/', 'expected a whole path that begins with /'),
  mode: z
    .string()
    .regex(/^0[0-7]{3}$/, 'expected four octal digits in quotes, such as "0660"')
    .default('0660'),
  group: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, 'expected the name or number of a group')
    .optional(),
  maxLineBytes: sizeSchema({ min: '1KiB', max: `${limits.lineBytesMax}B` }).prefault('1MiB'),
  maxConnections: z.int().min(1).max(256).default(64),
  idleTimeout: durationSchema({ min: '10s', max: '30d' }).optional(),
});
