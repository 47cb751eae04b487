// One route's work on one event at a time: read the fields, scan each text once, then run the programs of the rules whose
// trigger was hit and of those that have none. All state lives in arrays made once per route; nothing is allocated on the
// path except numbers turned to text and folded copies for lazy tests.
import type { EventRow, FieldValue } from '../../../config/fields/row.ts';
import { foldText } from '../sigma/fold.ts';
import { endClass, fromDeep, holdsLiteral, loud, mappedUnits, rareClass } from './automaton.ts';
import type { Automaton } from './automaton.ts';
import type { SkipTable } from './skip-table.ts';
import { ownValue } from './places.ts';
import { allBits, anyBit, isFalse, isTrue } from './program.ts';
import type { Lazy, Route, RouteField } from './route.ts';
import { compare } from './value-tests.ts';

// Looked up once: strings come in so many internal shapes that `text.charCodeAt` is a dictionary lookup per character
// (measured: 40 % of matching).
// oxlint-disable-next-line typescript/unbound-method -- only used through .call
const { charCodeAt } = String.prototype;
const none = new Int32Array(0);

export class RouteRunner {
  readonly #route: Route;
  readonly #bits: Int32Array;
  /** Words that are not zero, to clear only those. */
  readonly #touched: Int32Array;
  #touchedCount = 0;
  readonly #candidates: Int32Array;
  #candidateCount = 0;
  readonly #stamps: Int32Array;
  #generation = 0;
  /** Extra of the row by place, plus one; 0 when it is not there. */
  readonly #extraAt: Int32Array;
  readonly #extraPlaces: (number | undefined)[] = [];
  /** Value by field of the route. */
  readonly #values: (FieldValue | undefined)[];
  readonly #lazyStamps: Int32Array;
  readonly #lazyAnswers: Uint8Array;
  readonly #keywordField: number;
  /** Some name stands twice among the extras. */
  #isRepeated = false;
  /** The event at hand, for keyword tests that were put off. */
  #row: EventRow | undefined;

  constructor(route: Route) {
    this.#route = route;
    this.#bits = new Int32Array(route.words);
    this.#touched = new Int32Array(route.words);
    this.#candidates = new Int32Array(route.rules.length);
    this.#stamps = new Int32Array(route.rules.length);
    this.#extraAt = new Int32Array(route.places.length);
    this.#values = new Array<FieldValue | undefined>(route.fields.length).fill(undefined);
    this.#lazyStamps = new Int32Array(route.lazies.length);
    this.#lazyAnswers = new Uint8Array(route.lazies.length);
    this.#keywordField = route.fields.findIndex((field) => field.name === '');
  }

