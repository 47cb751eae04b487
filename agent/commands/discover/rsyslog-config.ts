// rsyslog's configuration, old and new style, as the files it writes and what it listens to.
// Promises: bounded files and depth; conditions beyond priorities and property filters are kept as text; what cannot be
// read is passed over, never an error. It does not evaluate: of an `if` both branches are taken as possible.
import type { HostRoot } from './host-root.ts';
import { IncludedFiles } from './included-files.ts';
import { allPriorities, combined, readSelector, type PrioritySet } from './priority-set.ts';
import type { SyslogCondition, SyslogDaemon, SyslogOutput } from './syslog-output.ts';
import { TextScanner } from './text-scanner.ts';

const depthMax = 12;
const outputsMax = 1_000;
const statementsMax = 50_000;

interface Rules {
  readonly files: IncludedFiles;
  readonly templates: Map<string, string>;
  readonly outputs: { readonly target: string; readonly condition: SyslogCondition; readonly ruleset: string; readonly at: string }[];
  readonly follows: { readonly path: string; readonly tag: string }[];
  statements: number;
  hasOtherInputs: boolean;
  readsJournal: boolean;
  fileName: string;
}

interface Block {
  readonly ruleset: string;
  readonly condition: SyslogCondition;
  readonly depth: number;
}

export function readRsyslogConfig(host: HostRoot, path: string): SyslogDaemon {
  const rules: Rules = {
    files: new IncludedFiles(host),
    templates: new Map(),
    outputs: [],
    follows: [],
    statements: 0,
    hasOtherInputs: false,
    readsJournal: false,
    fileName: '',
  };
  readFile(path, rules, { ruleset: '', condition: everything(), depth: 0 });
  const outputs: SyslogOutput[] = rules.outputs.flatMap(({ target, condition, ruleset, at }, order) => {
    const file = target.startsWith('?') ? (rules.templates.get(target.slice(1)) ?? '') : target;
    return file.startsWith('/')
      ? [{ path: file.replaceAll(/%[^%]*%/g, '*').replaceAll(/\*{2,}/g, '*'), condition, ruleset, order, at }]
      : [];
  });
  const { follows, hasOtherInputs, readsJournal } = rules;
  return { name: 'rsyslog', outputs, follows, hasOtherInputs, readsJournal };
}

function everything(): SyslogCondition {
  return { priorities: allPriorities(), filter: '', isFinal: false };
}

function readFile(path: string, rules: Rules, block: Block): void {
  rules.files.read(path, (text) => readBlock(new TextScanner(text, path), rules, { ...block, depth: block.depth + 1 }));
}

/** A target without a leading slash begins where the daemon stands, at the root. */
function readIncluded(target: string, rules: Rules, block: Block): void {
  if (block.depth < depthMax) for (const file of rules.files.named(target, '')) readFile(file, rules, block);
}

/** Statements up to a closing brace or the end. */
function readBlock(scanner: TextScanner, rules: Rules, block: Block): void {
  let last = block.condition;
  while (scanner.skipSpace()) {
    if (scanner.take('}') || rules.outputs.length >= outputsMax || ++rules.statements > statementsMax) return;
    if (scanner.take('&')) readAction(scanner, rules, { ...block, condition: last });
    else last = readStatement(scanner, rules, block);
  }
}

/** Answers the condition of the rule, for the `&` that may follow. */
function readStatement(scanner: TextScanner, rules: Rules, block: Block): SyslogCondition {
  if (scanner.at('$')) readDirective(scanner.line(), rules, block);
  else if (scanner.word('if')) {
    const filter = scanner.until(/\bthen\b/);
    const narrowed = narrowedBy(block.condition, expressionPriorities(filter), filter);
    readAction(scanner, rules, { ...block, condition: narrowed });
    scanner.skipSpace();
    if (scanner.word('else'))
      readAction(scanner, rules, { ...block, condition: narrowedBy(block.condition, undefined, `not (${filter})`) });
    return narrowed;
  } else if (scanner.at(':')) {
    const filter = scanner.match(/^:[^,\n]+,\s*!?\w+(?:\s*,\s*"(?:[^"\\\n]|\\.)*")?/) ?? scanner.line();
    return readRule(scanner, rules, { block, priorities: undefined, filter: filter.trim() });
  } else if (scanner.isObject()) readObject(scanner, rules, block);
  else if (/^(?:stop|~|call|action)\b|^[-?/~]/.test(scanner.rest(12))) readAction(scanner, rules, block);
  else if (/^(?:un)?set\b|^foreach\b/.test(scanner.rest(12))) scanner.until(/;|\n/);
  else {
    const selector = scanner.match(/^[\w*,;.=!]+/);
    const priorities = selector === undefined ? undefined : readSelector(selector);
    if (priorities) return readRule(scanner, rules, { block, priorities, filter: '' });
    scanner.line();
  }
  return block.condition;
}

