// Conditions over a raw line in Sigma's words, compiled once to a predicate over bytes.
// A map means all of its entries, a list of maps any of them; a list of values any of them (`|all`: every one).
// `text` is the whole line; every other name is a path in a JSON line or a name in a key=value line.
// Values compare without regard to case unless `cased`; `*` and `?` are wildcards (`\` takes them literally).
// Limits: patterns, entries and the part of a value that a regular expression sees; expressions run in linear time (RE2).
import { RE2JS } from 're2js';
import { compileFieldPaths, parseFieldPath } from '../trim/field-paths.ts';
import { skipSpace } from '../trim/scan-json.ts';
import { findJsonField, findPair, type ValueTest } from './find-field.ts';
import { splitWildcards } from './split-wildcards.ts';
import { searchLiteral } from './search-literal.ts';

const conditionLimits = {
  entriesMax: 256,
  valuesMax: 4_096,
  valueCharsMax: 4_096,
  patternCharsMax: 1_024,
  regexBytesMax: 64 * 1024,
} as const;

export type LinePredicate = (bytes: Buffer, start: number, end: number) => boolean;
type ConditionValue = string | number | boolean | null;
type Selection = Readonly<Record<string, ConditionValue | readonly ConditionValue[]>>;
export type Condition = Selection | readonly Selection[];

export type Compiled =
  | { readonly ok: true; readonly matches: LinePredicate }
  /** `path` leads to the place within the condition. */
  | { readonly ok: false; readonly reason: string; readonly path: readonly (string | number)[] };

type Refused = Extract<Compiled, { ok: false }>;

const modifiers = ['contains', 'startswith', 'endswith', 're', 'all', 'cased', 'exists'] as const;
type Modifier = (typeof modifiers)[number];

export function compileCondition(condition: Condition): Compiled {
  if (!isList(condition)) return compileSelection(condition);
  const choices: LinePredicate[] = [];
  for (const [index, selection] of condition.entries()) {
    const compiled = compileSelection(selection);
    if (!compiled.ok) return { ...compiled, path: [index, ...compiled.path] };
    choices.push(compiled.matches);
  }
  return { ok: true, matches: (bytes, start, end) => choices.some((matches) => matches(bytes, start, end)) };
}

function isList(condition: Condition): condition is readonly Selection[] {
  return Array.isArray(condition);
}

function compileSelection(selection: Selection): Compiled {
  const entries = Object.entries(selection);
  if (entries.length === 0) return refuse('an empty selection would match every line; name a field or `text`');
  if (entries.length > conditionLimits.entriesMax) return refuse(`more than ${conditionLimits.entriesMax} entries`);
  const every: LinePredicate[] = [];
  for (const [key, value] of entries) {
    const compiled = compileEntry(key, value);
    if (!compiled.ok) return { ...compiled, path: [key, ...compiled.path] };
    every.push(compiled.matches);
  }
  const [only] = every;
  if (only && every.length === 1) return { ok: true, matches: only };
  return { ok: true, matches: (bytes, start, end) => every.every((matches) => matches(bytes, start, end)) };
}

function refuse(reason: string): Refused {
  return { ok: false, reason, path: [] };
}

function compileEntry(key: string, value: ConditionValue | readonly ConditionValue[]): Compiled {
  const [name = '', ...words] = key.split('|');
  const unknown = words.find((word) => !isModifier(word));
  if (unknown !== undefined) return refuse(`unknown modifier \`${unknown}\`; known: ${modifiers.join(', ')}`);
  const field = readField(name);
  if (!field.ok) return field;
  const values = Array.isArray(value) ? value : [value];
  if (words.includes('exists')) return compileExists(field.find, values);
  if (values.length === 0) return refuse('an empty list of values never matches');
  if (values.length > conditionLimits.valuesMax) return refuse(`more than ${conditionLimits.valuesMax} values`);
  const tests: ValueTest[] = [];
  for (const item of values) {
    const test = compileValue(item, words.filter(isModifier));
    if (typeof test === 'string') return refuse(test);
    tests.push(test);
  }
  const { find } = field;
  const [only] = tests;
  if (only && tests.length === 1) return { ok: true, matches: (bytes, start, end) => find(bytes, start, end, only) };
  if (words.includes('all')) return { ok: true, matches: (bytes, start, end) => tests.every((test) => find(bytes, start, end, test)) };
  const any: ValueTest = (bytes, start, end, isNull) => tests.some((test) => test(bytes, start, end, isNull));
  return { ok: true, matches: (bytes, start, end) => find(bytes, start, end, any) };
}

