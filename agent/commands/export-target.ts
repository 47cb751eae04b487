// Where exported lines go, and how one of them stands in a JSON object.
import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { UsageError } from '../../proto/runtime/errors.ts';
import { write, type CommandIo } from './read-options.ts';

export interface ExportTarget {
  write(chunk: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** A file of its own, mode 0600, that must not be there yet; else standard output. */
export async function exportTarget(path: string | undefined, io: CommandIo): Promise<ExportTarget> {
  if (path === undefined) return { write: (chunk) => write(io.output, chunk), close: () => Promise.resolve() };
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  try {
    await once(file, 'open');
  } catch (cause) {
    throw new UsageError(`--output ${path} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return {
    write: (chunk) => write(file, chunk),
    close: async () => {
      file.end();
      await once(file, 'close');
    },
  };
}

/** The line itself where it is UTF-8, else base64: JSON knows no other bytes. */
export function textOfLine(line: Buffer): { readonly line: string } | { readonly lineBase64: string } {
  return isUtf8(line) ? { line: line.toString() } : { lineBase64: line.toString('base64') };
}
