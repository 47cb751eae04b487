// The import rules of the house as one table, and the check that reads every file against it: its imports, and what an
// import table cannot see: SQL text outside the store, files that only pass on other files' exports, imports at run time.
// Static and dynamic imports and `export … from` count; a type-only import counts too: a room that knows another room's
// types is not independent of it. Read by patterns, not by a parser: code that wants to hide from it can.
import { entries } from '../proto/runtime/entries.ts';

export interface ImportRule {
  /** Files the rule speaks of: repository paths. */
  readonly files: RegExp;
  readonly except?: RegExp;
  /** What they may not import: a package name, or the repository path the import leads to. */
  readonly forbidden: RegExp;
  readonly reason: string;
}

const isTest = /\.test\.tsx?$|\/testing\//;

function onlyIn(packageName: string, rooms: RegExp): ImportRule {
  return {
    files: /^(agent|hub|proto|config)\//,
    except: new RegExp(`${rooms.source}|${isTest.source}`),
    forbidden: new RegExp(`^${packageName}(/|$)`),
    reason: `${packageName} belongs to ${rooms.source} alone`,
  };
}

export const importRules: readonly ImportRule[] = [
  { files: /^agent\//, forbidden: /^hub\//, reason: 'agent and hub never import each other' },
  { files: /^hub\//, forbidden: /^agent\//, reason: 'agent and hub never import each other' },
  { files: /^(proto|config)\//, forbidden: /^(agent|hub)\//, reason: 'proto and config are below agent and hub' },
  { files: /^proto\//, forbidden: /^config\//, reason: 'proto stands alone' },
  onlyIn('ws', /^(agent\/(uplink|control)|hub\/(gateway|fleet|console))\//),
  onlyIn('level', /^(proto\/durable|hub\/state)\//),
  onlyIn('chdb', /^hub\/store\//),
  onlyIn('@clickhouse/client', /^hub\/store\//),
  onlyIn('undici', /^hub\/notify\//),
];

export interface TextRule {
  readonly files: RegExp;
  readonly except: RegExp;
  readonly forbidden: RegExp;
  readonly reason: string;
}

const entryFiles = ['agent/main.ts', 'hub/main.ts', ...Object.values(entries)];
/** Megabytes of memory that an agent needs for a moment, once in weeks: a certificate request. */
const lateFiles = ['agent/control/identity.ts'];

/** Against the text of a file without its comments. */
export const textRules: readonly TextRule[] = [
  {
    files: /^(agent|hub|proto|config)\//,
    except: new RegExp(`^hub/(store|query)/|${isTest.source}`),
    // Capitals where the words are also English.
    forbidden:
      /\bSELECT\s[^;]{1,400}?\sFROM\s|\bselect\s+(?:\*|count\()|\binsert\s+into\s|\b(?:create|alter|drop)\s+table\s|\bkill\s+query\s|\b(?:INSERT\s+INTO|(?:CREATE|ALTER|DROP)\s+TABLE|KILL\s+QUERY)\s/,
    reason: 'SQL text belongs to hub/store and hub/query alone; ask through a port',
  },
  {
    files: /^(agent|hub|proto|config)\//,
    except: new RegExp(`^(${[...entryFiles, ...lateFiles].map((file) => RegExp.escape(file)).join('|')})$|${isTest.source}`),
    forbidden: /(?<![\w.$])import\s*\(/,
    reason: 'imports at run time are for entry files; what a file needs stands in its head',
  },
];

export interface ImportProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Problems of one file; `file` is its repository path with forward slashes. */
export function checkImports(file: string, text: string): ImportProblem[] {
  const problems: ImportProblem[] = [];
  for (const { target, line } of importsOf(file, text)) {
    for (const rule of importRules) {
      if (rule.files.test(file) && !rule.except?.test(file) && rule.forbidden.test(target))
        problems.push({ file, line, message: `imports ${target}: ${rule.reason}` });
    }
    const crossing = stageCrossing(file, target);
    if (crossing !== undefined) problems.push({ file, line, message: crossing });
  }
  return [...problems, ...checkText(file, withoutComments(text))];
}

function checkText(file: string, text: string): ImportProblem[] {
  const problems = textRules
    .filter((rule) => rule.files.test(file) && !rule.except.test(file))
    .flatMap(({ forbidden, reason }) => {
      const found = forbidden.exec(text);
      return found ? [{ file, line: lineAt(text, found.index), message: reason }] : [];
    });
  if (isBarrel(text)) problems.push({ file, line: 1, message: 'only passes on what other files export; import from the file that has it' });
  return problems;
}

/** Nothing of its own: whatever is imported or passed on is taken away and nothing is left. */
function isBarrel(text: string): boolean {
  const passedOn = /\bexport\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})(?:\s*from\s*['"][^'"]+['"])?\s*;?/g;
  const imported = /\bimport\s[^'"`;]*?from\s*['"][^'"]+['"]\s*;?/g;
  return passedOn.test(text) && text.replaceAll(passedOn, '').replaceAll(imported, '').trim() === '';
}

/** Comments of whole lines become empty lines, so that line numbers stay. */
function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replaceAll(/[^\n]/g, '')).replaceAll(/^[ \t]*\/\/.*$/gm, '');
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** A stage is a folder directly below agent/ or hub/; files directly there (pipeline, main, ports) may see several. */
function stageCrossing(file: string, target: string): string | undefined {
  const from = /^(agent|hub)\/([^/]+)\//.exec(file);
  const to = /^(agent|hub)\/([^/]+)\//.exec(target);
  if (!from || !to || from[1] !== to[1] || from[2] === to[2] || from[2] === 'commands') return undefined;
  if (isTest.test(file)) return undefined;
  return `imports ${target}: stage ${from[2]} may not import stage ${to[2]}; go through ports.ts, wired in pipeline.ts or main.ts`;
}

function* importsOf(file: string, text: string): Generator<{ target: string; line: number }> {
  const pattern =
    /(?:^|[\s;])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|[\s;])import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;
  for (const match of text.matchAll(pattern)) {
    const name = match[1] ?? match[2] ?? match[3] ?? '';
    yield {
      target: name.startsWith('.') ? resolve(file, name) : name,
      line: lineAt(text, match.index + match[0].length),
    };
  }
}

function resolve(file: string, relative: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of relative.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
