// Field paths as people write them (`flow.start`, `http.*.internal`, `a\.b`) compiled to a small automaton that trimmers,
// conditions and the trim guard walk: one state per place in a tree of fields where something may still match.
// `*` stands for any one level: any key of an object or every element of an array. `\` takes the next character as it is.
// Promises: where several operations name one place the one that shows least wins (drop, mask, pseudonymise, shorten);
// with `keep` everything that is neither kept nor on the way to something kept goes.
// Limits: paths, depth and states are bounded, so that no policy can make compiling explode.
import type { FieldChange } from './field-change.ts';

export const fieldPathLimits = { pathsMax: 1_024, segmentsMax: 64, bytesMax: 1_024, statesMax: 16_384 } as const;

/** A segment that matches anything is `undefined`. */
export type FieldPath = readonly (string | undefined)[];

export type ParsedPath = { readonly ok: true; readonly path: FieldPath } | { readonly ok: false; readonly reason: string };

export function parseFieldPath(text: string): ParsedPath {
  if (Buffer.byteLength(text) > fieldPathLimits.bytesMax) return { ok: false, reason: `longer than ${fieldPathLimits.bytesMax} bytes` };
  const segments: (string | undefined)[] = [];
  let segment = '';
  let isStar = false;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (c === undefined || c === '.') {
      if (segment === '' && !isStar) return { ok: false, reason: 'an empty part; write a.b, without dots side by side or at the ends' };
      if (isStar && segment !== '') return { ok: false, reason: '`*` stands for one whole level; write \\* for a star in a name' };
      segments.push(isStar ? undefined : segment);
      segment = '';
      isStar = false;
    } else if (c === '*' && !isStar) {
      isStar = true;
    } else if (c === '\\') {
      i++;
      if (i >= text.length) return { ok: false, reason: 'a backslash at the end; write \\\\ for a backslash' };
      segment += text[i];
    } else {
      segment += c;
    }
  }
  if (segments.length > fieldPathLimits.segmentsMax) return { ok: false, reason: `deeper than ${fieldPathLimits.segmentsMax} levels` };
  return { ok: true, path: segments };
}

/** What a path is for. `find` marks a place for conditions; the others are operations of a trim. */
export type PathVerb = { readonly is: 'find' } | { readonly is: 'drop' } | FieldChange;

export interface PathRule {
  readonly path: FieldPath;
  readonly verb: PathVerb;
}

/** One place in the tree. */
export interface PathState {
  /** A path of a condition ends here. */
  readonly isFound: boolean;
  /** What leaves here: nothing, whatever stands here, or (on the way to something kept) only what holds no fields. */
  readonly goes: 'none' | 'all' | 'scalars';
  /** How a value that stays is rewritten: a mask the whole of it, the others every text in it. */
  readonly change: FieldChange | undefined;
  /** Named children by the number of bytes of the name, so that most keys are told apart without looking at them. */
  readonly byLength: readonly (readonly PathChild[] | undefined)[];
  readonly children: readonly PathChild[];
  /** Where any other key, and every array element, leads; undefined when nothing below can match. */
  readonly other: PathState | undefined;
}

interface PathChild {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly state: PathState | undefined;
}

interface Tree {
  readonly verbs: PathVerb[];
  readonly named: Map<string, Tree>;
  any: Tree | undefined;
}

/** Throws RangeError when the automaton would grow beyond its limit. */
export function compileFieldPaths(rules: readonly PathRule[], keep?: readonly FieldPath[]): PathState {
  const budget = { left: fieldPathLimits.statesMax };
  const kept = keep && treeOf(keep.map((path) => ({ path, verb: { is: 'find' } })));
  const root = determinise({ places: [treeOf(rules)], kept: kept && [kept], inherited: undefined }, budget);
  return root ?? { isFound: false, goes: 'none', change: undefined, ...nowhere };
}

function treeOf(rules: readonly PathRule[]): Tree {
  const root = emptyTree();
  for (const { path, verb } of rules) insert(root, path).verbs.push(verb);
  return root;
}

function emptyTree(): Tree {
  return { verbs: [], named: new Map(), any: undefined };
}

