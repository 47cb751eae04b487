// What the tests of a policy gave, for people, as JSON lines and as JUnit's XML. Lines are shown as text that is safe on a
// terminal, cut to the surroundings of the first difference where they are long.
import type { Difference, ExpectedFate, Fate, TestOutcome } from '../run-policy-tests.ts';
import { printable, printableJson, printableText, utf8 } from './printable.ts';

export interface PlacedOutcome extends TestOutcome {
  /** file:line:column of a part of this test. */
  readonly placeOf: (parts: readonly (string | number)[]) => string;
}

const shownBefore = 40;
const shownAfter = 60;

export function asText(outcome: PlacedOutcome): string {
  const { isPassed, name, source, placeOf, records } = outcome;
  if (isPassed) return `ok      ${printableText(name)} (${source}, records: ${records})\n`;
  return `FAILED  ${printableText(name)} (${source})\n        ${placeOf([])}\n${failureText(outcome)}`;
}

export function asJson({ name, source, isPassed, records, differing, differences, placeOf }: PlacedOutcome): string {
  const told = differences.map(({ givenAt, expectAt, atMs, expected, got }) => ({
    ...(givenAt === undefined ? {} : { given: placeOf(['given', givenAt]), at: `${atMs}ms` }),
    ...(expectAt === undefined ? {} : { expect: placeOf(['expect', expectAt]) }),
    expected: fateJson(expected),
    got: fateJson(got),
  }));
  return `${printableJson({ name, source, ok: isPassed, place: placeOf([]), records, differing, differences: told })}\n`;
}

export function asJunit(file: string, outcomes: readonly PlacedOutcome[]): string {
  const failed = outcomes.filter(({ isPassed }) => !isPassed).length;
  const cases = outcomes.map((outcome) => {
    const { name, source, isPassed, placeOf } = outcome;
    const head = `    <testcase name="${xml(printableText(name))}" classname="${xml(source)}" file="${xml(file)}"`;
    if (isPassed) return `${head}/>\n`;
    return `${head}>\n      <failure message="${xml(placeOf([]))}">${xml(failureText(outcome))}</failure>\n    </testcase>\n`;
  });
  const counts = `tests="${outcomes.length}" failures="${failed}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts}>\n  <testsuite name="${xml(file)}" ${counts}>\n${cases.join('')}  </testsuite>\n</testsuites>\n`;
}

function failureText({ differences, differing, placeOf }: PlacedOutcome): string {
  const more = differing - differences.length;
  return differences.map((one) => differenceText(one, placeOf)).join('') + (more > 0 ? `        and ${more} more\n` : '');
}

function differenceText({ givenAt, atMs, expectAt, expected, got }: Difference, placeOf: PlacedOutcome['placeOf']): string {
  const given = givenAt === undefined ? 'nothing more was given' : `given at ${placeOf(['given', givenAt])}, read after ${atMs} ms`;
  const wanted = expectAt === undefined ? 'nothing more was expected' : `expected at ${placeOf(['expect', expectAt])}`;
  const isLaneAsked = expected?.is === 'shipped' && expected.lane !== undefined;
  const [left, right] = [fateText(expected, isLaneAsked), fateText(got, isLaneAsked)];
  const differsAt = commonLength(left, right);
  const from = Math.max(0, differsAt - shownBefore);
  const cut = (text: string): string => {
    const shown = text.slice(from, differsAt + shownAfter);
    return (from > 0 ? '…' : '') + shown + (from + shown.length < text.length ? '…' : '');
  };
  const isPointedAt = expected?.is === 'shipped' && got?.is === 'shipped';
  const pointer = ' '.repeat(differsAt - from + (from > 0 ? 1 : 0));
  return [
    `        ${wanted}; ${given}`,
    `          expected  ${cut(left)}`,
    `          got       ${cut(right)}`,
    ...(isPointedAt ? [`                    ${pointer}^`] : []),
    '',
  ].join('\n');
}

function fateText(fate: Fate | ExpectedFate | undefined, isLaneAsked: boolean): string {
  if (!fate) return '(nothing)';
  if (fate.is === 'dropped') return `(dropped: ${fate.reason})`;
  return `${printable(fate.line)}${isLaneAsked ? ` (lane ${fate.lane})` : ''}`;
}

function fateJson(fate: Fate | ExpectedFate | undefined): object | null {
  if (!fate) return null;
  if (fate.is === 'dropped') return { dropped: fate.reason };
  const text = utf8(fate.line);
  const lane = fate.lane === undefined ? {} : { lane: fate.lane };
  return text === undefined ? { lineBase64: fate.line.toString('base64'), ...lane } : { line: text, ...lane };
}

function commonLength(left: string, right: string): number {
  let at = 0;
  while (at < left.length && at < right.length && left[at] === right[at]) at++;
  return at;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
