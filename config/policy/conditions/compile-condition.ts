// Conditions over a raw line in Sigma's words, compiled once to a test. Three forms:
// - one selection: a map means all of its entries, a list of values any of them (`|all`: every one);
// - a list of selections: any of them; a list of words: any of these words anywhere in the line;
// - named selections and a `condition` over them: `selection1 and not filter`, `1 of sel*`, `all of them`.
// Fields are found as find-field.ts says, values tested as compile-value.ts says: without regard to case unless `cased`,
// expressions with regard to it unless `re|i`; `*` and `?` are wildcards (`\` takes them literally).
// Promises: bounded entries, values, nesting; a refusal leads to the place; a compiled condition allocates nothing per line
// unless a value is decoded.
import { unreachable } from '../../../proto/runtime/errors.ts';
import { compileValue, modifiers, type Scalar, unfitReason } from './compile-value.ts';
import { type ConditionTree, parseConditionText } from './condition-grammar.ts';
import { type FieldFinder, fieldFinder } from './find-field.ts';
import type { ValueTest } from './value-sight.ts';
import type { LineTest } from './line-view.ts';

const conditionLimits = { entriesMax: 256, valuesMax: 4_096, selectionsMax: 256 } as const;

/** A YAML value as it was written; compiling is the check. */
export type Condition = Scalar | readonly Condition[] | { readonly [key: string]: Condition };
type ConditionMap = Extract<Condition, { readonly [key: string]: Condition }>;

export type Compiled =
  | { readonly ok: true; readonly matches: LineTest }
  /** `path` leads to the place within the condition. */
  | { readonly ok: false; readonly reason: string; readonly path: readonly (string | number)[] };

type Refused = Extract<Compiled, { ok: false }>;

export function compileCondition(condition: Condition): Compiled {
  if (isMap(condition) && isDetection(condition)) return compileDetection(condition);
  return compileSelection(condition);
}

/** `condition` beside named selections; a selection of fields alone may have a field of that name. */
function isDetection({ condition, ...selections }: ConditionMap): boolean {
  const named = Object.values(selections);
  return typeof condition === 'string' && named.length > 0 && named.every((value) => isMap(value) || isList(value));
}

function compileDetection({ condition, ...selections }: ConditionMap): Compiled {
  const names = Object.keys(selections);
  if (names.length > conditionLimits.selectionsMax) return refuse(`more than ${conditionLimits.selectionsMax} selections`);
  const parsed = parseConditionText(typeof condition === 'string' ? condition : '', names);
  if (!parsed.ok) return { ok: false, reason: parsed.reason, path: ['condition'] };
  const tests = new Map<string, LineTest>();
  for (const [name, selection] of Object.entries(selections)) {
    const compiled = compileSelection(selection);
    if (!compiled.ok) return { ...compiled, path: [name, ...compiled.path] };
    tests.set(name, compiled.matches);
  }
  return { ok: true, matches: joinTree(parsed.tree, tests) };
}

function joinTree(tree: ConditionTree, tests: ReadonlyMap<string, LineTest>): LineTest {
  switch (tree.is) {
    case 'selection':
      return tests.get(tree.name) ?? (() => false);
    case 'not': {
      const inner = joinTree(tree.of, tests);
      return (line) => !inner(line);
    }
    case 'and':
      return every(tree.of.map((one) => joinTree(one, tests)));
    case 'or':
      return some(tree.of.map((one) => joinTree(one, tests)));
    default:
      return unreachable(tree);
  }
}

function compileSelection(selection: Condition): Compiled {
  if (isMap(selection)) return compileMap(selection);
  if (!isList(selection)) return refuse('expected a map of fields, a list of such maps, or a list of words');
  if (selection.length === 0) return refuse('an empty list never matches');
  if (selection.length > conditionLimits.valuesMax) return refuse(`more than ${conditionLimits.valuesMax} entries`);
  const choices: LineTest[] = [];
  for (const [index, choice] of selection.entries()) {
    const compiled = isMap(choice) ? compileMap(choice) : compileItem('|contains', choice);
    if (!compiled.ok) return { ...compiled, path: [index, ...compiled.path] };
    choices.push(compiled.matches);
  }
  return { ok: true, matches: some(choices) };
}

