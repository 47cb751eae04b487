// `buffer` of agent.yaml: how much may wait on disk, in what pieces, and whether it is sealed there.
import * as z from 'zod';
import { durationSchema, sizeSchema } from './quantities.ts';

const keyFile = z.string().min(1).max(1_024).startsWith('/', 'expected the whole path of a key file');

export const bufferSchema = z.strictObject({
  maxBytes: sizeSchema({ min: '1MiB', max: '16TiB' }).prefault('1GiB'),
  generationBytes: sizeSchema({ min: '1MiB', max: '256MiB' }).prefault('8MiB'),
  reserveBytes: sizeSchema({ min: '1MiB', max: '1GiB' }).prefault('16MiB'),
  flushInterval: durationSchema({ min: '10ms', max: '10s' }).prefault('200ms'),
  encryption: z
    .strictObject({
      /** Absent: what is written is plain. */
      keyFile: keyFile.optional(),
      previousKeyFiles: z.array(keyFile).max(16).default([]),
    })
    .prefault({}),
});

export type Encryption = z.output<typeof bufferSchema>['encryption'];
