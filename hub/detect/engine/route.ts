// A route holds every rule whose log source covers an event kind, compiled for that kind (SIGMA.md 3.1): constants of the
// kind evaluated away, equal tests shared, one automaton a field, triggers, decision programs. Routes are immutable.
import type { EventKind } from '../../../config/fields/kinds.ts';
import { fieldNames } from '../mapping/field-names.ts';
import type { LogSource, SigmaRule, Test } from '../sigma/rule.ts';
import { buildAutomaton } from './automaton.ts';
import type { Automaton, Literal } from './automaton.ts';
import { placeOf } from './places.ts';
import type { Place } from './places.ts';
import { ProgramWriter, planOf } from './program.ts';
import type { Plan } from './program.ts';
import { costOfLiteral, triggerOf } from './triggers.ts';
import { foldText } from '../sigma/fold.ts';
import { compare, literalOf, valueTestOf } from './value-tests.ts';
import type { ValueTest } from './value-tests.ts';

export interface RouteField {
  /** As the rules write it; '' stands for every value and the raw line. */
  readonly name: string;
  /** Where to look, first found wins: indexes into the route's places. */
  readonly places: Int32Array;
  readonly automaton: Automaton | undefined;
  /** Literal of the automaton → bit. */
  readonly bits: Int32Array;
}

export type Lazy =
  | { readonly is: 'value'; readonly field: number; readonly test: ValueTest; readonly hints: Int32Array }
  | { readonly is: 'any'; readonly field: number }
  | { readonly is: 'null'; readonly field: number }
  | { readonly is: 'ref'; readonly field: number; readonly other: number; readonly test: Test & { op: 'ref' } };

export interface Route {
  readonly places: readonly Place[];
  readonly extraPlaces: ReadonlyMap<string, number>;
  readonly fields: readonly RouteField[];
  readonly lazies: readonly Lazy[];
  readonly words: number;
  readonly program: Int32Array;
  /** Per rule of the route: index in the ruleset, where its program begins. */
  readonly rules: Int32Array;
  readonly entries: Int32Array;
  /** Rules (of the route) by trigger bit. */
  readonly triggerStarts: Int32Array;
  readonly triggered: Int32Array;
  /** Rules without a trigger: always evaluated. */
  readonly always: Int32Array;
}

export const routeRulesMax = 4_096;
/** From this length on a literal may stay: jumps are long enough. */
const shortCharsMax = 6;
const routeTestsMax = 65_536;

/** Shared by all routes of a ruleset: equal literal sets get one automaton, equal tests one compiled test. */
export interface RouteShares {
  readonly automata: Map<string, Automaton>;
  readonly valueTests: Map<Test, ValueTest | undefined>;
}

/** A kind whose product is this is covered by every rule: for events that nobody classified. */
const anyProduct = '*';

export function covers(source: LogSource, kind: EventKind): boolean {
  if (kind.product === anyProduct) return true;
  return (
    (source.product === '' || source.product === kind.product) &&
    (source.category === '' || kind.categories.includes(source.category)) &&
    (source.service === '' || source.service === kind.service)
  );
}

export function compileRoute(
  kind: EventKind,
  rules: readonly { readonly index: number; readonly rule: SigmaRule }[],
  shares: RouteShares,
): Route {
  return new RouteCompiler(kind, shares).compile(rules);
}

class RouteCompiler {
  readonly #kind: EventKind;
  readonly #shares: RouteShares;
  readonly #places: Place[] = [];
  readonly #placeIndex = new Map<string, number>();
  readonly #fields: { name: string; places: number[]; literals: Map<string, { literal: Literal; bit: number }> }[] = [];
  readonly #fieldIndex = new Map<string, number>();
  readonly #lazies: Lazy[] = [];
  readonly #plans = new Map<Test, Plan>();
  readonly #bitCosts: number[] = [];

  constructor(kind: EventKind, shares: RouteShares) {
    this.#kind = kind;
    this.#shares = shares;
  }