function isModifier(word: string): word is Modifier {
  return modifiers.some((known) => known === word);
}

type Find = (bytes: Buffer, start: number, end: number, test: ValueTest) => boolean;

function readField(name: string): { readonly ok: true; readonly find: Find } | Refused {
  if (name === 'text') return { ok: true, find: (bytes, start, end, test) => test(bytes, start, end, false) };
  const parsed = parseFieldPath(name);
  if (!parsed.ok) return refuse(`the field name has ${parsed.reason}`);
  const path = compileFieldPaths([{ path: parsed.path, verb: { is: 'find' } }]);
  const pairName = Buffer.from(name.replace(/\\(.)/g, '$1'));
  const line: { bytes: Buffer; start: number; end: number } = { bytes: Buffer.alloc(0), start: 0, end: 0 };
  const find: Find = (bytes, start, end, test) => {
    line.bytes = bytes;
    line.start = start;
    line.end = end;
    const first = skipSpace(bytes, start, end);
    let isThere = false;
    const seen: ValueTest = (value, from, to, isNull) => {
      isThere = true;
      return test(value, from, to, isNull);
    };
    if (first < end && bytes[first] === 0x7b ? findJsonField(path, line, seen) : findPair(pairName, line, seen)) return true;
    // A field that is not there counts as null.
    return !isThere && test(bytes, start, start, true);
  };
  return { ok: true, find };
}

function compileExists(find: Find, values: readonly ConditionValue[]): Compiled {
  const [wanted] = values;
  if (typeof wanted !== 'boolean' || values.length !== 1) return refuse('`exists` takes true or false');
  const isThere: ValueTest = (_bytes, _start, _end, isNull) => !isNull;
  return { ok: true, matches: (bytes, start, end) => find(bytes, start, end, isThere) === wanted };
}

/** The test, or why the value is refused. */
function compileValue(value: ConditionValue, words: readonly Modifier[]): ValueTest | string {
  if (value === null) return (_bytes, _start, _end, isNull) => isNull;
  const text = String(value);
  if (text.length > conditionLimits.valueCharsMax) return `a value longer than ${conditionLimits.valueCharsMax} characters`;
  if (words.includes('re')) return compileRegex(text, words.includes('cased'));
  const parts = splitWildcards(text);
  if (words.includes('contains') || words.includes('startswith')) parts.push({ is: 'any' });
  if (words.includes('contains') || words.includes('endswith')) parts.unshift({ is: 'any' });
  return compileParts(parts, words.includes('cased'));
}

function compileParts(parts: ReturnType<typeof splitWildcards>, cased: boolean): ValueTest | string {
  const literals = parts.flatMap((part) => (part.is === 'literal' ? [part.text] : []));
  const shape = parts
    .map((part) => part.is)
    .join(' ')
    .replaceAll(/any(?: any)+/g, 'any');
  const search = searchLiteral(literals[0] ?? '', { cased });
  if (literals.length <= 1) {
    if (shape === 'literal' || shape === '') return (bytes, start, end, isNull) => !isNull && search.equals(bytes, start, end);
    if (shape === 'any literal any' || shape === 'any') return (bytes, start, end, isNull) => !isNull && search.contains(bytes, start, end);
    if (shape === 'literal any') return (bytes, start, end, isNull) => !isNull && search.startsWith(bytes, start, end);
    if (shape === 'any literal') return (bytes, start, end, isNull) => !isNull && search.endsWith(bytes, start, end);
  }
  const pattern = parts.map((part) => (part.is === 'literal' ? RE2JS.quote(part.text) : part.is === 'any' ? '.*' : '.')).join('');
  return compileRegex(`(?s)^${pattern}$`, cased, conditionLimits.valueCharsMax * 4);
}

function compileRegex(pattern: string, cased: boolean, charsMax: number = conditionLimits.patternCharsMax): ValueTest | string {
  if (pattern.length > charsMax) return `a regular expression longer than ${charsMax} characters`;
  if (/\(\?<?[=!]/.test(pattern)) return 'look-around in a regular expression is not supported; it cannot be run in bounded time';
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, cased ? 0 : RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    return `the regular expression cannot be used: ${error instanceof Error ? error.message : 'it is not valid'}`;
  }
  return (bytes, start, end, isNull) =>
    !isNull && compiled.matcher(bytes.toString('utf8', start, Math.min(end, start + conditionLimits.regexBytesMax))).find();
}