  run(row: EventRow, onMatch: (ruleIndex: number) => void): void {
    const route = this.#route;
    if (route.rules.length === 0) return;
    this.#begin();
    this.#read(row);
    for (let at = 0; at < route.fields.length; at++) {
      const field = route.fields[at];
      const value = this.#values[at];
      if (field?.automaton && value !== undefined) this.#scanValue(field, field.automaton, value);
    }
    const keywords = route.fields[this.#keywordField];
    if (keywords?.automaton) this.#scanKeywords(keywords, keywords.automaton, row);
    this.#row = row;
    for (let at = 0; at < this.#candidateCount; at++) this.#decide(this.#candidates[at] ?? 0, onMatch);
    for (let at = 0; at < route.always.length; at++) this.#decide(route.always[at] ?? 0, onMatch);
  }

  #begin(): void {
    for (let at = 0; at < this.#touchedCount; at++) this.#bits[this.#touched[at] ?? 0] = 0;
    this.#touchedCount = 0;
    this.#candidateCount = 0;
    if (++this.#generation < 0x7fff_fff0) return;
    this.#generation = 1;
    this.#stamps.fill(0);
    this.#lazyStamps.fill(0);
  }

  #read(row: EventRow): void {
    const { extraPlaces, fields } = this.#route;
    const { extraNames } = row;
    this.#extraAt.fill(0);
    this.#isRepeated = false;
    for (let at = 0; at < extraNames.length; at++) {
      const place = extraPlaces.get(extraNames[at] ?? '');
      this.#extraPlaces[at] = place;
      if (place === undefined) continue;
      // The first of several extras with one name is found here; the others make it a list below.
      if (this.#extraAt[place] === 0) this.#extraAt[place] = at + 1;
      else this.#isRepeated = true;
    }
    for (let at = 0; at < fields.length; at++) {
      const wanted = fields[at]?.places ?? none;
      let value: FieldValue | undefined;
      for (let choice = 0; choice < wanted.length && value === undefined; choice++) value = this.#valueAt(row, wanted[choice] ?? 0);
      this.#values[at] = value;
    }
  }

  #valueAt(row: EventRow, index: number): FieldValue | undefined {
    const extra = this.#extraAt[index] ?? 0;
    if (extra !== 0) return this.#isRepeated ? this.#extraValue(row, index) : row.extraValues[extra - 1];
    const place = this.#route.places[index];
    if (place === undefined || place.is === 'extra') return undefined;
    return place.is === 'slot' ? row.slots[place.slot] : ownValue(row, place.name);
  }

  /** Extras that share a name are the elements of one array. */
  #extraValue(row: EventRow, place: number): FieldValue | undefined {
    const first = (this.#extraAt[place] ?? 0) - 1;
    let list: string[] | undefined;
    for (let at = first + 1; at < row.extraNames.length; at++) {
      if (this.#extraPlaces[at] !== place) continue;
      list ??= [row.extraValues[first] ?? ''];
      list.push(row.extraValues[at] ?? '');
    }
    return list ?? row.extraValues[first];
  }

  /** Every value of the event and its line. */
  #scanKeywords(field: RouteField, automaton: Automaton, row: EventRow): void {
    // Nothing shorter can hold a literal, and most values are short.
    const charsMin = automaton.skip?.window ?? 0;
    if (row.raw !== '') this.#scan(field, automaton, row.raw);
    for (let at = 0; at < row.used.length; at++) {
      const value = row.slots[row.used[at] ?? 0];
      if (value === undefined || (typeof value === 'string' && value.length < charsMin)) continue;
      this.#scanValue(field, automaton, value);
    }
    const { extraValues } = row;
    let before = '';
    for (let at = 0; at < extraValues.length; at++) {
      const value = extraValues[at] ?? '';
      // A value that stands under two names (the vendor's own and the plain one) comes twice in a row.
      if (value.length >= charsMin && value !== before) this.#scan(field, automaton, value);
      before = value;
    }
  }

  #scanValue(field: RouteField, automaton: Automaton, value: FieldValue): void {
    if (typeof value === 'string') this.#scan(field, automaton, value);
    else if (typeof value === 'object') for (const element of value) this.#scan(field, automaton, element);
    else this.#scan(field, automaton, String(value));
  }

  #scan(field: RouteField, automaton: Automaton, text: string): void {
    if (automaton.skip) return this.#skim(field, automaton, automaton.skip, text);
    const { table, deep, classes, firstOut, rareState } = automaton;
    const dense = table.length;
    let state = automaton.start;
    let hasRare = false;
    if (state >= firstOut) this.#report(field, automaton, state);
    const { length } = text;
    for (let at = 0; at < length; at++) {
      const unit = charCodeAt.call(text, at);
      const symbol = unit < mappedUnits ? (classes[unit] ?? 0) : rareClass;
      state = state < dense ? (table[state + symbol] ?? 0) : fromDeep(automaton, state, symbol);
      if (state < firstOut) continue;
      if (state >= dense) {
        if (((deep[state - dense] ?? 0) & loud) !== 0) this.#report(field, automaton, state);
      } else if (state === rareState) hasRare = true;
      else this.#report(field, automaton, state);
    }
    state = state < dense ? (table[state + endClass] ?? 0) : fromDeep(automaton, state, endClass);
    if (state >= firstOut && state !== rareState) this.#report(field, automaton, state);
    if (!hasRare) return;
    for (const { at, literal } of automaton.rare) if (holdsLiteral(literal, text)) this.#setBit(field.bits[at] ?? 0);
  }

