// Runs the tests of a policy with what the policy compiles to: the joiner, filter and trim of a running agent.
// Promises: every test begins with empty limits and collapses, at a clock that the test alone moves; nothing is read from
// or written to this host: key files are taken as holding `testKey`, so that a pseudonym is the same everywhere and a test
// holds no secret. Records are compared one by one, in order, byte for byte.
import { compileFirst, firstConditions } from '../config/policy/first-rules.ts';
import type { Policy } from '../config/policy/policy.ts';
import type { PolicyTest } from '../config/policy/policy-tests.ts';
import type { Source } from '../config/policy/sources/sources.ts';
import type { LaneName } from '../proto/delivery.ts';
import { createLineKeeper } from './filter/keep-lines.ts';
import { givenRecords, testBeginsMs, withoutEnd, type GivenRecords } from './given-records.ts';
import type { LineBlock } from './ports.ts';

/** What became of a record. */
export type Fate =
  | { readonly is: 'shipped'; readonly line: Buffer; readonly lane: LaneName }
  | { readonly is: 'dropped'; readonly reason: string };

export type ExpectedFate =
  | { readonly is: 'shipped'; readonly line: Buffer; readonly lane: LaneName | undefined }
  | { readonly is: 'dropped'; readonly reason: string };

export interface Difference {
  /** Where in `given` the record begins; undefined when nothing more was given. */
  readonly givenAt: number | undefined;
  /** When it was read, since the first line. */
  readonly atMs: number | undefined;
  /** Where in `expect` this was expected; undefined when nothing more was. */
  readonly expectAt: number | undefined;
  readonly expected: ExpectedFate | undefined;
  readonly got: Fate | undefined;
}

export interface TestOutcome {
  readonly name: string;
  readonly source: string;
  readonly isPassed: boolean;
  readonly records: number;
  /** The first ones; `differing` counts all. */
  readonly differences: readonly Difference[];
  readonly differing: number;
}

const differencesMax = 20;

/** At least as long as a key file has to be. */
const testKey = 'atalaia policy tests use this key';

export function runPolicyTests(policy: Policy): TestOutcome[] {
  return policy.tests.map((test) => runTest(policy, test));
}

function runTest(policy: Policy, test: PolicyTest): TestOutcome {
  const source = policy.sources.find(({ id }) => id === (test.source ?? policy.sources[0]?.id));
  if (!source) throw new Error(`broken invariant: a checked test names source ${test.source}`);
  const expected = expectations(test);
  const differences: Difference[] = [];
  let differing = 0;
  let records = 0;
  const compare = (difference: Difference): void => {
    if (isMet(difference)) return;
    differing += 1;
    if (differences.length < differencesMax) differences.push(difference);
  };
  for (const { fate, givenAt, atMs } of fates(policy, test, source)) {
    records += 1;
    compare({ givenAt, atMs, got: fate, ...nextOf(expected) });
  }
  for (let left = nextOf(expected); left.expected; left = nextOf(expected))
    compare({ givenAt: undefined, atMs: undefined, got: undefined, ...left });
  return { name: test.name, source: source.id, isPassed: differing === 0, records, differences, differing };
}

interface Became {
  readonly fate: Fate;
  readonly givenAt: number;
  readonly atMs: number;
}

function* fates(policy: Policy, test: PolicyTest, source: Source): Generator<Became> {
  const keeper = createLineKeeper(policy, source.id, () => Buffer.from(testKey));
  // By what a line is before filter and trim, as line-sorter.ts does it.
  const travelsFirst = compileFirst(firstConditions(policy.first, source.id));
  const laneOf = ({ bytes, starts, ends }: LineBlock, record: number): LaneName =>
    travelsFirst(bytes, starts[record] ?? 0, ends[record] ?? 0) ? 'first' : source.lane;
  for (const given of givenRecords(test, source)) {
    const { block } = given;
    const kept = keeper.keep(block);
    for (let record = 0, next = 0; record < block.count; record++) {
      const at = placeOf(given, record);
      if (next < kept.count && kept.indexes[next] === record) {
        const line = Buffer.from(kept.bytes.subarray(kept.starts[next], kept.ends[next]));
        yield { ...at, fate: { is: 'shipped', line, lane: laneOf(block, record) } };
        next += 1;
      } else {
        const [reason = 'filtered'] = Object.keys(kept.droppedBetween?.(record, record + 1) ?? {});
        yield { ...at, fate: { is: 'dropped', reason } };
      }
    }
  }
}

function placeOf({ block, givenAt }: GivenRecords, record: number): Pick<Became, 'givenAt' | 'atMs'> {
  return { givenAt: givenAt[record] ?? 0, atMs: block.readAtMs - testBeginsMs };
}

interface Expectation {
  readonly expectAt: number;
  readonly expected: ExpectedFate;
}

function nextOf(expected: Iterator<Expectation, undefined>): Expectation | { readonly expectAt: undefined; readonly expected: undefined } {
  return expected.next().value ?? { expectAt: undefined, expected: undefined };
}

function* expectations({ expect }: PolicyTest): Generator<Expectation, undefined> {
  for (const [expectAt, entry] of expect.entries()) {
    const expected = expectedFate(entry);
    const times = typeof entry === 'string' ? 1 : entry.times;
    for (let i = 0; i < times; i++) yield { expectAt, expected };
  }
  return undefined;
}

function expectedFate(entry: PolicyTest['expect'][number]): ExpectedFate {
  if (typeof entry === 'string') return { is: 'shipped', line: Buffer.from(withoutEnd(entry)), lane: undefined };
  if ('dropped' in entry) return { is: 'dropped', reason: entry.dropped };
  return { is: 'shipped', line: Buffer.from(withoutEnd(entry.line)), lane: entry.lane };
}

function isMet({ expected, got }: Difference): boolean {
  if (expected?.is === 'dropped') return got?.is === 'dropped' && got.reason === expected.reason;
  if (expected?.is !== 'shipped' || got?.is !== 'shipped') return false;
  return expected.line.equals(got.line) && (expected.lane ?? got.lane) === got.lane;
}
