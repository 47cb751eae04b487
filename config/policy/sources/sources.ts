// Every type of source that a policy may name.
import * as z from 'zod';
import { execSource } from './exec-source.ts';
import { fileSource } from './file-source.ts';
import { journaldSource } from './journald-source.ts';
import { kmsgSource } from './kmsg-source.ts';
import { socketSource } from './socket-source.ts';
import { stdinSource } from './stdin-source.ts';
import { syslogSource } from './syslog-source.ts';

export const source = z.discriminatedUnion('type', [
  fileSource,
  journaldSource,
  kmsgSource,
  syslogSource,
  socketSource,
  execSource,
  stdinSource,
]);

export type Source = z.output<typeof source>;
export type FileSource = Extract<Source, { type: 'file' }>;
export type JournaldSource = Extract<Source, { type: 'journald' }>;
export type KmsgSource = Extract<Source, { type: 'kmsg' }>;
export type SyslogSource = Extract<Source, { type: 'syslog' }>;
export type SocketSource = Extract<Source, { type: 'socket' }>;
export type ExecSource = Extract<Source, { type: 'exec' }>;
export type StdinSource = Extract<Source, { type: 'stdin' }>;
