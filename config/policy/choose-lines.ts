// The filter list of a policy as one decision per line of a source: kept, filtered, or dropped for a reason.
// The first drop or keep whose condition matches decides; sample, limit and collapse on the way drop a line or hand it on;
// without a match a line is kept.
// Promises: sample answers the same whenever the same line is read, in any process; limit and collapse count from the time of
// reading in memory of a fixed size, begin anew with each start and when that memory is short let more lines pass, never
// fewer (filter/DECISION-exactly-once.md). Nothing is allocated per line.
import { parseDuration } from '../quantities.ts';
import { compileCondition, type Condition } from './conditions/compile-condition.ts';
import { type LineTest, LineView } from './conditions/line-view.ts';
import { type FilterRule, kindOf } from './filter-rules.ts';
import { KeyTable } from './filter/key-table.ts';
import { LineHash } from './filter/line-hash.ts';
import { LineKey } from './filter/line-key.ts';

/** What becomes of a line: its place in this list. The first is kept, `filtered` counts as such, the others by reason. */
export const verdicts = ['kept', 'filtered', 'sampled', 'limited', 'collapsed'] as const;
export const kept = 0;
export const filtered = 1;
const sampled = 2;
const limited = 3;
const collapsed = 4;
/** A rule that does not decide. */
const goesOn = -1;

/** A place in `verdicts`. */
export type ChooseLine = (bytes: Buffer, start: number, end: number, readAtMs: number) => number;

type Step = (line: LineView, readAtMs: number) => number;

/**
 * Undefined when every line of the source is kept. `key`: 8 random bytes, kept for as long as this process runs, against
 * lines that are made to be taken for one another.
 */
export function chooseLines(rules: readonly FilterRule[], sourceId: string, key: Uint8Array): ChooseLine | undefined {
  const own = rules.filter((rule) => (kindOf(rule).source ?? sourceId) === sourceId);
  if (own.every((rule) => kindOf(rule).kind === 'keep')) return undefined;
  const steps = own.map((rule) => stepOf(rule, key));
  const line = new LineView();
  return (bytes, start, end, readAtMs) => {
    line.show(bytes, start, end);
    for (let i = 0; i < steps.length; i++) {
      const verdict = steps[i]?.(line, readAtMs) ?? goesOn;
      if (verdict >= 0) return verdict;
    }
    return kept;
  };
}

function stepOf(rule: FilterRule, key: Uint8Array): Step {
  if ('drop' in rule) return deciding(rule.drop.where, filtered);
  if ('keep' in rule) return deciding(rule.keep.where, kept);
  if ('sample' in rule) return sampling(rule.sample);
  if ('limit' in rule) {
    // Without `by` all lines share one limit: lines of one empty list of values.
    const { where, by = [], lines, per } = rule.limit;
    return counting({ where, by, intervalMs: parseDuration(per) ?? 0, linesMax: lines, verdict: limited }, key);
  }
  const { where, by, within } = rule.collapse;
  return counting({ where, by, intervalMs: parseDuration(within) ?? 0, linesMax: 1, verdict: collapsed }, key);
}

function compiled(condition: Condition | undefined): LineTest {
  if (condition === undefined) return () => true;
  const result = compileCondition(condition);
  if (!result.ok) throw new Error(`broken invariant: a checked condition does not compile: ${result.reason}`);
  return result.matches;
}

function deciding(where: Condition, verdict: number): Step {
  const matches = compiled(where);
  return (line) => (matches(line) ? verdict : goesOn);
}

interface Alike {
  readonly where?: Condition | undefined;
  readonly by?: readonly string[] | undefined;
}

/** The same for everyone and for ever: a line that is read again must get the same answer. */
const sampleKey = Buffer.from('atalaia1');

function sampling({
  where,
  by,
  oneIn,
  percent,
}: Alike & { readonly oneIn?: number | undefined; readonly percent?: number | undefined }): Step {
  const matches = compiled(where);
  const key = new LineKey(by, new LineHash(sampleKey));
  const share = oneIn === undefined ? (percent ?? 0) / 100 : 1 / oneIn;
  const below = share * 2 ** 32;
  return (line) => (!matches(line) || key.of(line).low < below ? goesOn : sampled);
}

interface Counting extends Alike {
  readonly intervalMs: number;
  /** More than these of one key within the interval are dropped. */
  readonly linesMax: number;
  readonly verdict: number;
}

function counting({ where, by, intervalMs, linesMax, verdict }: Counting, random: Uint8Array): Step {
  const matches = compiled(where);
  const key = new LineKey(by, new LineHash(random));
  const table = new KeyTable();
  return (line, readAtMs) => {
    if (!matches(line)) return goesOn;
    return table.count(key.of(line), readAtMs, intervalMs) > linesMax ? verdict : goesOn;
  };
}