function insert(root: Tree, path: FieldPath): Tree {
  let here = root;
  for (const segment of path) {
    if (segment === undefined) {
      here = here.any ??= emptyTree();
    } else {
      const next = here.named.get(segment) ?? emptyTree();
      here.named.set(segment, next);
      here = next;
    }
  }
  return here;
}

/** Where the walk is in the tree of operations and in that of kept fields; the latter is undefined where all is kept. */
interface Here {
  readonly places: readonly Tree[];
  readonly kept: readonly Tree[] | undefined;
  /** What an operation further up does to every text below it. */
  readonly inherited: FieldChange | undefined;
}

const nowhere = { byLength: [], children: [], other: undefined } as const;
const gone: PathState = { isFound: false, goes: 'all', change: undefined, ...nowhere };
const strongestFirst = ['drop', 'mask', 'pseudonymise', 'shorten'] as const;

/** Undefined where everything stays as it is. */
function determinise(here: Here, budget: { left: number }): PathState | undefined {
  budget.left -= 1;
  if (budget.left < 0) throw new RangeError(`the paths need more than ${fieldPathLimits.statesMax} states; use fewer \`*\``);
  const { places } = here;
  const verbs = [...places.flatMap((place) => place.verbs), ...(here.inherited ? [here.inherited] : [])];
  const kept = here.kept?.some((place) => place.verbs.length > 0) ? undefined : here.kept;
  const verb = strongestFirst.flatMap((is) => verbs.find((one) => one.is === is) ?? [])[0];
  if (verb?.is === 'drop' || kept?.length === 0) return gone;
  const change = verb?.is === 'find' ? undefined : verb;
  // What lies below a field that is found or masked whole needs no states. On the way to something kept a mask stays too:
  // else it would leave when the line is trimmed again.
  if (change?.is === 'mask') return { isFound: false, goes: 'none', change, ...nowhere };
  const goes = kept ? 'scalars' : 'none';
  if (verbs.some(({ is }) => is === 'find')) return { isFound: true, goes, change, ...nowhere };
  if (places.length === 0 && !kept) return change && everywhereBelow(change);
  const inherited = change;
  const below = (next: (place: Tree) => Tree | undefined): Here => ({
    places: places.flatMap((place) => next(place) ?? []),
    kept: kept?.flatMap((place) => next(place) ?? []),
    inherited,
  });
  const anywhere = below(({ any }) => any);
  const names = new Set([...places, ...(kept ?? [])].flatMap((place) => [...place.named.keys()]));
  const children: PathChild[] = [];
  const byLength: PathChild[][] = [];
  for (const name of names) {
    const named = below((place) => place.named.get(name));
    const next = {
      places: [...named.places, ...anywhere.places],
      kept: named.kept && [...named.kept, ...(anywhere.kept ?? [])],
      inherited,
    };
    const child = { name, bytes: new Uint8Array(Buffer.from(name)), state: determinise(next, budget) };
    children.push(child);
    (byLength[child.bytes.length] ??= []).push(child);
  }
  return { isFound: false, goes, change, byLength, children, other: determinise(anywhere, budget) };
}

/** Nothing more can match: one state that leads to itself carries what was inherited to every depth. */
function everywhereBelow(change: FieldChange): PathState {
  const state = { isFound: false, goes: 'none' as const, change, byLength: [], children: [], other: undefined as PathState | undefined };
  state.other = state;
  return state;
}

/** The state that a name's bytes [start, end) lead to, where a name stands as it is. */
export function childState(state: PathState, bytes: Uint8Array, start: number, end: number): PathState | undefined {
  const candidates = state.byLength[end - start];
  if (candidates !== undefined) {
    for (let c = 0; c < candidates.length; c++) {
      const child = candidates[c];
      if (child !== undefined && isSame(child.bytes, bytes, start)) return child.state;
    }
  }
  return state.other;
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}

/** The same for the raw bytes of a JSON key between its quotes that holds escapes. */
export function escapedKeyState(state: PathState, bytes: Uint8Array, start: number, end: number): PathState | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start - 1, end - start + 2).toString();
  const name: unknown = JSON.parse(text);
  const named = state.children.find((child) => child.name === name);
  return named ? named.state : state.other;
}
