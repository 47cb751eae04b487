// Turns one zod issue into what a person needs: a place in the document, what is wrong there, what to write instead.
// It promises a place for every issue (that of the nearest enclosing node when the node itself is missing) and never
// prints a value, because values may be secrets.
import { isMap, isNode, isPair, isScalar, isSeq, type Document } from 'yaml';
import type * as z from 'zod';

export interface Fault {
  /** Where in the text. */
  readonly offset: number;
  readonly text: string;
}

export function explainIssue(reported: z.core.$ZodIssue, document: Document, schema: z.ZodType): Fault {
  const issue = nearestMiss(reported);
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  const name = pathText(path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return { offset: offsetOf(document, [...path, key], true), text: unknownKey(pathText([...path, key]), key, knownKeys(schema, path)) };
  }
  if (path.length > 0 && !document.hasIn(path)) {
    return { offset: offsetOf(document, path.slice(0, -1), false), text: `\`${name}\` is missing; add it (${expectation(issue)})` };
  }
  const text = path.length === 0 ? expectation(issue) : `\`${name}\`: ${expectation(issue)}`;
  return { offset: offsetOf(document, path, issue.code === 'invalid_key'), text };
}

/** Of a union that nothing matched: the issue of the option that was meant, which is the one with the fewest faults. */
function nearestMiss(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const depth = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));
  const meant = [...issue.errors].sort((a, b) => a.length - b.length || depth(b) - depth(a))[0];
  const inner = meant?.find(({ code }) => code === 'unrecognized_keys') ?? meant?.[0];
  if (!inner || (inner.code === 'invalid_type' && inner.path.length === 0)) return issue;
  return nearestMiss({ ...inner, path: [...issue.path, ...inner.path] });
}

function unknownKey(name: string, key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near) return `unknown key \`${name}\`; did you mean \`${near}\`?`;
  if (known.length === 0) return `unknown key \`${name}\`; remove it`;
  return `unknown key \`${name}\`; known here: ${known.join(', ')}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      // A schema may say better than its type what it wants.
      return issue.message.startsWith('Invalid input') ? `expected ${typeWords[issue.expected] ?? issue.expected}` : issue.message;
    case 'invalid_value':
      return `expected ${issue.values.map(String).join(' or ')}`;
    case 'invalid_union':
      return issue.discriminator && 'options' in issue && Array.isArray(issue.options)
        ? `expected ${issue.options.map(String).join(' or ')}`
        : unionText(issue.errors);
    case 'too_big':
      return `expected at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      return `expected at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    default:
      return issue.message;
  }
}

const typeWords: Readonly<Record<string, string>> = {
  object: 'a map of keys and values',
  record: 'a map of keys and values',
  array: 'a list',
  string: 'text (quote it)',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
};

function unionText(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const texts = new Set(errors.flatMap((issues) => issues.slice(0, 1).map(expectation)));
  return texts.size === 0 ? 'not one of the forms allowed here' : [...texts].join(', or ');
}

function unitOf(origin: string): string {
  if (origin === 'array' || origin === 'set') return ' entries';
  return origin === 'string' ? ' characters' : '';
}

function pathText(path: readonly (string | number)[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** Offset of the node at `path`, of its key when `wantKey`, or of the nearest ancestor that exists. */
export function offsetOf(document: Document, path: readonly (string | number)[], wantKey: boolean): number {
  let node: unknown = document.contents;
  let offset = rangeStart(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    if (isSeq(node)) {
      node = node.items[Number(part)];
    } else if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) return offset;
      offset = rangeStart(pair.key) ?? offset;
      if (wantKey && depth === path.length - 1) return offset;
      node = pair.value;
    } else {
      return offset;
    }
    offset = rangeStart(node) ?? offset;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return isNode(node) && node.range ? node.range[0] : undefined;
}

/** The keys that the schema allows at `path`; of a union those of every option. */
function knownKeys(schema: unknown, path: readonly (string | number)[]): string[] {
  let here = [schema];
  for (const part of path) here = here.flatMap((inner) => childrenAt(inner, part));
  return [...new Set(here.flatMap((inner) => unwrap(inner)).flatMap((def) => Object.keys(shapeOf(def))))];
}

function childrenAt(schema: unknown, part: string | number): unknown[] {
  return unwrap(schema).flatMap((def) => {
    const shape = shapeOf(def);
    if (Object.hasOwn(shape, part)) return [shape[part]];
    if (def.type === 'array') return [def.element];
    return def.type === 'record' ? [def.valueType] : [];
  });
}

function shapeOf(def: Def): Record<string | number, unknown> {
  return def.type === 'object' && typeof def.shape === 'object' && def.shape !== null ? { ...def.shape } : {};
}

interface Def {
  readonly type?: unknown;
  readonly shape?: unknown;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly options?: unknown;
}

/** Definitions behind defaults, pipes and unions. zod's own tree is the border: read by shape, never trusted. */
function unwrap(schema: unknown, depth = 0): Def[] {
  const def: Def | undefined = typeof schema === 'object' && schema !== null && 'def' in schema ? (schema.def ?? undefined) : undefined;
  if (!def || depth > 16) return [];
  if (def.innerType) return unwrap(def.innerType, depth + 1);
  if (def.type === 'pipe') return unwrap(def.in, depth + 1);
  if (Array.isArray(def.options)) return def.options.flatMap((option) => unwrap(option, depth + 1));
  return [def];
}

/** The known word at the smallest edit distance, if it is near enough to be a slip. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(word.length, Math.max(2, Math.floor(word.length / 3)) + 1);
  for (const candidate of known) {
    const distance = editDistance(word.slice(0, 64).toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
