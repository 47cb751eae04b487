// The slow, obvious meaning of a trim on a JSON value, for tests to compare with. Its own parser, because JSON.parse of V8 14
// (Node 26.10) takes an escaped key for another one when it parsed an object of the same shape before.
// Objects are lists of members, so that repeated keys are seen; numbers keep their text.
import { type FieldPath, parseFieldPath } from '../field-paths.ts';
import type { TrimSpec } from '../trimmer.ts';

export type Tree = string | { readonly word: string } | readonly Tree[] | { readonly members: readonly (readonly [string, Tree])[] };

export function parseJson(text: string): Tree {
  let at = 0;
  const space = (): void => {
    while (/[ \t\n\r]/.test(text.charAt(at))) at++;
  };
  const take = (token: string): void => {
    space();
    if (!text.startsWith(token, at)) throw new SyntaxError(`expected ${token} at ${at}`);
    at += token.length;
    space();
  };
  const string = (): string => {
    const [raw = ''] = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(at)) ?? [];
    at += raw.length;
    return String(JSON.parse(raw));
  };
  const list = <Item>(open: string, close: string, item: () => Item): Item[] => {
    take(open);
    const items: Item[] = [];
    while (text.charAt(at) !== close) {
      if (items.length > 0) take(',');
      items.push(item());
      space();
    }
    at++;
    return items;
  };
  const value = (): Tree => {
    const c = text.charAt(at);
    if (c === '"') return string();
    if (c === '[') return list('[', ']', value);
    if (c === '{')
      return {
        members: list('{', '}', () => {
          const key = string();
          take(':');
          return [key, value()] as const;
        }),
      };
    const [word = ''] = /^[-+.\w]+/.exec(text.slice(at)) ?? [];
    JSON.parse(word);
    at += word.length;
    return { word };
  };
  space();
  const tree = value();
  space();
  if (at !== text.length) throw new SyntaxError(`more text at ${at}`);
  return tree;
}

type Operation = 'drop' | 'keep' | 'mask' | 'pseudonymise' | 'shorten';
type Paths = Readonly<Record<Operation, readonly FieldPath[] | undefined>>;

/** What a trim makes of strings and numbers; the mask is the specification's. */
export interface Rewriting {
  readonly mask: string;
  readonly pseudonym: (text: string) => string;
  readonly shortened: (text: string) => string;
}

export function trimTree(tree: Tree, spec: TrimSpec, rewriting: Rewriting): Tree {
  const parsed = (paths: readonly string[] | undefined) => paths?.map((path) => parseFieldPath(path)).map((p) => (p.ok ? p.path : []));
  const { mask, pseudonymise, shorten } = spec;
  const paths = {
    drop: parsed(spec.drop),
    keep: parsed(spec.keep),
    mask: parsed(mask?.fields),
    pseudonymise: parsed(pseudonymise?.fields),
    shorten: parsed(shorten?.fields),
  };
  return inside(tree, paths, rewriting, new Set());
}

function inside(tree: Tree, paths: Paths, rewriting: Rewriting, deep: ReadonlySet<Operation>): Tree {
  if (typeof tree === 'string' || 'word' in tree) return rewritten(tree, rewriting, deep);
  const child = (segment: string | undefined, value: Tree): Tree[] => {
    const below = stepped(paths, segment);
    const ends = (operation: Operation) => below[operation]?.some((path) => path.length === 0) ?? false;
    const isScalar = typeof value === 'string' || 'word' in value;
    if (ends('drop')) return [];
    const isKept = below.keep === undefined || ends('keep');
    if (!isKept && below.keep?.length === 0) return [];
    if (ends('mask')) return [rewriting.mask];
    if (!isKept && isScalar) return [];
    const added = (['pseudonymise', 'shorten'] as const).filter(ends);
    return [inside(value, { ...below, keep: isKept ? undefined : below.keep }, rewriting, new Set([...deep, ...added]))];
  };
  if ('members' in tree) return { members: tree.members.flatMap(([key, value]) => child(key, value).map((kept) => [key, kept] as const)) };
  return tree.flatMap((item) => child(undefined, item));
}

function stepped(paths: Paths, segment: string | undefined): Paths {
  const step = (list: readonly FieldPath[] | undefined) =>
    list?.filter((path) => path.length > 0 && (path[0] === undefined || path[0] === segment)).map((path) => path.slice(1));
  const { drop, keep, mask, pseudonymise, shorten } = paths;
  return { drop: step(drop), keep: step(keep), mask: step(mask), pseudonymise: step(pseudonymise), shorten: step(shorten) };
}

function rewritten(tree: string | { readonly word: string }, rewriting: Rewriting, deep: ReadonlySet<Operation>): Tree {
  const text = typeof tree === 'string' ? tree : tree.word;
  const isNumber = typeof tree !== 'string' && /\d/.test(text);
  if (deep.has('pseudonymise') && text !== '' && (typeof tree === 'string' || isNumber)) return rewriting.pseudonym(text);
  return deep.has('shorten') && typeof tree === 'string' ? rewriting.shortened(text) : tree;
}
