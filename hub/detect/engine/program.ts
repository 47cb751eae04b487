// A rule's condition as a decision program: five small integers a step, [kind, word or lazy id, mask, next if true, next
// if false]. Tests of one AND or OR that lie in one word of the bit set are one masked step; cheap steps come first.
import { unreachable } from '../../../proto/runtime/errors.ts';
import type { Expr } from '../sigma/rule.ts';

export const anyBit = 0;
export const allBits = 1;
const lazyTest = 2;
export const isTrue = -1;
export const isFalse = -2;

export type Plan =
  | { readonly is: 'const'; readonly value: boolean }
  | { readonly is: 'bit'; readonly bit: number }
  | { readonly is: 'lazy'; readonly lazy: number }
  | { readonly is: 'not'; readonly of: Plan }
  | { readonly is: 'and' | 'or'; readonly of: readonly Plan[] };

const yes: Plan = { is: 'const', value: true };
const no: Plan = { is: 'const', value: false };

/** Partial evaluation: constants vanish, nested ANDs and ORs of one kind are flattened. */
export function planOf(expr: Expr, place: (expr: Expr & { is: 'test' }) => Plan): Plan {
  if (expr.is === 'test') return place(expr);
  if (expr.is === 'not') {
    const of = planOf(expr.of, place);
    if (of.is === 'const') return of.value ? no : yes;
    return of.is === 'not' ? of.of : { is: 'not', of };
  }
  const decided = expr.is === 'or';
  const of: Plan[] = [];
  for (const child of expr.of) {
    const plan = planOf(child, place);
    if (plan.is === 'const') {
      if (plan.value === decided) return decided ? yes : no;
    } else if (plan.is === expr.is) of.push(...plan.of);
    else of.push(plan);
  }
  const [only] = of;
  if (only === undefined) return decided ? no : yes;
  return of.length === 1 ? only : { is: expr.is, of };
}

export class ProgramWriter {
  readonly steps: number[] = [];
  readonly #lazyOfBit: ReadonlyMap<number, number>;

  /** `lazyOfBit`: bits that nothing sets, and the lazy tests that answer in their place. */
  constructor(lazyOfBit: ReadonlyMap<number, number>) {
    this.#lazyOfBit = lazyOfBit;
  }

  /** Returns where the program begins. */
  write(plan: Plan): number {
    return this.#emit(this.#lazyOfBit.size > 0 ? this.#replaced(plan) : plan, isTrue, isFalse);
  }

  #replaced(plan: Plan): Plan {
    if (plan.is === 'not') return { is: 'not', of: this.#replaced(plan.of) };
    if (plan.is === 'and' || plan.is === 'or') return { is: plan.is, of: plan.of.map((child) => this.#replaced(child)) };
    const lazy = plan.is === 'bit' ? this.#lazyOfBit.get(plan.bit) : undefined;
    return lazy === undefined ? plan : { is: 'lazy', lazy };
  }

  #emit(plan: Plan, whenTrue: number, whenFalse: number): number {
    switch (plan.is) {
      case 'const':
        return plan.value ? whenTrue : whenFalse;
      case 'bit':
        return this.#step(anyBit, plan.bit >>> 5, 1 << (plan.bit & 31), [whenTrue, whenFalse]);
      case 'lazy':
        return this.#step(lazyTest, plan.lazy, 0, [whenTrue, whenFalse]);
      case 'not':
        return this.#emit(plan.of, whenFalse, whenTrue);
      case 'and':
      case 'or':
        return this.#emitGroup(plan.is, plan.of, [whenTrue, whenFalse]);
      default:
        return unreachable(plan);
    }
  }

  /** Written from the last step to the first, because a step must know where the next one is. */
  #emitGroup(is: 'and' | 'or', of: readonly Plan[], [whenTrue, whenFalse]: readonly [number, number]): number {
    const { positive, negative, nested, lazy } = sortOut(of);
    let next = is === 'and' ? whenTrue : whenFalse;
    const hit = is === 'and' ? whenFalse : whenTrue;
    for (const plan of [...lazy, ...nested]) next = is === 'and' ? this.#emit(plan, next, hit) : this.#emit(plan, hit, next);
    // AND: none of the negated bits may be set. OR: not all of them may be set.
    for (const [word, mask] of negative)
      next = is === 'and' ? this.#step(anyBit, word, mask, [hit, next]) : this.#step(allBits, word, mask, [next, hit]);
    for (const [word, mask] of positive)
      next = is === 'and' ? this.#step(allBits, word, mask, [next, hit]) : this.#step(anyBit, word, mask, [hit, next]);
    return next;
  }

  #step(kind: number, operand: number, mask: number, [whenTrue, whenFalse]: readonly [number, number]): number {
    const at = this.steps.length;
    this.steps.push(kind, operand, mask, whenTrue, whenFalse);
    return at;
  }
}

interface Sorted {
  readonly positive: Map<number, number>;
  readonly negative: Map<number, number>;
  readonly nested: Plan[];
  readonly lazy: Plan[];
}

function sortOut(of: readonly Plan[]): Sorted {
  const sorted: Sorted = { positive: new Map(), negative: new Map(), nested: [], lazy: [] };
  const add = (words: Map<number, number>, bit: number): void => {
    words.set(bit >>> 5, (words.get(bit >>> 5) ?? 0) | (1 << (bit & 31)));
  };
  for (const plan of of) {
    if (plan.is === 'bit') add(sorted.positive, plan.bit);
    else if (plan.is === 'not' && plan.of.is === 'bit') add(sorted.negative, plan.of.bit);
    else if (plan.is === 'lazy' || (plan.is === 'not' && plan.of.is === 'lazy')) sorted.lazy.push(plan);
    else sorted.nested.push(plan);
  }
  return sorted;
}
