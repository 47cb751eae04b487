// The trie of an automaton's literals while it is built: children, depth, outputs, and after `link` where each node leads
// when no child fits, the longest end of its own text that begins a literal too.
// Promises: linking takes time linear in the literals; outputs then hold those of the failures as well.

export class LiteralTrie {
  readonly #children: Map<number, number>[] = [new Map()];
  readonly #outs: number[][] = [[]];
  readonly #depths: number[] = [0];
  readonly #fails: number[] = [0];

  get size(): number {
    return this.#children.length;
  }

  add(symbols: readonly number[], literal: number): void {
    let node = 0;
    for (const symbol of symbols) node = this.#children[node]?.get(symbol) ?? this.#grow(node, symbol);
    this.#outs[node]?.push(literal);
  }

  childrenOf(node: number): ReadonlyMap<number, number> {
    return this.#children[node] ?? new Map<number, number>();
  }

  outsOf(node: number): readonly number[] {
    return this.#outs[node] ?? [];
  }

  depthOf(node: number): number {
    return this.#depths[node] ?? 0;
  }

  failOf(node: number): number {
    return this.#fails[node] ?? 0;
  }

  /** Sets the failures; returns the nodes by depth. Once, when all literals are in. */
  link(): readonly number[] {
    const byDepth = [0];
    for (const node of byDepth) {
      for (const [symbol, child] of this.childrenOf(node)) {
        // Nodes nearer to the root are linked already: a failure is always nearer.
        const fail = node === 0 ? 0 : this.#follow(this.failOf(node), symbol);
        this.#fails[child] = fail;
        this.#outs[child]?.push(...this.outsOf(fail));
        byDepth.push(child);
      }
    }
    return byDepth;
  }

  #follow(from: number, symbol: number): number {
    let node = from;
    while (node !== 0 && !this.childrenOf(node).has(symbol)) node = this.failOf(node);
    return this.childrenOf(node).get(symbol) ?? 0;
  }

  #grow(parent: number, symbol: number): number {
    const node = this.#children.push(new Map()) - 1;
    this.#children[parent]?.set(symbol, node);
    this.#outs.push([]);
    this.#depths.push(this.depthOf(parent) + 1);
    this.#fails.push(0);
    return node;
  }
}