function compileMap(selection: ConditionMap): Compiled {
  const entries = Object.entries(selection);
  if (entries.length === 0) return refuse('an empty selection would match every line; name a field or `text`');
  if (entries.length > conditionLimits.entriesMax) return refuse(`more than ${conditionLimits.entriesMax} entries`);
  const tests: LineTest[] = [];
  for (const [key, value] of entries) {
    const compiled = compileItem(key, value);
    if (!compiled.ok) return { ...compiled, path: [key, ...compiled.path] };
    tests.push(compiled.matches);
  }
  return { ok: true, matches: every(tests) };
}

/** `Field|modifier|modifier` and its value or values. Without a field (`|all`) the values are words of the line. */
function compileItem(key: string, value: Condition): Compiled {
  const [name = '', ...words] = key.split('|');
  const stranger = words.find((word, at) => !isKnown(word, words.slice(0, at)));
  if (stranger !== undefined) return refuse(unfitReason(stranger));
  const named = fieldFinder(name === '' ? 'text' : name);
  if (!named.ok) return refuse(named.reason);
  const values = isList(value) ? value : [value];
  if (!values.every(isScalar)) return refuse('expected a value or a list of values; selections with names need a `condition`');
  if (words.includes('exists')) return compileExists(named.finder, words, values);
  if (values.length === 0) return refuse('an empty list of values never matches');
  if (values.length > conditionLimits.valuesMax) return refuse(`more than ${conditionLimits.valuesMax} values`);
  if (name === '' && values.includes('')) return refuse('an empty word is in every line');
  const isAll = words.includes('all');
  if (isAll && values.length < 2) return refuse('`all` with a single value; remove it or add values');
  const rest = words.filter((word) => word !== 'all' && word !== 'neq');
  const ofValues = compileValues(values, name === '' && !rest.includes('re') && !rest.includes('contains') ? [...rest, 'contains'] : rest);
  if (typeof ofValues === 'string') return refuse(ofValues);
  const { finder } = named;
  const matches = isAll
    ? every(
        ofValues.map(
          (test): LineTest =>
            (line) =>
              finder.find(line, test),
        ),
      )
    : (
        (test: ValueTest): LineTest =>
        (line) =>
          finder.find(line, test)
      )(anyOf(ofValues));
  return { ok: true, matches: words.includes('neq') ? (line) => !matches(line) : matches };
}

function isKnown(word: string, before: readonly string[]): boolean {
  return modifiers.some((known) => known === word) || before.includes('re');
}

/** One test for each written value, or why one is refused. */
function compileValues(values: readonly Scalar[], words: readonly string[]): readonly ValueTest[] | string {
  const tests: ValueTest[] = [];
  for (const value of values) {
    const forms = compileValue(value, words);
    if (typeof forms === 'string') return forms;
    tests.push(anyOf(forms));
  }
  return tests;
}

function compileExists(finder: FieldFinder, words: readonly string[], values: readonly Scalar[]): Compiled {
  const [wanted] = values;
  if (words.length > 1) return refuse('`exists` goes without other modifiers');
  if (typeof wanted !== 'boolean' || values.length !== 1) return refuse('`exists` takes true or false');
  return { ok: true, matches: (line) => finder.isThere(line) === wanted };
}

function anyOf(tests: readonly ValueTest[]): ValueTest {
  const [only] = tests;
  if (only && tests.length === 1) return only;
  return (bytes, start, end, isNull) => {
    for (let i = 0; i < tests.length; i++) if (tests[i]?.(bytes, start, end, isNull)) return true;
    return false;
  };
}

function some(tests: readonly LineTest[]): LineTest {
  const [only] = tests;
  if (only && tests.length === 1) return only;
  return (line) => {
    for (let i = 0; i < tests.length; i++) if (tests[i]?.(line)) return true;
    return false;
  };
}

function every(tests: readonly LineTest[]): LineTest {
  const [only] = tests;
  if (only && tests.length === 1) return only;
  return (line) => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]?.(line)) return false;
    return true;
  };
}

function isMap(value: Condition): value is ConditionMap {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Condition): value is readonly Condition[] {
  return Array.isArray(value);
}

function isScalar(value: Condition): value is Scalar {
  return typeof value !== 'object' || value === null;
}

function refuse(reason: string): Refused {
  return { ok: false, reason, path: [] };
}
