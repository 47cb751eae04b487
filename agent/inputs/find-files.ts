// Lists the files that globs name, by walking only the folders that can hold one.
// Promises: each path once; bounded work per call (paths and folder entries); folders that cannot be read are told, not
// thrown. Symbolic links to files are found; `**` does not walk into linked folders.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { GlobPattern } from './glob-pattern.ts';

export const walkLimits = { filesMax: 10_000, entriesMax: 200_000, depthMax: 32 } as const;

export interface Walk {
  readonly paths: Set<string>;
  /** Folders that could not be read, with the reason. */
  readonly unreadable: Map<string, string>;
  isCutShort: boolean;
}

export async function findFiles(patterns: readonly GlobPattern[], signal: AbortSignal): Promise<Walk> {
  const walk: Walk = { paths: new Set(), unreadable: new Map(), isCutShort: false };
  const state = { walk, entriesLeft: walkLimits.entriesMax, signal, seen: new Set<string>() };
  for (const pattern of patterns) await step({ pattern, at: 0, folder: '', depth: 0 }, state);
  return walk;
}

interface Place {
  readonly pattern: GlobPattern;
  /** Index of the part that the names in this folder must match. */
  readonly at: number;
  readonly folder: string;
  readonly depth: number;
}

interface State {
  readonly walk: Walk;
  readonly signal: AbortSignal;
  readonly seen: Set<string>;
  entriesLeft: number;
}

async function step(place: Place, state: State): Promise<void> {
  const { pattern, at, folder, depth } = place;
  const mark = `${pattern.text}\0${at}\0${folder}`;
  if (state.signal.aborted || state.seen.has(mark)) return;
  if (depth > walkLimits.depthMax || state.entriesLeft <= 0 || state.walk.paths.size >= walkLimits.filesMax) {
    state.walk.isCutShort = true;
    return;
  }
  state.seen.add(mark);
  const part = pattern.parts[at];
  const isLast = at === pattern.parts.length - 1;
  const plain = plainName(pattern, at);
  if (plain !== undefined) {
    if (isLast) await addIfThere(`${folder}/${plain}`, state.walk);
    else await step({ pattern, at: at + 1, folder: `${folder}/${plain}`, depth: depth + 1 }, state);
    return;
  }
  const entries = await entriesOf(folder, state);
  if (part === undefined) await step({ ...place, at: at + 1 }, state);
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (part === undefined) {
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) await step({ ...place, folder: path, depth: depth + 1 }, state);
      else if (isLast) add(path, state.walk);
    } else if (part.test(entry.name)) {
      if (isLast) add(path, state.walk);
      else if (entry.isDirectory() || entry.isSymbolicLink()) await step({ pattern, at: at + 1, folder: path, depth: depth + 1 }, state);
    }
  }
}

/** The name itself when the part has no wildcard: then the folder need not be listed (nor readable). */
function plainName(pattern: GlobPattern, at: number): string | undefined {
  const name = pattern.text.split('/').filter((part) => part !== '')[at];
  return name === undefined || /[*?[]/.test(name) ? undefined : name;
}

async function addIfThere(path: string, walk: Walk): Promise<void> {
  try {
    await stat(path);
    add(path, walk);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') walk.unreadable.set(path, code ?? 'unreadable');
  }
}

function add(path: string, walk: Walk): void {
  if (walk.paths.size < walkLimits.filesMax) walk.paths.add(path);
  else walk.isCutShort = true;
}

async function entriesOf(folder: string, state: State): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder === '' ? '/' : folder, { withFileTypes: true });
    state.entriesLeft -= entries.length;
    return entries;
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') state.walk.unreadable.set(folder, code ?? 'unreadable');
    return [];
  }
}
