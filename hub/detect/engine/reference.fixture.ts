// The plainest evaluator of a rule's tree over one event, for tests: no routes, no automata, no sharing. The engine must
// give its answers. It shares only the folding table and the field lookup with what it checks.
import { kindById } from '../../../config/fields/kinds.ts';
import type { EventRow, FieldValue } from '../../../config/fields/row.ts';
import { fieldNames } from '../mapping/field-names.ts';
import { foldText } from '../sigma/fold.ts';
import { anyRun, oneChar } from '../sigma/rule.ts';
import type { Expr, GlobToken, Test } from '../sigma/rule.ts';
import { placeOf, valueAt } from './places.ts';

export function referenceMatch(expr: Expr, row: EventRow): boolean {
  if (expr.is === 'not') return !referenceMatch(expr.of, row);
  if (expr.is === 'test') return testHolds(expr.test, row);
  if (expr.is === 'and') return expr.of.every((child) => referenceMatch(child, row));
  return expr.of.some((child) => referenceMatch(child, row));
}

function testHolds(test: Test, row: EventRow): boolean {
  const values = test.field === '' ? everyValue(row) : valuesOf(row, test.field);
  if (test.op === 'any') return test.field === '' || values.length > 0;
  if (test.op === 'null') return values.length === 0;
  if (test.op === 'ref')
    return values.some((left) =>
      valuesOf(row, test.other).some((right) => patternOf(test.mode, folded(right, test.cased)).test(folded(left, test.cased))),
    );
  return values.some((value) => valueHolds(test, value));
}

function valueHolds(test: Test, value: string): boolean {
  switch (test.op) {
    case 'eq':
    case 'pre':
    case 'suf':
    case 'con':
      return patternOf(test.op, test.text).test(folded(value, test.cased));
    case 'glob':
      return new RegExp(`^${test.tokens.map(tokenPattern).join('')}$`, 's').test(folded(value, test.cased));
    case 'regex':
      // With `u` JavaScript folds case as RE2 does: ſ is s, the Kelvin sign is k.
      return new RegExp(test.pattern, `${test.flags}u`).test(value);
    case 'lt':
      return value.trim() !== '' && Number(value) < test.number;
    case 'lte':
      return value.trim() !== '' && Number(value) <= test.number;
    case 'gt':
      return value.trim() !== '' && Number(value) > test.number;
    case 'gte':
      return value.trim() !== '' && Number(value) >= test.number;
    default:
      throw new Error(`the reference has no ${test.op}`);
  }
}

function patternOf(mode: 'eq' | 'pre' | 'suf' | 'con', text: string): RegExp {
  const literal = RegExp.escape(text);
  const [before, after] = { eq: ['^', '$'], pre: ['^', ''], suf: ['', '$'], con: ['', ''] }[mode];
  return new RegExp(`${before ?? ''}${literal}${after ?? ''}`);
}

function tokenPattern(token: GlobToken): string {
  if (token === anyRun) return '.*';
  return token === oneChar ? '.' : RegExp.escape(token);
}

function folded(text: string, cased: boolean): string {
  return cased ? text : foldText(text);
}

function valuesOf(row: EventRow, field: string): string[] {
  for (const name of fieldNames(field, kindById(row.kindId))) {
    const extras = row.extraValues.filter((_, at) => row.extraNames[at] === name);
    if (extras.length > 0) return extras;
    const value = valueAt(row, name, placeOf(name));
    if (value !== undefined) return texts(value);
  }
  return [];
}

function everyValue(row: EventRow): string[] {
  const slots = row.used.flatMap((slot) => texts(row.slots[slot] ?? []));
  return [...(row.raw === '' ? [] : [row.raw]), ...slots, ...row.extraValues];
}

function texts(value: FieldValue): string[] {
  return typeof value === 'object' ? [...value] : [String(value)];
}
