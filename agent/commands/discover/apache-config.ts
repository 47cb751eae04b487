// Apache's configuration as a flat list of directives, includes read in their place and variables put in.
// Promises: bounded files, include depth and directives; sections and their conditions are passed over (what might be
// logged is told); broken text gives what could be read of it, never an error.
import { dirname } from 'node:path';
import type { HostRoot } from './host-root.ts';

export interface ApacheDirective {
  /** In lower case. */
  readonly name: string;
  readonly words: readonly string[];
  /** `/etc/apache2/apache2.conf:12`. */
  readonly at: string;
  /** The virtual host it stands in, by where that begins; empty outside of one. */
  readonly context: string;
}

const depthMax = 10;
const filesMax = 1_000;
const directivesMax = 20_000;
const includesMax = 1_000;
const lineCharsMax = 65_536;

export interface ApacheConfig {
  readonly directives: readonly ApacheDirective[];
  readonly serverRoot: string;
}

interface State {
  readonly host: HostRoot;
  readonly variables: Map<string, string>;
  readonly directives: ApacheDirective[];
  readonly reading: Set<string>;
  serverRoot: string;
  context: string;
  files: number;
  includes: number;
}

export function readApacheConfig(host: HostRoot, path: string, serverRoot: string): ApacheConfig {
  const state: State = { host, variables: new Map(), directives: [], reading: new Set(), serverRoot, context: '', files: 0, includes: 0 };
  readVariables(`${dirname(path)}/envvars`, state);
  readFile(path, state);
  return { directives: state.directives, serverRoot: state.serverRoot };
}

/** Debian's envvars is a shell script; its plain assignments are enough. `$SUFFIX` is of hosts with several servers. */
function readVariables(path: string, { host, variables }: State): void {
  for (const [, name = '', quoted, plain = ''] of (host.text(path) ?? '').matchAll(
    /^[ \t]*(?:export[ \t]+)?(\w+)=(?:"([^"\n]*)"|([^\s#]*))/gm,
  ))
    variables.set(
      name,
      (quoted ?? plain).replaceAll(/\$\{?(\w+)\}?/g, (_, variable: string) => variables.get(variable) ?? ''),
    );
}

function readFile(path: string, state: State): void {
  const { host, reading } = state;
  if (reading.has(path) || reading.size >= depthMax || state.files >= filesMax) {
    host.problems.set(path, reading.has(path) ? 'includes itself; read once' : 'included too deeply or as one of too many; not read');
    return;
  }
  const text = host.text(path);
  if (text === undefined) return;
  state.files++;
  reading.add(path);
  let begun = '';
  for (const [index, line] of text.split('\n').entries()) {
    if (line.endsWith('\\') && begun.length < lineCharsMax) begun += line.slice(0, -1);
    else {
      take((begun + line).trim(), `${path}:${index + 1}`, state);
      begun = '';
    }
  }
  reading.delete(path);
}

function take(line: string, at: string, state: State): void {
  if (/^<virtualhost\b/i.test(line)) state.context = at;
  if (/^<\/virtualhost\b/i.test(line)) state.context = '';
  if (line === '' || /^[#<]/.test(line) || line.length > lineCharsMax || state.directives.length >= directivesMax) return;
  const [first = '', ...words] = wordsOf(line).map((word) =>
    word.replaceAll(/\$\{(\w+)\}/g, (all, name: string) => state.variables.get(name) ?? all),
  );
  const name = first.toLowerCase();
  if (name === 'define') state.variables.set(words[0] ?? '', words[1] ?? '');
  else if (name === 'serverroot') state.serverRoot = words[0] ?? state.serverRoot;
  else if (name === 'include' || name === 'includeoptional') include(words[0] ?? '', state);
  else state.directives.push({ name, words, at, context: state.context });
}

/** A file, a glob, or a folder, which means all below it. */
function include(target: string, state: State): void {
  if (target === '' || ++state.includes > includesMax) return;
  const path = target.startsWith('/') ? target : `${state.serverRoot}/${target}`;
  for (const match of state.host.matches(path))
    if (!state.host.isFolder(match)) readFile(match, state);
    else for (const name of state.host.names(match)) if (state.host.isFile(`${match}/${name}`)) readFile(`${match}/${name}`, state);
}

/** In double quotes a backslash keeps a quote; elsewhere it is itself. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\S+/g)].map(([all, double, single]) =>
    (double ?? single ?? all).replaceAll(/\\(["'])/g, '$1'),
  );
}
