// The files of a server's configuration: the first, and what it includes, read where the include stands.
// Promises: bounded depth, files and includes; a file that includes itself ends there; what is not read is told as a problem.
import type { HostRoot } from './host-root.ts';

const depthMax = 12;
const filesMax = 1_000;
const includesMax = 1_000;

export class IncludedFiles {
  readonly #host: HostRoot;
  /** From the first file to the one that is being read. */
  readonly #reading = new Set<string>();
  #files = 0;
  #includes = 0;

  constructor(host: HostRoot) {
    this.#host = host;
  }

  /** `take` gets the text, and may include and read more before it returns. Where there is no such file nothing happens. */
  read(path: string, take: (text: string) => void): void {
    const isItself = this.#reading.has(path);
    if (isItself || this.#reading.size >= depthMax || this.#files >= filesMax) {
      this.#host.problems.set(path, isItself ? 'includes itself; read once' : 'included too deeply or as one of too many; not read');
      return;
    }
    const text = this.#host.text(path);
    if (text === undefined) return;
    this.#files++;
    this.#reading.add(path);
    take(text);
    this.#reading.delete(path);
  }

  /** The files that an include means, of a folder all in it; `from` is the folder where a target without a leading slash begins. */
  named(target: string, from: string): readonly string[] {
    if (target === '' || ++this.#includes > includesMax) return [];
    const host = this.#host;
    return host.matches(target.startsWith('/') ? target : `${from}/${target}`).flatMap((match) => {
      if (!host.isFolder(match)) return [match];
      return host.names(match).flatMap((name) => (host.isFile(`${match}/${name}`) ? [`${match}/${name}`] : []));
    });
  }
}
