// Reads many paths out of one parsed JSON object in one walk: paths that share a beginning share a branch, so an absent
// sub-object costs one look-up however many fields are mapped from it.
// Promises: never throws whatever the shape; arrays are read at most 64 elements long. `rest` walks what no path names, to
// a depth of 12, and at most as many fields as a row holds.
import { JoinedNames } from '../../config/fields/joined-names.ts';
import { extrasMax, type EventRow } from '../../config/fields/row.ts';
import { asText, type Write } from './write-field.ts';
import type { TimeContext } from './time-parts.ts';

const joined = new JoinedNames();
const elementsMax = 64;
const depthMax = 12;

export interface JsonBranch {
  readonly key: string;
  /** An ordinary name, which is read without further ado. */
  readonly isPlain: boolean;
  readonly children: JsonBranch[];
  readonly writes: Write[];
}

export function newBranch(key = ''): JsonBranch {
  return { key, isPlain: !key.startsWith('[') && !(key in Object.prototype), children: [], writes: [] };
}

/** `a.b`, `a."dotted.name".c`, `a[].b`, `a[0]`: parts, with `[]` and `[0]` as parts of their own. */
export function splitPath(path: string): string[] {
  return (path.match(/"[^"]*"|\[\d*\]|[^.[\]"]+/g) ?? []).map((part) => (part.startsWith('"') ? part.slice(1, -1) : part));
}

export function addPath(root: JsonBranch, path: string, write: Write): void {
  let branch = root;
  for (const key of splitPath(path)) {
    let child = branch.children.find((one) => one.key === key);
    if (!child) branch.children.push((child = newBranch(key)));
    branch = child;
  }
  branch.writes.push(write);
}

export function readBranch(branch: JsonBranch, value: unknown, row: EventRow, context: TimeContext): void {
  for (const write of branch.writes) write(row, value, context);
  if (branch.children.length === 0 || typeof value !== 'object' || value === null) return;
  for (const child of branch.children) {
    // Objects come from JSON.parse: a plain name cannot reach the prototype, and reading it plainly is three times faster.
    const next = child.isPlain ? (value as Readonly<Record<string, unknown>>)[child.key] : step(value, child.key);
    if (next === undefined || next === null) continue;
    if (child.key === '[]') readEach(child, value, row, context);
    else readBranch(child, next, row, context);
  }
}

/** Every element's value at the rest of the path, as one list. */
function readEach(branch: JsonBranch, array: object, row: EventRow, context: TimeContext): void {
  if (!Array.isArray(array)) return;
  if (branch.writes.length > 0) for (const write of branch.writes) write(row, array.slice(0, elementsMax), context);
  for (const child of branch.children) {
    const list = array
      .slice(0, elementsMax)
      .map((element: unknown) => step(element, child.key))
      .filter((one) => one !== undefined && one !== null);
    if (list.length === 0) continue;
    for (const write of child.writes) write(row, list.map(asText), context);
  }
}

function step(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (key === '[]') return Array.isArray(value) ? value : undefined;
  if (key.charCodeAt(0) === 91 && Array.isArray(value)) return value[Number(key.slice(1, -1))];
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

export function readPath(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const key of path) at = step(at, key);
  return at;
}

/** Leaves that no mapping names, as text under a prefix. */
export function readRest(branch: JsonBranch | undefined, value: unknown, prefix: string, row: EventRow): void {
  walkRest(branch, value, prefix, { row, depth: 0 });
}

function walkRest(branch: JsonBranch | undefined, value: unknown, prefix: string, walk: { readonly row: EventRow; depth: number }): void {
  const { row } = walk;
  if (row.extraNames.length >= extrasMax) return;
  if (typeof value !== 'object' || value === null) {
    if (value !== undefined && value !== null && value !== '' && (branch?.writes.length ?? 0) === 0) row.setExtra(prefix, asText(value));
    return;
  }
  if (branch !== undefined && branch.writes.length > 0 && branch.children.length === 0) return;
  if (walk.depth >= depthMax || Array.isArray(value)) {
    if (branch === undefined || (branch.children.length === 0 && branch.writes.length === 0))
      row.setExtra(prefix, asText(value).slice(0, 8_192));
    return;
  }
  walk.depth++;
  for (const key of Object.keys(value)) {
    const child = branch?.children.find((one) => one.key === key);
    walkRest(child, Reflect.get(value, key), joined.join(prefix, key), walk);
  }
  walk.depth--;
}
