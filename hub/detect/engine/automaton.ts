// Many literals looked for in one pass over a value: Aho-Corasick (DECISION-automata.md). States near the root, where most
// text stays, are rows of a dense table and premultiplied; the long tails of literals are chains of two bytes a state, for
// a dense table of them would be tens of megabytes, and every character a cache miss.
// Start and end of the value are symbols of their own, so prefix, suffix and equality need no check after a hit. Case
// folding happens in the class map. A state is the start of its row, or, from `table.length` on, a place in `deep`; dense
// states with output are the last rows, so that `state >= firstOut` is the only test a quiet character takes.
// Units from U+023F on (but – — ―), and units that would need more than 250 classes, are "rare": they lead to one state that sends
// the value to a second, plain search for the few literals that hold such units; else a handful of emoji rules would
// multiply the table.
import { foldText, foldUnit } from '../sigma/fold.ts';
import { LiteralTrie } from './literal-trie.ts';
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
  /** By deep state: class of the child that is the next deep state (or `noChild`), `loud`, `more`. */
  readonly deep: Uint16Array;
  /** By deep state: where to go on when no child fits. */
  readonly fails: Int32Array;
  /** By deep state with `more`: where in `sides` its other children are: count, then class and state of each. */
  readonly sideAt: Int32Array;
  readonly sides: Int32Array;
  /** Class by UTF-16 unit below `mappedUnits`; the rest are rare. */
  readonly classes: Uint8Array;
  readonly start: number;
  readonly firstOut: number;
  /** States below it have read at most one character of any literal. */
  readonly firstFar: number;
  readonly skip: SkipTable | undefined;
  readonly width: number;
  /** Dense output states from `firstOut` on, then the deep ones by `outAt`: where their literals begin in `outs`. */
  readonly outStarts: Int32Array;
  readonly outAt: Int32Array;
  readonly outs: Int32Array;
  /** State that stands for "a rare unit was read"; -1 when no literal has one. */
  readonly rareState: number;
  readonly rare: readonly { readonly at: number; readonly literal: Literal }[];
  readonly bytes: number;
}

/** In a word of `deep`. */
export const loud = 0x100;
const more = 0x200;
const noChild = 0xff;

export const mappedUnits = 0x2200;
const otherClass = 0;
export const rareClass = 1;
export const endClass = 2;
const startClass = 3;
const firstUnitClass = 4;
const classesMax = 255;

/** Beyond this the states of one field would take more memory than it is worth. */
const statesMax = 1024 * 1024;
/** States up to this depth, and states with so many children, are rows of the table. */
const denseDepthMax = 2;
const denseChildrenMin = 4;

