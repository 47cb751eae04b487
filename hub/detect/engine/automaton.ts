// Many literals looked for in one pass over a value: Aho-Corasick as a dense table of premultiplied rows.
// Start and end of the value are symbols of their own, so prefix, suffix and equality need no check after a hit. Case
// folding happens in the class map. Output states are numbered last: `state >= firstOut` is the only test per character.
// Within that, states are numbered by depth: most text stays near the root, whose rows then share a few pages.
// Units from U+023F on (but – — ―), and units that would need more than 250 classes, are "rare": they lead to one state that sends
// the value to a second, plain search for the few literals that hold such units; else a handful of emoji rules would
// multiply the table.
import { foldText, foldUnit } from '../sigma/fold.ts';
import { buildSkipTable } from './skip-table.ts';
import type { SkipTable } from './skip-table.ts';

export interface Literal {
  /** Folded. */
  readonly text: string;
  readonly atStart: boolean;
  readonly atEnd: boolean;
}

export interface Automaton {
  readonly table: Int32Array;
  /** Class by UTF-16 unit below `mappedUnits`; the rest are rare. */
  readonly classes: Uint8Array;
  readonly start: number;
  readonly firstOut: number;
  /** States below it have read at most one character of any literal. */
  readonly firstDeep: number;
  readonly skip: SkipTable | undefined;
  readonly width: number;
  /** Row of an output state minus `firstOutRow` → where its literals begin in `outs`. */
  readonly outStarts: Int32Array;
  readonly outs: Int32Array;
  /** State that stands for "a rare unit was read"; -1 when no literal has one. */
  readonly rareState: number;
  readonly rare: readonly { readonly at: number; readonly literal: Literal }[];
  readonly bytes: number;
}

export const mappedUnits = 0x2200;
const otherClass = 0;
export const rareClass = 1;
export const endClass = 2;
const startClass = 3;
const firstUnitClass = 4;
const classesMax = 255;

/** States × classes beyond this would take more memory than one field is worth. */
const cellsMax = 32 * 1024 * 1024;

export function buildAutomaton(literals: readonly Literal[]): Automaton {
  const classOf = assignClasses(literals);
  const trie = new Trie();
  const rare: { at: number; literal: Literal }[] = [];
  for (const [at, literal] of literals.entries()) {
    const symbols = symbolsOf(literal, classOf);
    if (symbols) trie.add(symbols, at);
    else rare.push({ at, literal });
  }
  const width = firstUnitClass + new Set(classOf.values()).size;
  if (trie.size * width > cellsMax) throw new Error(`an automaton of ${trie.size} states and ${width} classes is too large`);
  const classes = classMap(classOf);
  const skip = rare.length === 0 ? buildSkipTable(literals, classes, width) : undefined;
  return { ...freeze(trie, width, rare), classes, skip };
}

/** From U+023F on letters may fold across the end of the class map; the dashes are in half of all command-line rules. */
function isRareUnit(unit: number): boolean {
  return unit >= 0x23f && (unit < 0x2013 || unit > 0x2015);
}

/** Units by how often literals use them, so that common classes are neighbours in a row. */
function assignClasses(literals: readonly Literal[]): Map<number, number> {
  const uses = new Map<number, number>();
  for (const { text } of literals)
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (!isRareUnit(unit)) uses.set(unit, (uses.get(unit) ?? 0) + 1);
    }
  const sorted = [...uses].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, classesMax - firstUnitClass);
  return new Map(sorted.map(([unit], at) => [unit, firstUnitClass + at]));
}

function symbolsOf({ text, atStart, atEnd }: Literal, classOf: ReadonlyMap<number, number>): number[] | undefined {
  const symbols: number[] = atStart ? [startClass] : [];
  for (let at = 0; at < text.length; at++) {
    const symbol = classOf.get(text.charCodeAt(at));
    if (symbol === undefined) return undefined;
    symbols.push(symbol);
  }
  if (atEnd) symbols.push(endClass);
  return symbols;
}

