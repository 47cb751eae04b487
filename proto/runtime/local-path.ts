// Where the local socket of a running program is, what is asked there, and how it looks when nobody listens.
import { join } from 'node:path';
import { AtalaiaError, errorCode } from './errors.ts';

/** What the kernel takes as the path of a socket. */
const pathBytesMax = 107;

export type Program = 'agent' | 'hub';

export interface LocalQuestion {
  readonly program: Program;
  readonly ask: string;
  readonly wish?: unknown;
}

export function localSocketPath(dataFolder: string, program: Program): string {
  const path = join(dataFolder, `${program}.sock`);
  if (Buffer.byteLength(path) > pathBytesMax) {
    throw new AtalaiaError('PATH_TOO_LONG', `${path} is too long for a socket (${pathBytesMax} bytes); use a shorter data folder`);
  }
  return path;
}

export function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(errorCode(error) ?? '');
}

export function notAsked(path: string, cause: unknown): AtalaiaError {
  const remedy = errorCode(cause) === 'EACCES' ? 'run this command as its user' : 'try again';
  return new AtalaiaError('PROGRAM_UNREACHABLE', `the program at ${path} could not be asked; ${remedy}`, { cause });
}