export function buildAutomaton(literals: readonly Literal[]): Automaton {
  const classOf = assignClasses(literals);
  const trie = new LiteralTrie();
  const rare: { at: number; literal: Literal }[] = [];
  for (const [at, literal] of literals.entries()) {
    const symbols = symbolsOf(literal, classOf);
    if (symbols) trie.add(symbols, at);
    else rare.push({ at, literal });
  }
  const width = firstUnitClass + new Set(classOf.values()).size;
  if (trie.size > statesMax) throw new Error(`an automaton of ${trie.size} states is too large`);
  const classes = classMap(classOf);
  const skip = rare.length === 0 ? buildSkipTable(literals, classes, width) : undefined;
  return { ...new Freezer(trie, width, rare).freeze(), classes, skip };
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

/** Where a deep state leads; it is one itself only while a literal goes on. */
export function fromDeep({ table, deep, fails, sideAt, sides }: Automaton, from: number, symbol: number): number {
  let state = from;
  do {
    const at = state - table.length;
    const word = deep[at] ?? 0;
    if ((word & noChild) === symbol) return state + 1;
    if ((word & more) !== 0) {
      const first = (sideAt[at] ?? 0) + 1;
      const end = first + (sides[first - 1] ?? 0) * 2;
      for (let side = first; side < end; side += 2) if (sides[side] === symbol) return sides[side + 1] ?? 0;
    }
    state = fails[at] ?? 0;
  } while (state >= table.length);
  return table[state + symbol] ?? 0;
}

class Freezer {
  readonly #trie: LiteralTrie;
  readonly #width: number;
  readonly #rare: Automaton['rare'];
  /** Nodes by row, and by place among the deep ones. */
  readonly #rows: readonly number[];
  readonly #quietRows: number;
  readonly #deep: number[] = [];
  readonly #stateOf: Int32Array;
  readonly #table: Int32Array;

  constructor(trie: LiteralTrie, width: number, rare: Automaton['rare']) {
    this.#trie = trie;
    this.#width = width;
    this.#rare = rare;
    const byDepth = trie.link();
    const dense = byDepth.filter((node) => this.#isDense(node));
    const quiet = dense.filter((node) => trie.outsOf(node).length === 0);
    this.#quietRows = quiet.length;
    this.#rows = [...quiet, ...dense.filter((node) => trie.outsOf(node).length > 0)];
    this.#table = new Int32Array((this.#rows.length + (rare.length > 0 ? 1 : 0)) * width);
    this.#stateOf = new Int32Array(trie.size).fill(-1);
    for (const [row, node] of this.#rows.entries()) this.#stateOf[node] = row * width;
    for (const node of byDepth) if (this.#stateOf[node] === -1) this.#placeTail(node);
    for (const node of dense) this.#fillRow(node, this.#state(node));
  }

  freeze(): Omit<Automaton, 'classes' | 'skip'> {
    const { deep, fails, sideAt, sides } = this.#tails();
    const { outAt, outs, outStarts } = this.#outputs(deep);
    const table = this.#table;
    const width = this.#width;
    const rareState = this.#rare.length > 0 ? this.#rows.length * width : -1;
    if (rareState >= 0) {
      // It behaves like the root: no literal in the table goes on after a rare unit.
      table.copyWithin(rareState, 0, width);
      for (let row = 0; row < table.length; row += width) table[row + rareClass] = rareState;
    }
    return {
      table,
      deep,
      fails,
      sideAt,
      sides,
      outStarts,
      outAt,
      outs,
      width,
      rareState,
      rare: this.#rare,
      start: table[this.#state(0) + startClass] ?? 0,
      firstOut: this.#quietRows * width,
      firstFar: this.#rows.slice(0, this.#quietRows).filter((node) => this.#trie.depthOf(node) <= 1).length * width,
      bytes: table.byteLength + mappedUnits + deep.byteLength * 7 + (sides.length + outs.length) * 4,
    };
  }

  #isDense(node: number): boolean {
    return this.#trie.depthOf(node) <= denseDepthMax || this.#trie.childrenOf(node).size >= denseChildrenMin;
  }

  #state(node: number): number {
    return this.#stateOf[node] ?? 0;
  }

  /** A deep node and, right behind it, the first deep child of each, for their place tells where the child is. */
  #placeTail(first: number): void {
    for (let node: number | undefined = first; node !== undefined; node = this.#nextOf(node))
      this.#stateOf[node] = this.#table.length + this.#deep.push(node) - 1;
  }

  #nextOf(node: number): number | undefined {
    for (const child of this.#trie.childrenOf(node).values()) if (!this.#isDense(child)) return child;
    return undefined;
  }

  /** The row of where a failure leads, with the node's own children over it. */
  #fillRow(node: number, at: number): void {
    if (node !== 0) {
      const fail = this.#trie.failOf(node);
      if (this.#isDense(fail)) this.#table.copyWithin(at, this.#state(fail), this.#state(fail) + this.#width);
      else this.#fillRow(fail, at);
    }
    for (const [symbol, child] of this.#trie.childrenOf(node)) this.#table[at + symbol] = this.#state(child);
  }

  #tails(): Pick<Automaton, 'deep' | 'fails' | 'sideAt' | 'sides'> {
    const count = this.#deep.length;
    const deep = new Uint16Array(count);
    const fails = new Int32Array(count);
    const sideAt = new Int32Array(count);
    const sides: number[] = [];
    for (const [at, node] of this.#deep.entries()) {
      const next = this.#nextOf(node);
      const others: number[] = [];
      let word = noChild;
      for (const [symbol, child] of this.#trie.childrenOf(node)) {
        if (child === next) word = symbol;
        else others.push(symbol, this.#state(child));
      }
      if (others.length > 0) {
        word |= more;
        sideAt[at] = sides.length;
        sides.push(others.length / 2, ...others);
      }
      deep[at] = this.#trie.outsOf(node).length > 0 ? word | loud : word;
      fails[at] = this.#state(this.#trie.failOf(node));
    }
    return { deep, fails, sideAt, sides: Int32Array.from(sides) };
  }

  #outputs(deep: Uint16Array): Pick<Automaton, 'outAt' | 'outs' | 'outStarts'> {
    const outAt = new Int32Array(deep.length);
    const outs: number[] = [];
    const outStarts = [0];
    const add = (node: number): void => {
      for (const literal of this.#trie.outsOf(node)) outs.push(literal);
      outStarts.push(outs.length);
    };
    for (const node of this.#rows.slice(this.#quietRows)) add(node);
    for (const [at, node] of this.#deep.entries()) {
      if (((deep[at] ?? 0) & loud) === 0) continue;
      outAt[at] = outStarts.length - 1;
      add(node);
    }
    return { outAt, outs: Int32Array.from(outs), outStarts: Int32Array.from(outStarts) };
  }
}

/** The plain search for one literal, used for rare ones. */
export function holdsLiteral({ text, atStart, atEnd }: Literal, value: string): boolean {
  const folded = foldText(value);
  if (atStart && atEnd) return folded === text;
  if (atStart) return folded.startsWith(text);
  return atEnd ? folded.endsWith(text) : folded.includes(text);
}
