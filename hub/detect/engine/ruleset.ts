// Rules compiled and ready to be matched. `compileRules` never throws for a bad rule: it is refused with its reason and
// the others load. Routes are made when an event kind is first seen, at most `routesMax` of them; kinds beyond that share
// the route of their product, category and service without Windows codes. A matcher belongs to one thread.
import { createHash } from 'node:crypto';
import { internKind, kindById } from '../../../config/fields/kinds.ts';
import type { EventKind } from '../../../config/fields/kinds.ts';
import type { EventRow } from '../../../config/fields/row.ts';
import type { RuleSource } from '../../work.ts';
import { linkRules } from '../correlate/link.ts';
import type { LinkedCorrelation } from '../correlate/link.ts';
import { allFieldNames } from '../mapping/field-names.ts';
import { parseRules } from '../sigma/parse-rule.ts';
import type { RefusedRule } from '../sigma/parse-rule.ts';
import { fieldsOf } from '../sigma/rule.ts';
import type { Expr, SigmaDocument, SigmaRule, Test } from '../sigma/rule.ts';
import { RouteRunner } from './run-route.ts';
import { compileRoute, covers, prepareTest, routeRulesMax } from './route.ts';
import type { Route, RouteShares } from './route.ts';

export interface CompiledRule extends SigmaRule {
  /** False when only correlations read it. */
  readonly alerts: boolean;
}

export interface Compiled {
  readonly ruleset: Ruleset;
  readonly refused: readonly RefusedRule[];
}

const routesMax = 2_048;

export function compileRules(sources: readonly RuleSource[]): Compiled {
  const parsed = parseRules(sources);
  const shares: RouteShares = { automata: new Map(), valueTests: new Map() };
  const interned = new Map<string, Test>();
  const refused: RefusedRule[] = [...parsed.refused];
  const documents = parsed.documents.flatMap((document): readonly SigmaDocument[] => {
    if (document.is === 'correlation') return [document];
    try {
      return [
        { ...document, expr: internTests(document.expr, interned, (test) => prepareTest(test, shares, `detection, field ${test.field}`)) },
      ];
    } catch (error) {
      refused.push({ file: document.file, id: document.id, reason: error instanceof Error ? error.message : String(error) });
      return [];
    }
  });
  const linked = linkRules(documents);
  return { ruleset: new Ruleset(linked.rules, linked.correlations, shares), refused: [...refused, ...linked.refused] };
}

/** Equal tests become one object, so that routes share them by identity. */
function internTests(expr: Expr, interned: Map<string, Test>, prepare: (test: Test) => void): Expr {
  if (expr.is === 'not') return { is: 'not', of: internTests(expr.of, interned, prepare) };
  if (expr.is !== 'test') return { is: expr.is, of: expr.of.map((child) => internTests(child, interned, prepare)) };
  const key = JSON.stringify(expr.test);
  const known = interned.get(key);
  if (known) return { is: 'test', test: known };
  prepare(expr.test);
  interned.set(key, expr.test);
  return expr;
}

export class Ruleset {
  readonly rules: readonly CompiledRule[];
  /** In an order in which none stands before what it reads. */
  readonly correlations: readonly LinkedCorrelation[];
  /** Changes when any rule does: snapshots carry it. */
  readonly hash: string;
  readonly #shares: RouteShares;
  readonly #routes = new Map<string, Route>();

  constructor(rules: readonly CompiledRule[], correlations: readonly LinkedCorrelation[], shares: RouteShares) {
    this.rules = rules;
    this.correlations = correlations;
    this.#shares = shares;
    const hash = createHash('sha256');
    for (const one of [...rules, ...correlations]) hash.update(`${one.id} ${one.version}\n`);
    this.hash = hash.digest('hex');
  }

  matcher(): Matcher {
    return new Matcher(this);
  }

  /** Every name under which the rule may find its fields; '' when it searches whole events. */
  fieldsRead(ruleIndex: number): readonly string[] {
    const rule = this.rules[ruleIndex];
    if (!rule) return [];
    return [...new Set([...fieldsOf(rule.expr)].flatMap((field) => (field === '' ? [''] : allFieldNames(field))))];
  }

  routeOf(kind: EventKind): Route {
    const { product, categories, service } = kind;
    const isFull = this.#routes.size >= routesMax;
    const narrow = isFull ? internKind({ product, categories, service }) : kind;
    const key = [product, categories.join(','), service, narrow.eventCode].join('\0');
    let route = this.#routes.get(key);
    if (!route) {
      const covering = this.rules.map((rule, index) => ({ index, rule })).filter(({ rule }) => covers(rule.logsource, kind));
      if (covering.length > routeRulesMax) covering.length = routeRulesMax;
      route = compileRoute(narrow, covering, this.#shares);
      this.#routes.set(key, route);
    }
    return route;
  }

  figures(): { readonly routes: number; readonly automata: number; readonly automataBytes: number } {
    let automataBytes = 0;
    for (const { bytes } of this.#shares.automata.values()) automataBytes += bytes;
    return { routes: this.#routes.size, automata: this.#shares.automata.size, automataBytes };
  }
}

export class Matcher {
  readonly #ruleset: Ruleset;
  readonly #runners: (RouteRunner | undefined)[] = [];

  constructor(ruleset: Ruleset) {
    this.#ruleset = ruleset;
  }

  /** Calls back once per rule that the event satisfies, in no particular order. */
  match(row: EventRow, onMatch: (ruleIndex: number) => void): void {
    let runner = this.#runners[row.kindId];
    if (!runner) {
      runner = new RouteRunner(this.#ruleset.routeOf(kindById(row.kindId)));
      this.#runners[row.kindId] = runner;
    }
    runner.run(row, onMatch);
  }
}
