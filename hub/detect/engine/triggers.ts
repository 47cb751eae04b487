// The trigger set of a rule: bits of which at least one is set whenever the rule can be true. Only rules with a trigger
// hit are looked at. Of an AND the cheapest child's set will do, of an OR it takes every child's, NOT by De Morgan.
import { unreachable } from '../../../proto/runtime/errors.ts';
import type { Literal } from './automaton.ts';
import type { Plan } from './program.ts';

export interface Trigger {
  readonly bits: readonly number[];
  /** Estimated chance that one of them is seen in an event. */
  readonly cost: number;
}

export interface TriggerSources {
  costOfBit(bit: number): number;
  /** Bits that a lazy test needs (any of them); empty when it says nothing. */
  hintsOfLazy(lazy: number): readonly number[];
}

export function triggerOf(plan: Plan, sources: TriggerSources, isPositive = true): Trigger | undefined {
  switch (plan.is) {
    case 'const':
      return undefined;
    case 'bit':
      return isPositive ? { bits: [plan.bit], cost: sources.costOfBit(plan.bit) } : undefined;
    case 'lazy': {
      const bits = isPositive ? sources.hintsOfLazy(plan.lazy) : [];
      return bits.length === 0 ? undefined : { bits, cost: bits.reduce((sum, bit) => sum + sources.costOfBit(bit), 0) };
    }
    case 'not':
      return triggerOf(plan.of, sources, !isPositive);
    case 'and':
    case 'or': {
      const each = plan.of.map((child) => triggerOf(child, sources, isPositive));
      return (plan.is === 'and') === isPositive ? cheapest(each) : union(each);
    }
    default:
      return unreachable(plan);
  }
}

function cheapest(each: readonly (Trigger | undefined)[]): Trigger | undefined {
  return each.reduce((best, one) => (one && (!best || one.cost < best.cost) ? one : best), undefined);
}

function union(each: readonly (Trigger | undefined)[]): Trigger | undefined {
  const bits = new Set<number>();
  let cost = 0;
  for (const one of each) {
    if (!one) return undefined;
    for (const bit of one.bits) bits.add(bit);
    cost += one.cost;
  }
  return { bits: [...bits], cost };
}

/** Texts that most events of their kind hold, whatever their length. */
const common = new Set([
  'c:\\windows\\',
  'c:\\windows\\system32\\',
  '\\windows\\',
  '\\system32\\',
  'c:\\program files\\',
  'c:\\program files (x86)\\',
  'c:\\users\\',
  '\\users\\',
  '.exe',
  '.dll',
  '\\svchost.exe',
  '\\cmd.exe',
  '\\powershell.exe',
  '\\explorer.exe',
  'http',
  'https',
  'true',
  'false',
  'microsoft',
  'system',
  'root',
  'get',
  'post',
  '200',
  'tcp',
  'udp',
  '/usr/bin/',
  '/bin/',
  '/usr/',
  '/var/',
  'hklm\\',
  'software\\microsoft\\windows',
  'nt authority\\system',
  'success',
  'failure',
  'failed',
  'com',
]);

/** Chance of being seen, from length and place alone; a list of common texts stands in for live counts. */
export function costOfLiteral({ text, atStart, atEnd }: Literal): number {
  if (common.has(text)) return 0.5;
  const base = atStart && atEnd ? 0.02 : atStart || atEnd ? 0.05 : 0.2;
  return base / 2 ** Math.min(text.length, 12);
}
