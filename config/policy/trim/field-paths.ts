// Field paths as people write them (`flow.start`, `http.*.internal`, `a\.b`) compiled to a small automaton that both the
// trimmer and the trim guard can walk: one state per place in a JSON tree where something may still match.
// `*` stands for any one level: any key of an object or every element of an array. `\` takes the next character as it is.
// Limits: paths, depth and states are bounded, so that no policy can make compiling explode.

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

/** One place in the tree. */
export interface PathState {
  /** A path ends here: the field goes. */
  readonly isEnd: boolean;
  /** Named children by the number of bytes of the name, so that most keys are told apart without looking at them. */
  readonly byLength: readonly (readonly PathChild[] | undefined)[];
  readonly children: readonly PathChild[];
  /** Where any other key, and every array element, leads; undefined when nothing below can match. */
  readonly other: PathState | undefined;
}

interface PathChild {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly state: PathState;
}

interface Tree {
  isEnd: boolean;
  readonly named: Map<string, Tree>;
  any: Tree | undefined;
}

/** Throws RangeError when the automaton would grow beyond its limit. */
export function compileFieldPaths(paths: readonly FieldPath[]): PathState {
  const root = emptyTree();
  for (const path of paths) insert(root, path);
  const budget = { left: fieldPathLimits.statesMax };
  return determinise([root], budget);
}

function emptyTree(): Tree {
  return { isEnd: false, named: new Map(), any: undefined };
}

function insert(root: Tree, path: FieldPath): void {
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
  here.isEnd = true;
}

function determinise(places: readonly Tree[], budget: { left: number }): PathState {
  budget.left -= 1;
  if (budget.left < 0) throw new RangeError(`the paths need more than ${fieldPathLimits.statesMax} states; use fewer \`*\``);
  const isEnd = places.some((place) => place.isEnd);
  // What lies below a field that goes needs no states.
  if (isEnd) return { isEnd, byLength: [], children: [], other: undefined };
  const anywhere = places.flatMap((place) => (place.any ? [place.any] : []));
  const names = new Set(places.flatMap((place) => [...place.named.keys()]));
  const children: PathChild[] = [];
  const byLength: PathChild[][] = [];
  for (const name of names) {
    const next = [...places.flatMap((place) => place.named.get(name) ?? []), ...anywhere];
    const child = { name, bytes: new Uint8Array(Buffer.from(name)), state: determinise(next, budget) };
    children.push(child);
    // In JSON a backslash is always escaped, so a raw key that looks like such a name is another name.
    if (!name.includes('\\')) (byLength[child.bytes.length] ??= []).push(child);
  }
  return { isEnd, byLength, children, other: anywhere.length > 0 ? determinise(anywhere, budget) : undefined };
}

/** The state that a key's raw bytes [start, end) between its quotes lead to. */
export function childState(state: PathState, bytes: Uint8Array, start: number, end: number): PathState | undefined {
  const candidates = state.byLength[end - start];
  if (candidates !== undefined) {
    for (let c = 0; c < candidates.length; c++) {
      const child = candidates[c];
      if (child !== undefined && isSame(child.bytes, bytes, start)) return child.state;
    }
  }
  for (let i = start; i < end; i++) if (bytes[i] === 0x5c) return escapedChildState(state, bytes, start, end);
  return state.other;
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}

function escapedChildState(state: PathState, bytes: Uint8Array, start: number, end: number): PathState | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start - 1, end - start + 2).toString();
  const name: unknown = JSON.parse(text);
  return state.children.find((child) => child.name === name)?.state ?? state.other;
}
