// The files of a host below a root: this one, or the folder of an image or a container.
// Promises: nothing outside the root is read, wherever links point (an absolute link begins at the root, `..` ends there);
// only regular files are opened; a read, all reads together, links, folders and matches have limits; what could not be
// read is told in `problems`, once each, and stops nothing. Paths are the host's own, as its configurations write them.
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../../proto/runtime/errors.ts';
import { parseGlob } from '../../inputs/glob-pattern.ts';

const hostLimits = {
  fileBytesMax: 1024 * 1024,
  bytesMax: 32 * 1024 * 1024,
  filesMax: 8_000,
  linksMax: 40,
  matchesMax: 2_000,
  entriesMax: 50_000,
} as const;

interface Place {
  /** Below the root, links followed. */
  readonly path: string;
  readonly stats: Stats;
}

export class HostRoot {
  readonly root: string;
  readonly problems = new Map<string, string>();
  #bytesLeft: number = hostLimits.bytesMax;
  #filesLeft: number = hostLimits.filesMax;
  #entriesLeft: number = hostLimits.entriesMax;

  constructor(root: string) {
    this.root = root === '/' ? '' : root.replace(/\/+$/, '');
  }

  /** It is the host that this runs on. */
  get isThisHost(): boolean {
    return this.root === '';
  }

  /** Where a path leads and what is there; undefined when nothing is, or when it cannot be looked at (which is told). */
  look(path: string): Place | undefined {
    try {
      const real = this.#follow(path);
      return real === undefined ? undefined : { path: real, stats: lstatSync(this.#outside(real)) };
    } catch (error) {
      this.#tell(path, error);
      return undefined;
    }
  }

  isFolder(path: string): boolean {
    return this.look(path)?.stats.isDirectory() ?? false;
  }

  isFile(path: string): boolean {
    return this.look(path)?.stats.isFile() ?? false;
  }

  /** A configuration as text, undefined when it is absent, too large or closed to us. */
  text(path: string): string | undefined {
    const place = this.look(path);
    if (!place) return undefined;
    if (!place.stats.isFile()) return undefined;
    if (place.stats.size > hostLimits.fileBytesMax) {
      this.problems.set(path, `larger than ${hostLimits.fileBytesMax} bytes; not read`);
      return undefined;
    }
    return this.#read(path, place.path, { from: 0, bytes: hostLimits.fileBytesMax })?.toString('utf8');
  }

  /** A part of a log. */
  part(path: string, from: number, bytes: number): Buffer | undefined {
    const place = this.look(path);
    return place?.stats.isFile() ? this.#read(path, place.path, { from, bytes }) : undefined;
  }

  /** Names in a folder, sorted; none when it is absent or closed to us (which is told). */
  names(folder: string): readonly string[] {
    const place = this.look(folder);
    if (!place?.stats.isDirectory() || this.#entriesLeft <= 0) return [];
    try {
      const names = readdirSync(this.#outside(place.path));
      this.#entriesLeft -= names.length;
      if (this.#entriesLeft <= 0)
        this.problems.set(folder, `more than ${hostLimits.entriesMax} names were listed; the rest is not looked at`);
      return names.sort();
    } catch (error) {
      this.#tell(folder, error);
      return [];
    }
  }

  /** What a glob matches, sorted; `**` is not followed: configurations that are read here have none. */
  matches(glob: string): readonly string[] {
    const found = new Set<string>();
    for (const { text, parts } of parseGlob(glob)) {
      const names = text.split('/').filter((name) => name !== '');
      this.#descend('', { names, parts }, found);
    }
    return [...found].sort();
  }

  #descend(
    folder: string,
    glob: { readonly names: readonly string[]; readonly parts: readonly (RegExp | undefined)[] },
    found: Set<string>,
  ): void {
    const [name, ...names] = glob.names;
    const [part, ...parts] = glob.parts;
    if (found.size >= hostLimits.matchesMax)
      this.problems.set(folder, `more than ${hostLimits.matchesMax} files match; the rest is not looked at`);
    if (name === undefined || part === undefined || found.size >= hostLimits.matchesMax) return;
    const next = /[*?[]/.test(name) ? this.names(folder === '' ? '/' : folder).filter((one) => part.test(one)) : [name];
    for (const one of next) {
      const path = `${folder}/${one}`;
      if (names.length > 0) this.#descend(path, { names, parts }, found);
      else if (this.look(path)) found.add(path);
    }
  }

  #read(path: string, real: string, { from, bytes }: { readonly from: number; readonly bytes: number }): Buffer | undefined {
    if (this.#filesLeft-- <= 0 || this.#bytesLeft <= 0) {
      this.problems.set(path, `not read: ${hostLimits.filesMax} files or ${hostLimits.bytesMax} bytes were read already`);
      return undefined;
    }
    let file: number | undefined;
    try {
      file = openSync(this.#outside(real), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      if (!fstatSync(file).isFile()) return undefined;
      const buffer = Buffer.alloc(Math.min(bytes, this.#bytesLeft));
      const got = readSync(file, buffer, 0, buffer.length, from);
      this.#bytesLeft -= got;
      return buffer.subarray(0, got);
    } catch (error) {
      this.#tell(path, error);
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  /** The path with every link followed inside the root; undefined when something on the way is absent. */
  #follow(path: string): string | undefined {
    let todo = path.split('/').filter((name) => name !== '' && name !== '.');
    let done: string[] = [];
    for (let links = 0; ;) {
      const [name, ...rest] = todo;
      if (name === undefined) return `/${done.join('/')}`;
      todo = rest;
      if (name === '..') {
        done.pop();
        continue;
      }
      const here = `/${[...done, name].join('/')}`;
      const stats = lstatSync(this.#outside(here), { throwIfNoEntry: false });
      if (!stats) return undefined;
      if (!stats.isSymbolicLink()) done.push(name);
      else if (++links > hostLimits.linksMax) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
      else {
        const target = readlinkSync(this.#outside(here));
        if (target.startsWith('/')) done = [];
        todo = [...target.split('/').filter((part) => part !== '' && part !== '.'), ...todo];
      }
    }
  }

  #outside(path: string): string {
    return this.root === '' ? path : join(this.root, path);
  }

  #tell(path: string, error: unknown): void {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return;
    const says = code === 'EACCES' || code === 'EPERM' ? 'permission denied; run discover as root to see it' : (code ?? String(error));
    this.problems.set(path, says);
  }
}
