// Every type of source that a policy may name.
import * as z from 'zod';
import { fileSource } from './file-source.ts';
import { journaldSource } from './journald-source.ts';

export const source = z.discriminatedUnion('type', [fileSource, journaldSource]);

export type Source = z.output<typeof source>;
export type FileSource = Extract<Source, { type: 'file' }>;
export type JournaldSource = Extract<Source, { type: 'journald' }>;
