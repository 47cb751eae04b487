// What a source says about its originals: whether lines are kept on the host as they were read, how long and how many bytes.
import * as z from 'zod';
import { durationSchema, sizeSchema } from '../../quantities.ts';

export const originalsKept = z.strictObject({
  keep: durationSchema({ min: '1m', max: '3650d' }),
  /** On disk, compressed. */
  maxBytes: sizeSchema({ min: '1MiB', max: '16TiB' }),
});

export type OriginalsKept = z.output<typeof originalsKept>;
