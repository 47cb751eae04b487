// What a Sigma document becomes once it has been read and checked: a tree of tests over fields. Everything after this
// file (engine, reference evaluator, fieldsRead) works on these types and never sees YAML, modifiers or wildcards.
// Text of tests that are not `cased` is folded already (fold.ts). The field '' stands for "every value and the raw line".
import type { Level } from '../../ports.ts';

/** Any number of characters, exactly one character. */
export const anyRun = 0;
export const oneChar = 1;
export type GlobToken = string | typeof anyRun | typeof oneChar;

export type RefMode = 'eq' | 'pre' | 'suf' | 'con';

export type Test =
  | { readonly op: 'eq' | 'pre' | 'suf' | 'con'; readonly field: string; readonly text: string; readonly cased: boolean }
  | { readonly op: 'glob'; readonly field: string; readonly tokens: readonly GlobToken[]; readonly cased: boolean }
  /** Present, whatever the value. */
  | { readonly op: 'any'; readonly field: string }
  /** Absent: rows hold no nulls. */
  | { readonly op: 'null'; readonly field: string }
  | { readonly op: 'regex'; readonly field: string; readonly pattern: string; readonly flags: string }
  | { readonly op: 'cidr'; readonly field: string; readonly cidr: string }
  | { readonly op: 'lt' | 'lte' | 'gt' | 'gte'; readonly field: string; readonly number: number }
  | { readonly op: 'ref'; readonly field: string; readonly other: string; readonly mode: RefMode; readonly cased: boolean };

export type Expr =
  | { readonly is: 'and' | 'or'; readonly of: readonly Expr[] }
  | { readonly is: 'not'; readonly of: Expr }
  | { readonly is: 'test'; readonly test: Test };

export interface LogSource {
  readonly product: string;
  readonly category: string;
  readonly service: string;
}

interface RuleHead {
  readonly file: string;
  readonly id: string;
  /** Other rules may point here by it; empty when it has none. */
  readonly name: string;
  /** Changes with the text of the document. */
  readonly version: string;
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  /** `x-group-by`: the fields that make the alert's identity; undefined leaves it to the defaults. */
  readonly alertGroupBy: readonly string[] | undefined;
}

export interface SigmaRule extends RuleHead {
  readonly is: 'rule';
  readonly logsource: LogSource;
  readonly expr: Expr;
}

export type CorrelationType = 'event_count' | 'value_count' | 'temporal' | 'temporal_ordered';

export interface CountCondition {
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  readonly eq?: number;
  readonly neq?: number;
}

export interface SigmaCorrelation extends RuleHead {
  readonly is: 'correlation';
  readonly type: CorrelationType;
  /** As written: ids or names. */
  readonly rules: readonly string[];
  readonly timespanMs: number;
  readonly groupBy: readonly string[];
  readonly condition: CountCondition;
  /** value_count: distinct values of these together. */
  readonly fields: readonly string[];
  /** alias → rule name or id → field. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The referenced rules raise alerts of their own too. */
  readonly generate: boolean;
}

export type SigmaDocument = SigmaRule | SigmaCorrelation;

/** Why a document was not taken: where in it, what is wrong, what to do. */
export class RuleRefusal extends Error {
  constructor(place: string, what: string, remedy: string) {
    super(`${place}: ${what}; ${remedy}`);
    this.name = 'RuleRefusal';
  }
}

export function fieldsOf(expr: Expr, into: Set<string> = new Set()): Set<string> {
  if (expr.is === 'test') {
    into.add(expr.test.field);
    if (expr.test.op === 'ref') into.add(expr.test.other);
  } else if (expr.is === 'not') fieldsOf(expr.of, into);
  else for (const child of expr.of) fieldsOf(child, into);
  return into;
}

/** How many tests a tree holds: what limits are measured in. */
export function countTests(expr: Expr): number {
  if (expr.is === 'test') return 1;
  if (expr.is === 'not') return countTests(expr.of);
  return expr.of.reduce((sum, child) => sum + countTests(child), 0);
}