  /**
   * Jumps with the skip table; where a literal may begin the automaton reads on until it is back near its root, so that
   * no text, however made, has a character read more than a few times.
   */
  #skim(field: RouteField, automaton: Automaton, { window, shifts }: SkipTable, text: string): void {
    const { classes, firstOut, firstFar, width } = automaton;
    const { length } = text;
    let end = window - 1;
    while (end < length) {
      const before = charCodeAt.call(text, end - 1);
      const last = charCodeAt.call(text, end);
      const row = before < mappedUnits ? (classes[before] ?? 0) : rareClass;
      const shift = shifts[row * width + (last < mappedUnits ? (classes[last] ?? 0) : rareClass)] ?? 0;
      if (shift > 0) {
        end += shift;
        continue;
      }
      let at = end - window + 1;
      let state = next(automaton, 0, charCodeAt.call(text, at++));
      do {
        state = next(automaton, state, charCodeAt.call(text, at++));
        if (state >= firstOut) this.#report(field, automaton, state);
      } while (state >= firstFar && at < length);
      if (at >= length) return;
      // The state near the root may have read one character of the next literal.
      end = at + window - (state === 0 ? 1 : 2);
    }
  }

  /** From `firstOut` on there are states of the table with output and all deep ones. */
  #report(field: RouteField, { table, deep, outAt, outStarts, outs, firstOut, width }: Automaton, state: number): void {
    let out = (state - firstOut) / width;
    if (state >= table.length) {
      if (((deep[state - table.length] ?? 0) & loud) === 0) return;
      out = outAt[state - table.length] ?? 0;
    }
    const end = outStarts[out + 1] ?? 0;
    for (let at = outStarts[out] ?? 0; at < end; at++) this.#setBit(field.bits[outs[at] ?? 0] ?? 0);
  }

  #setBit(bit: number): void {
    const word = bit >>> 5;
    const mask = 1 << (bit & 31);
    const before = this.#bits[word] ?? 0;
    if ((before & mask) !== 0) return;
    if (before === 0) this.#touched[this.#touchedCount++] = word;
    this.#bits[word] = before | mask;
    const { triggerStarts, triggered } = this.#route;
    const end = triggerStarts[bit + 1] ?? 0;
    for (let at = triggerStarts[bit] ?? 0; at < end; at++) {
      const rule = triggered[at] ?? 0;
      if (this.#stamps[rule] === this.#generation) continue;
      this.#stamps[rule] = this.#generation;
      this.#candidates[this.#candidateCount++] = rule;
    }
  }

  #decide(rule: number, onMatch: (ruleIndex: number) => void): void {
    const { program, entries, rules } = this.#route;
    let at = entries[rule] ?? isFalse;
    while (at >= 0) {
      const kind = program[at];
      const operand = program[at + 1] ?? 0;
      const mask = program[at + 2] ?? 0;
      let holds: boolean;
      if (kind === anyBit) holds = ((this.#bits[operand] ?? 0) & mask) !== 0;
      else if (kind === allBits) holds = ((this.#bits[operand] ?? 0) & mask) === mask;
      else holds = this.#lazy(operand);
      at = program[holds ? at + 3 : at + 4] ?? isFalse;
    }
    if (at === isTrue) onMatch(rules[rule] ?? 0);
  }

  #lazy(at: number): boolean {
    if (this.#lazyStamps[at] === this.#generation) return this.#lazyAnswers[at] === 1;
    this.#lazyStamps[at] = this.#generation;
    const lazy = this.#route.lazies[at];
    const answer = lazy !== undefined && this.#answer(lazy);
    this.#lazyAnswers[at] = answer ? 1 : 0;
    return answer;
  }

  #answer(lazy: Lazy): boolean {
    const value = this.#values[lazy.field];
    if (lazy.is === 'any') return value !== undefined;
    if (lazy.is === 'null') return value === undefined;
    if (lazy.is === 'ref') return refHolds(lazy, value, this.#values[lazy.other]);
    if (lazy.hints.length > 0 && !this.#anyHint(lazy.hints)) return false;
    if (lazy.field !== this.#keywordField) return value !== undefined && testValue(lazy.test, value);
    return this.#row !== undefined && anyValue(this.#row, (one) => testValue(lazy.test, one));
  }

  #anyHint(hints: Int32Array): boolean {
    for (let at = 0; at < hints.length; at++) {
      const bit = hints[at] ?? 0;
      if (((this.#bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0) return true;
    }
    return false;
  }
}

function next(automaton: Automaton, state: number, unit: number): number {
  const symbol = unit < mappedUnits ? (automaton.classes[unit] ?? 0) : rareClass;
  return state < automaton.table.length ? (automaton.table[state + symbol] ?? 0) : fromDeep(automaton, state, symbol);
}

function anyValue(row: EventRow, test: (value: FieldValue) => boolean): boolean {
  const isFound = row.used.some((slot) => {
    const value = row.slots[slot];
    return value !== undefined && test(value);
  });
  return isFound || (row.raw !== '' && test(row.raw)) || row.extraValues.some(test);
}

function testValue(test: { readonly wantsFolded: boolean; test(value: string): boolean }, value: FieldValue): boolean {
  if (typeof value === 'object') {
    for (const element of value) if (test.test(test.wantsFolded ? foldText(element) : element)) return true;
    return false;
  }
  const text = typeof value === 'string' ? value : String(value);
  return test.test(test.wantsFolded ? foldText(text) : text);
}

function refHolds({ test }: Lazy & { is: 'ref' }, value: FieldValue | undefined, other: FieldValue | undefined): boolean {
  if (value === undefined || other === undefined) return false;
  for (const left of texts(value))
    for (const right of texts(other)) if (compare(test.mode, foldUnless(test.cased, left), foldUnless(test.cased, right))) return true;
  return false;
}

function texts(value: FieldValue): readonly string[] {
  return typeof value === 'object' ? value : [String(value)];
}

function foldUnless(cased: boolean, text: string): string {
  return cased ? text : foldText(text);
}