  compile(rules: readonly { readonly index: number; readonly rule: SigmaRule }[]): Route {
    const indexes: number[] = [];
    const plans: Plan[] = [];
    const always: number[] = [];
    const byBit = new Map<number, number[]>();
    const sources = { costOfBit: (bit: number) => this.#bitCosts[bit] ?? 1, hintsOfLazy: (lazy: number) => this.#hintsOf(lazy) };
    for (const { index, rule } of rules) {
      const plan = planOf(rule.expr, ({ test }) => this.#plan(test));
      if (plan.is === 'const' && !plan.value) continue;
      const at = indexes.push(index) - 1;
      plans.push(plan);
      const trigger = triggerOf(plan, sources);
      if (!trigger) always.push(at);
      else for (const bit of trigger.bits) addTo(byBit, bit, at);
    }
    if (this.#plans.size > routeTestsMax) throw new Error(`a route with ${this.#plans.size} tests is too large`);
    const lazyOfBit = this.#putOffShort(byBit);
    const writer = new ProgramWriter(lazyOfBit);
    const entries = plans.map((plan) => writer.write(plan));
    return {
      ...this.#freeze(byBit),
      program: Int32Array.from(writer.steps),
      rules: Int32Array.from(indexes),
      entries: Int32Array.from(entries),
      always: Int32Array.from(always),
    };
  }

  /**
   * Short literals that trigger nothing become lazy tests where that leaves a field only with longer ones, which may stand
   * anywhere: its values can then be jumped through (skip-table.ts). Returns the lazy test that stands for a bit.
   */
  #putOffShort(byBit: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, number> {
    const needed = new Set([...byBit.keys(), ...this.#lazies.flatMap((lazy) => (lazy.is === 'value' ? [...lazy.hints] : []))]);
    const lazyOfBit = new Map<number, number>();
    for (const [field, { literals }] of this.#fields.entries()) {
      const all = [...literals.values()];
      if (all.some(({ literal }) => literal.atStart || literal.atEnd)) continue;
      const window = Math.min(shortCharsMax, ...all.filter(({ bit }) => needed.has(bit)).map(({ literal }) => literal.text.length));
      for (const [key, { literal, bit }] of literals) {
        if (literal.text.length >= window) continue;
        literals.delete(key);
        const test: ValueTest = { wantsFolded: true, hints: [], test: (value) => value.includes(literal.text) };
        lazyOfBit.set(bit, this.#lazies.push({ is: 'value', field, test, hints: new Int32Array(0) }) - 1);
      }
    }
    return lazyOfBit;
  }

  #freeze(byBit: ReadonlyMap<number, readonly number[]>): Omit<Route, 'program' | 'rules' | 'entries' | 'always'> {
    const triggerStarts = new Int32Array(this.#bitCosts.length + 1);
    const triggered: number[] = [];
    for (let bit = 0; bit < this.#bitCosts.length; bit++) {
      triggered.push(...(byBit.get(bit) ?? []));
      triggerStarts[bit + 1] = triggered.length;
    }
    return {
      places: this.#places,
      extraPlaces: new Map(this.#places.flatMap((place, at) => (place.is === 'extra' ? [[place.name, at] as const] : []))),
      fields: this.#fields.map(({ name, places, literals }) => ({
        name,
        places: Int32Array.from(places),
        ...this.#automaton([...literals.values()]),
      })),
      lazies: this.#lazies,
      words: (this.#bitCosts.length + 31) >>> 5,
      triggerStarts,
      triggered: Int32Array.from(triggered),
    };
  }

  #automaton(written: readonly { readonly literal: Literal; readonly bit: number }[]): Pick<RouteField, 'automaton' | 'bits'> {
    if (written.length === 0) return { automaton: undefined, bits: new Int32Array(0) };
    // Sorted, so that routes with the same literals in another order share the table.
    const sorted = written.map((one) => ({ ...one, key: literalKey(one.literal) })).sort((a, b) => (a.key < b.key ? -1 : 1));
    const key = sorted.map((one) => one.key).join('\0');
    let automaton = this.#shares.automata.get(key);
    if (!automaton) {
      automaton = buildAutomaton(sorted.map((one) => one.literal));
      this.#shares.automata.set(key, automaton);
    }
    return { automaton, bits: Int32Array.from(sorted, (one) => one.bit) };
  }

  #plan(test: Test): Plan {
    let plan = this.#plans.get(test);
    if (!plan) {
      plan = this.#constant(test) ?? this.#bitOrLazy(test);
      this.#plans.set(test, plan);
    }
    return plan;
  }

  /** EventID is what made the kind: a test on it needs no event. */
  #constant(test: Test): Plan | undefined {
    if (test.op === 'any' && test.field === '') return { is: 'const', value: true };
    const { eventCode, product } = this.#kind;
    if (eventCode === '' || product !== 'windows' || test.field !== 'EventID') return undefined;
    if (test.op === 'any' || test.op === 'null') return { is: 'const', value: test.op === 'any' };
    if (test.op !== 'eq' && test.op !== 'pre' && test.op !== 'suf' && test.op !== 'con') return undefined;
    return { is: 'const', value: compare(test.op, test.cased ? eventCode : foldText(eventCode), test.text) };
  }

  #bitOrLazy(test: Test): Plan {
    const literal = literalOf(test);
    if (literal) return { is: 'bit', bit: this.#bit(this.#field(test.field), literal) };
    return { is: 'lazy', lazy: this.#lazies.push(this.#lazy(test)) - 1 };
  }

  #lazy(test: Test): Lazy {
    const field = this.#field(test.field);
    if (test.op === 'any') return { is: 'any', field };
    if (test.op === 'null') return { is: 'null', field };
    if (test.op === 'ref') return { is: 'ref', field, other: this.#field(test.other), test };
    const compiled = this.#shares.valueTests.get(test);
    if (!compiled) throw new Error(`broken invariant: the test ${test.op} on ${test.field} was not compiled`);
    return { is: 'value', field, test: compiled, hints: Int32Array.from(compiled.hints, (hint) => this.#bit(field, hint)) };
  }

  #hintsOf(lazy: number): readonly number[] {
    const found = this.#lazies[lazy];
    return found?.is === 'value' ? [...found.hints] : [];
  }

  #bit(field: number, literal: Literal): number {
    const literals = this.#fields[field]?.literals;
    const key = literalKey(literal);
    const known = literals?.get(key);
    if (known) return known.bit;
    const bit = this.#bitCosts.push(costOfLiteral(literal)) - 1;
    literals?.set(key, { literal, bit });
    return bit;
  }

  #field(name: string): number {
    const known = this.#fieldIndex.get(name);
    if (known !== undefined) return known;
    const places = name === '' ? [] : fieldNames(name, this.#kind).map((one) => this.#place(one));
    const at = this.#fields.push({ name, places: places.flat(), literals: new Map() }) - 1;
    this.#fieldIndex.set(name, at);
    return at;
  }

  /** A name that the registry knows may still come as an extra, which then is what the source itself said. */
  #place(name: string): number[] {
    const place = placeOf(name);
    const extra: Place = { is: 'extra', name };
    return place.is === 'extra' ? [this.#placeOf(extra)] : [this.#placeOf(extra), this.#placeOf(place)];
  }

  #placeOf(place: Place): number {
    const key = `${place.is} ${place.is === 'slot' ? place.slot : place.name}`;
    let at = this.#placeIndex.get(key);
    if (at === undefined) {
      at = this.#places.push(place) - 1;
      this.#placeIndex.set(key, at);
    }
    return at;
  }
}

function addTo(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function literalKey({ text, atStart, atEnd }: Literal): string {
  return `${atStart ? '^' : ' '}${atEnd ? '$' : ' '}${text}`;
}

/** Compiles what a test needs once per ruleset; refuses (throws RuleRefusal) what cannot run. */
export function prepareTest(test: Test, shares: RouteShares, place: string): void {
  if (!literalOf(test) && !shares.valueTests.has(test)) shares.valueTests.set(test, valueTestOf(test, place));
}
