// nginx's configuration as a flat list of directives, includes read in their place.
// Promises: bounded files, include depth and directives; a file that includes itself ends there; broken text gives what
// could be read of it, never an error.
import { dirname } from 'node:path';
import type { HostRoot } from './host-root.ts';
import { IncludedFiles } from './included-files.ts';

export interface NginxDirective {
  readonly name: string;
  readonly words: readonly string[];
  /** `/etc/nginx/nginx.conf:12`. */
  readonly at: string;
  /** The block it stands in, by the numbers of its blocks. */
  readonly block: string;
}

const directivesMax = 20_000;
const blocksMax = 100;

interface State {
  readonly files: IncludedFiles;
  readonly folder: string;
  readonly directives: NginxDirective[];
  readonly blocks: string[];
  blockCount: number;
}

export function readNginxConfig(host: HostRoot, path: string): readonly NginxDirective[] {
  const state: State = { files: new IncludedFiles(host), folder: dirname(path), directives: [], blocks: [], blockCount: 0 };
  readFile(path, state);
  return state.directives;
}

function readFile(path: string, state: State): void {
  state.files.read(path, (text) => readText(text, path, state));
}

function readText(text: string, path: string, state: State): void {
  let words: string[] = [];
  let line = 1;
  for (const token of tokensOf(text)) {
    if (state.directives.length >= directivesMax) break;
    if (words.length === 0) line = token.line;
    if (token.is === 'word') words.push(token.text);
    else {
      const at = `${path}:${line}`;
      if (words.length > 0) take({ name: words[0] ?? '', words: words.slice(1), at, block: state.blocks.join(' ') }, state);
      if (token.text === '{' && state.blocks.length < blocksMax) state.blocks.push(String(++state.blockCount));
      if (token.text === '}') state.blocks.pop();
      words = [];
    }
  }
}

function take(directive: NginxDirective, state: State): void {
  const [target = ''] = directive.words;
  if (directive.name !== 'include' || target === '') state.directives.push(directive);
  else for (const file of state.files.named(target, state.folder)) readFile(file, state);
}

interface Token {
  readonly is: 'word' | 'end';
  readonly text: string;
  readonly line: number;
}

/** Words, quoted or not, and what ends a directive: `;`, `{` or `}`. */
function* tokensOf(text: string): Generator<Token> {
  const pattern =
    /\n|#[^\n]*|[;{}]|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|(?:[^\s;{}"'\\$]|\\[\s\S]|\$\{[^}\n]{0,256}\}|\$)(?:[^\s;{}\\$]|\\[\s\S]|\$\{[^}\n]{0,256}\}|\$)*/g;
  let line = 1;
  for (const match of text.matchAll(pattern)) {
    const [all, double, single] = match;
    if (all === '\n') line++;
    else if (!all.startsWith('#')) {
      const isEnd = /^[;{}]$/.test(all);
      yield { is: isEnd ? 'end' : 'word', text: double ?? single ?? all, line };
      line += all.split('\n').length - 1;
    }
  }
}
