// What a generation log remembers in its slot file: which generations there are, where the log ends, and the caller's
// own small state. Pure: text in, value out.
import { join } from 'node:path';

export interface Generation {
  readonly id: number;
  /** Number of its first record. */
  readonly first: number;
  /** Bytes of its records so far. */
  readonly bytes: number;
  /** Of the key that it was sealed with; empty for a plain one, and where that is not known any more. */
  readonly keyId: string;
}

export interface LogState {
  readonly generations: readonly Generation[];
  /** Highest number that was ever durable; the next is tail + 1. */
  readonly tail: number;
  /** Last generation id ever given. */
  readonly lastId: number;
  /** The caller's, opaque. */
  readonly state: string;
}

export const emptyLog: LogState = { generations: [], tail: 0, lastId: 0, state: '' };

export function encodeLogState({ generations, tail, lastId, state }: LogState): Uint8Array {
  const rows = generations.map(({ id, first, bytes, keyId }) => [id, first, bytes, ...(keyId === '' ? [] : [keyId])]);
  return Buffer.from(JSON.stringify({ version: 1, generations: rows, tail, lastId, state }));
}

/** Undefined when it was not written by us, or by a newer version. */
export function decodeLogState(content: Uint8Array): LogState | undefined {
  const value: unknown = parseJson(Buffer.from(content).toString());
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('version' in value) || value.version !== 1) return undefined;
  if (!('tail' in value) || !('lastId' in value) || !('state' in value) || !('generations' in value)) return undefined;
  const { tail, lastId, state, generations } = value;
  if (typeof tail !== 'number' || typeof lastId !== 'number' || typeof state !== 'string' || !Array.isArray(generations)) return undefined;
  return {
    tail,
    lastId,
    state,
    generations: generations.map((row: unknown) => {
      const [id, first, bytes, keyId = '']: unknown[] = Array.isArray(row) ? row : [];
      return { id: Number(id), first: Number(first), bytes: Number(bytes), keyId: String(keyId) };
    }),
  };
}

export function folderOf(logFolder: string, id: number): string {
  return join(logFolder, `generation-${String(id).padStart(10, '0')}`);
}

export function idOfFolder(name: string): number | undefined {
  const match = /^generation-(\d{10})$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