function readRule(
  scanner: TextScanner,
  rules: Rules,
  rule: { readonly block: Block; readonly priorities: PrioritySet | undefined; readonly filter: string },
): SyslogCondition {
  const condition = narrowedBy(rule.block.condition, rule.priorities, rule.filter);
  readAction(scanner, rules, { ...rule.block, condition });
  return condition;
}

function narrowedBy({ priorities, filter }: SyslogCondition, more: PrioritySet | undefined, text: string): SyslogCondition {
  const isKnown = more !== undefined && /^\s*prifilt\(["'][^"']*["']\)\s*$|^$/.test(text);
  const filters = [filter, isKnown ? '' : text.trim()].filter((one) => one !== '');
  return { priorities: more ? combined(priorities, more, (a, b) => a & b) : priorities, filter: filters.join(' and '), isFinal: false };
}

function expressionPriorities(expression: string): PrioritySet | undefined {
  const selector = /^\s*prifilt\(["']([^"']*)["']\)/.exec(expression)?.[1];
  const facility = /^\s*\$syslogfacility-text\s*==\s*["'](\w+)["']/.exec(expression)?.[1];
  if (selector !== undefined) return readSelector(selector);
  return facility === undefined ? undefined : readSelector(`${facility}.*`);
}

/** A block, an object, or the rest of the line. */
function readAction(scanner: TextScanner, rules: Rules, block: Block): void {
  scanner.skipBlanks();
  const inner = { ...block, depth: block.depth + 1 };
  if (inner.depth >= depthMax) scanner.line();
  else if (scanner.skipSpaceBefore('{')) readBlock(scanner, rules, inner);
  else if (scanner.word('if')) {
    const filter = scanner.until(/\bthen\b/);
    readAction(scanner, rules, { ...inner, condition: narrowedBy(block.condition, expressionPriorities(filter), filter) });
  } else if (scanner.isObject()) readObject(scanner, rules, block);
  else {
    const at = scanner.place();
    const action = scanner.action();
    if (/^(?:stop|~|discard)$/.test(action)) block.condition.isFinal = true;
    else {
      const target = /^-?([?/][^\s;]+)/.exec(action)?.[1];
      if (target !== undefined) rules.outputs.push({ target, condition: block.condition, ruleset: block.ruleset, at });
    }
  }
}

/** `name(parameters)`, with a block behind it where it takes one. */
function readObject(scanner: TextScanner, rules: Rules, block: Block): void {
  const at = scanner.place();
  const { name, parameters } = scanner.object();
  const parameter = (key: string): string => parameters.get(key) ?? '';
  if (name === 'action' && parameter('type').toLowerCase() === 'omfile') {
    const target = parameter('dynafile') === '' ? parameter('file') : `?${parameter('dynafile')}`;
    rules.outputs.push({ target, condition: block.condition, ruleset: block.ruleset, at });
  } else if (name === 'include') readIncluded(parameter('file'), rules, block);
  else if (name === 'template')
    rules.templates.set(parameter('name'), scanner.skipSpaceBefore('{') ? listTemplate(scanner.until(/\}/)) : parameter('string'));
  else if (name === 'ruleset' && scanner.skipSpaceBefore('{'))
    readBlock(scanner, rules, { ruleset: parameter('name'), condition: everything(), depth: block.depth + 1 });
  else if (name === 'module' && parameter('load') === 'imjournal') rules.readsJournal = true;
  else if (name === 'input') readInput(parameter('type'), { path: parameter('file') || parameter('socket'), tag: parameter('tag') }, rules);
}

function listTemplate(body: string): string {
  return [...body.matchAll(/constant\s*\(\s*value\s*=\s*"([^"]*)"|property\s*\(/g)]
    .map(([, constant]) => constant ?? '%property%')
    .join('');
}

function readInput(type: string, { path, tag }: { readonly path: string; readonly tag: string }, rules: Rules): void {
  if (type === 'imfile') rules.follows.push({ path, tag });
  else if (['imudp', 'imtcp', 'imptcp', 'imrelp', 'imuxsock'].includes(type)) rules.hasOtherInputs = true;
}

/** `$Name value`, the old style. */
function readDirective(line: string, rules: Rules, block: Block): void {
  const [, name = '', value = ''] = /^\$(\w+)\s*(.*)$/.exec(line.trim()) ?? [];
  const key = name.toLowerCase();
  if (key === 'includeconfig') readIncluded(value, rules, block);
  else if (key === 'template') {
    const [, template = '', text = ''] = /^([^,\s]+)\s*,\s*"((?:[^"\\]|\\.)*)"/.exec(value) ?? [];
    rules.templates.set(template, text);
  } else if (key === 'modload' && /imjournal/.test(value)) rules.readsJournal = true;
  else if (['udpserverrun', 'inputtcpserverrun', 'inputrelpserverrun', 'addunixlistensocket', 'inputptcpserverrun'].includes(key))
    rules.hasOtherInputs = true;
  else if (key === 'inputfilename') rules.fileName = value;
  else if (key === 'inputfiletag') rules.follows.push({ path: rules.fileName, tag: value });
}