function classMap(classOf: ReadonlyMap<number, number>): Uint8Array {
  const map = new Uint8Array(mappedUnits);
  const isCrowded = classOf.size >= classesMax - firstUnitClass;
  for (let unit = 0; unit < mappedUnits; unit++) {
    const folded = foldUnit(unit);
    map[unit] = classOf.get(folded) ?? (isRareUnit(folded) || isCrowded ? rareClass : otherClass);
  }
  return map;
}

class Trie {
  readonly children: Map<number, number>[] = [new Map()];
  readonly outs: number[][] = [[]];

  get size(): number {
    return this.children.length;
  }

  add(symbols: readonly number[], literal: number): void {
    let node = 0;
    for (const symbol of symbols) {
      const children = this.children[node];
      const known = children?.get(symbol);
      if (known === undefined) {
        children?.set(symbol, this.size);
        node = this.size;
        this.children.push(new Map());
        this.outs.push([]);
      } else node = known;
    }
    this.outs[node]?.push(literal);
  }
}

/** Breadth first, so that a node's failure row is complete before the node copies it; `order` is that order. */
function fillRows(trie: Trie, width: number): { readonly rows: Int32Array; readonly order: readonly number[] } {
  const rows = new Int32Array(trie.size * width);
  const fails = new Int32Array(trie.size);
  const queue = [0];
  for (const node of queue) {
    const failRow = (fails[node] ?? 0) * width;
    if (node !== 0) rows.copyWithin(node * width, failRow, failRow + width);
    for (const [symbol, child] of trie.children[node] ?? []) {
      const fail = node === 0 ? 0 : (rows[failRow + symbol] ?? 0);
      fails[child] = fail;
      trie.outs[child]?.push(...(trie.outs[fail] ?? []));
      rows[node * width + symbol] = child;
      queue.push(child);
    }
  }
  return { rows, order: queue };
}

function freeze(trie: Trie, width: number, rare: Automaton['rare']): Omit<Automaton, 'classes' | 'skip'> {
  const { rows, order: byDepth } = fillRows(trie, width);
  const quiet: number[] = [];
  const loud: number[] = [];
  for (const node of byDepth) (trie.outs[node]?.length ? loud : quiet).push(node);
  const order = [...quiet, ...loud];
  const count = order.length + (rare.length > 0 ? 1 : 0);
  const placeOf = new Int32Array(trie.size);
  for (const [place, node] of order.entries()) placeOf[node] = place * width;

  const table = new Int32Array(count * width);
  for (const [place, node] of order.entries())
    for (let symbol = 0; symbol < width; symbol++) table[place * width + symbol] = placeOf[rows[node * width + symbol] ?? 0] ?? 0;
  const rareState = rare.length > 0 ? order.length * width : -1;
  if (rareState >= 0) {
    // It behaves like the root: no literal in the table goes on after a rare unit.
    const root = placeOf[0] ?? 0;
    table.copyWithin(rareState, root, root + width);
    for (let place = 0; place < count; place++) table[place * width + rareClass] = rareState;
  }
  const isFirst = new Set(trie.children[0]?.values());
  const outStarts = new Int32Array(loud.length + 2);
  const outs: number[] = [];
  for (const [at, node] of loud.entries()) {
    outs.push(...(trie.outs[node] ?? []));
    outStarts[at + 1] = outs.length;
  }
  outStarts[loud.length + 1] = outs.length;
  return {
    table,
    start: table[(placeOf[0] ?? 0) + startClass] ?? 0,
    firstOut: quiet.length * width,
    firstDeep: quiet.filter((node) => node === 0 || isFirst.has(node)).length * width,
    width,
    outStarts,
    outs: Int32Array.from(outs),
    rareState,
    rare,
    bytes: table.byteLength + mappedUnits + outs.length * 4,
  };
}

/** The plain search for one literal, used for rare ones. */
export function holdsLiteral({ text, atStart, atEnd }: Literal, value: string): boolean {
  const folded = foldText(value);
  if (atStart && atEnd) return folded === text;
  if (atStart) return folded.startsWith(text);
  return atEnd ? folded.endsWith(text) : folded.includes(text);
}
