// Makes proposals of what was found: whatever several finders speak of is collected once.
// Promises: no two proposals collect the same file, now or when it appears later: a path that an earlier one names is
// taken out of a later one, and excluded where a later glob matches it. Links are followed to the file itself.
import { parseGlob } from '../../inputs/glob-pattern.ts';
import type { Candidate, LeftOut } from './candidate.ts';
import type { HostRoot } from './host-root.ts';
import type { FileSeen } from './measure-source.ts';

export interface Choice {
  readonly candidate: Candidate;
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  /** Regular files that it would read now. */
  readonly files: readonly FileSeen[];
}

export function chooseSources(
  host: HostRoot,
  candidates: readonly Candidate[],
): { readonly choices: readonly Choice[]; readonly leftOut: readonly LeftOut[] } {
  const choices: Choice[] = [];
  const leftOut: LeftOut[] = [];
  const ids = new Set<string>();
  for (const candidate of candidates) {
    if (candidate.type !== 'file') {
      choices.push({ candidate: named(candidate, ids), paths: candidate.paths, exclude: [], files: [] });
      continue;
    }
    const earlier = choices.filter((choice) => choice.candidate.type === 'file');
    const paths: string[] = [];
    for (const path of new Set(candidate.paths.map((one) => realFolder(host, one)))) {
      const owner = isGlob(path) ? undefined : earlier.find((choice) => collects(host, choice, path));
      if (owner) leftOut.push({ what: `${path} (${candidate.why})`, because: `source ${owner.candidate.id} collects it` });
      else paths.push(path);
    }
    if (paths.length === 0) continue;
    const own = (candidate.exclude ?? []).map((one) => realFolder(host, one));
    const taken = earlier.flatMap((choice) => [...choice.paths, ...choice.files.map(({ path }) => path)]);
    const exclude = [...new Set([...own, ...taken.filter((other) => paths.some((path) => isGlob(path) && mayMatchSame(path, other)))])];
    choices.push({
      candidate: named(candidate, ids),
      paths,
      exclude,
      files: filesOf(host, { paths, exclude, taken: realPaths(host, earlier) }),
    });
  }
  return { choices, leftOut };
}

/** The folder by its own name, where links lead to it: the fence goes by that. */
function realFolder(host: HostRoot, path: string): string {
  const names = path.split('/');
  const at = names.findIndex((name, index) => index === names.length - 1 || isGlob(name));
  const folder = names.slice(0, at).join('/');
  const real = folder === '' ? undefined : host.look(folder)?.path;
  return real === undefined ? path : [real === '/' ? '' : real, ...names.slice(at)].join('/');
}

/** Two finders may choose one id. */
function named(candidate: Candidate, ids: Set<string>): Candidate {
  let id = candidate.id;
  for (let n = 2; ids.has(id); n++) id = `${candidate.id}-${n}`;
  ids.add(id);
  return { ...candidate, id };
}

export function collects(host: HostRoot, { paths, exclude }: Pick<Choice, 'paths' | 'exclude'>, path: string): boolean {
  const real = host.look(path)?.path;
  const matches = (globs: readonly string[], one: string): boolean => globs.flatMap(parseGlob).some((glob) => glob.matches(one));
  const isNamed = (one: string): boolean => matches(paths, one) && !matches(exclude, one);
  return (
    isNamed(path) || (real !== undefined && (isNamed(real) || paths.some((other) => !isGlob(other) && host.look(other)?.path === real)))
  );
}

function realPaths(host: HostRoot, choices: readonly Choice[]): ReadonlySet<string> {
  return new Set(choices.flatMap(({ files }) => files.flatMap(({ path }) => host.look(path)?.path ?? [])));
}

function filesOf(
  host: HostRoot,
  {
    paths,
    exclude,
    taken,
  }: { readonly paths: readonly string[]; readonly exclude: readonly string[]; readonly taken: ReadonlySet<string> },
): FileSeen[] {
  const left = exclude.flatMap(parseGlob);
  const matched = new Set(paths.flatMap((path) => host.matches(path)));
  return [...matched].flatMap((path) => {
    const place = host.look(path);
    if (!place?.stats.isFile() || taken.has(place.path) || left.some((glob) => glob.matches(path))) return [];
    return [{ path, bytes: place.stats.size, modifiedMs: place.stats.mtimeMs }];
  });
}

function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** Never says no wrongly: of two globs, names that both have wildcards may be the same. */
export function mayMatchSame(glob: string, other: string): boolean {
  if (!isGlob(other)) return parseGlob(glob).some((pattern) => pattern.matches(other));
  const [names, others] = [glob, other].map((text) => text.split('/').filter((name) => name !== ''));
  if (!names || !others) return false;
  if ([...names, ...others].includes('**')) return true;
  if (names.length !== others.length) return false;
  return names.every((name, at) => {
    const its = others[at] ?? '';
    if (isGlob(name) && isGlob(its)) return true;
    if (isGlob(name)) return parseGlob(`/${name}`).some((pattern) => pattern.matches(`/${its}`));
    return isGlob(its) ? parseGlob(`/${its}`).some((pattern) => pattern.matches(`/${name}`)) : name === its;
  });
}
