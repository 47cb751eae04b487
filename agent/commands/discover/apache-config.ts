// Apache's configuration as a flat list of directives, includes read in their place and variables put in.
// Promises: bounded files, include depth and directives; sections and their conditions are passed over (what might be
// logged is told); broken text gives what could be read of it, never an error.
import { dirname } from 'node:path';
import type { HostRoot } from './host-root.ts';
import { IncludedFiles } from './included-files.ts';

export interface ApacheDirective {
  /** In lower case. */
  readonly name: string;
  readonly words: readonly string[];
  /** `/etc/apache2/apache2.conf:12`. */
  readonly at: string;
  /** The virtual host it stands in, by where that begins; empty outside of one. */
  readonly context: string;
}

const directivesMax = 20_000;
const lineCharsMax = 65_536;

export interface ApacheConfig {
  readonly directives: readonly ApacheDirective[];
  readonly serverRoot: string;
}

interface State {
  readonly files: IncludedFiles;
  readonly variables: Map<string, string>;
  readonly directives: ApacheDirective[];
  serverRoot: string;
  context: string;
}

export function readApacheConfig(host: HostRoot, path: string, serverRoot: string): ApacheConfig {
  const variables = readVariables(host.text(`${dirname(path)}/envvars`) ?? '');
  const state: State = { files: new IncludedFiles(host), variables, directives: [], serverRoot, context: '' };
  readFile(path, state);
  return { directives: state.directives, serverRoot: state.serverRoot };
}

/** Debian's envvars is a shell script; its plain assignments are enough. `$SUFFIX` is of hosts with several servers. */
function readVariables(script: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of script.matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)=(?:"([^"\n]*)"|([^\s#]*))/gm))
    variables.set(
      name,
      (quoted ?? plain).replaceAll(/\$\{?(\w+)\}?/g, (_, variable: string) => variables.get(variable) ?? ''),
    );
  return variables;
}

function readFile(path: string, state: State): void {
  state.files.read(path, (text) => {
    let begun = '';
    for (const [index, line] of text.split('\n').entries()) {
      if (line.endsWith('\\') && begun.length < lineCharsMax) begun += line.slice(0, -1);
      else {
        take((begun + line).trim(), `${path}:${index + 1}`, state);
        begun = '';
      }
    }
  });
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
  else if (name === 'include' || name === 'includeoptional')
    for (const file of state.files.named(words[0] ?? '', state.serverRoot)) readFile(file, state);
  else state.directives.push({ name, words, at, context: state.context });
}

/** In double quotes a backslash keeps a quote; elsewhere it is itself. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\S+/g)].map(([all, double, single]) =>
    (double ?? single ?? all).replaceAll(/\\(["'])/g, '$1'),
  );
}
