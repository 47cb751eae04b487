import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from '../../ports.ts';
import type { WorkerFinding } from '../../work.ts';
import { compileRules } from '../engine/ruleset.ts';
import type { Ruleset } from '../engine/ruleset.ts';
import { Correlator } from './correlator.ts';
import type { AppliedWrite } from './correlator.ts';

const base = (name: string): string =>
  `title: ${name}\nname: ${name}\nid: ${ids[name] ?? ''}\nlogsource: { product: linux }\ndetection: { s: { F: ${name} }, condition: s }`;
const ids: Readonly<Record<string, string>> = { fail: '00000000-0000-0000-0000-0000000000f1', ok: '00000000-0000-0000-0000-0000000000f2' };
const correlation = (title: string, type: string, rules: string, condition: string): string =>
  `title: ${title}\nname: ${title}\ncorrelation: { type: ${type}, rules: [${rules}], group-by: [source.ip], timespan: 1m${condition === '' ? '' : `, condition: { ${condition} }`} }`;

const text = [
  base('fail'),
  base('ok'),
  correlation('count', 'event_count', 'fail', 'gte: 3'),
  correlation('values', 'value_count', 'fail', 'gte: 3, field: user.name'),
  correlation('silence', 'event_count', 'ok', 'lt: 1'),
  correlation('chain', 'temporal_ordered', 'count, ok', ''),
].join('\n---\n');

function rules(): Ruleset {
  const { ruleset, refused } = compileRules([{ file: 'a.yml', text }]);
  expect(refused).toEqual([]);
  return ruleset;
}

interface Happened {
  readonly rule: string;
  readonly atS: number;
  readonly ip?: string;
  readonly user?: string;
}

let serial = 0;
function finding({ rule, atS, ip = '203.0.113.7', user = 'root' }: Happened): WorkerFinding {
  const fields = { ...(ip === '' ? {} : { 'source.ip': ip }), 'user.name': user };
  return {
    ruleId: ids[rule] ?? '',
    ruleVersion: '1',
    title: rule,
    level: 'low',
    tags: [],
    alerts: false,
    group: [],
    agentId: 'a',
    sourceId: 's',
    eventId: `e${serial++}`,
    timeMs: atS * 1_000,
    raw: rule,
    fields,
  };
}

/** One write per event. */
function writes(happened: readonly Happened[]): AppliedWrite[] {
  return happened.map((one, at) => ({ write: at + 1, committedAtMs: 10_000_000, findings: [finding(one)], maxTimeMs: one.atS * 1_000 }));
}

function titles(found: readonly Finding[]): string[] {
  return found.map(({ title }) => title);
}

const fails = (...times: number[]): Happened[] => times.map((atS) => ({ rule: 'fail', atS }));

const onlyCount = [base('fail'), correlation('count', 'event_count', 'fail', 'gte: 3')].join('\n---\n');

test('a count fires when it is reached within the window, and not when it is spread wider', () => {
  const run = (...times: number[]): string[] => {
    const correlator = new Correlator(compileRules([{ file: 'a.yml', text: onlyCount }]).ruleset);
    return writes(fails(...times)).flatMap((one) => titles(correlator.apply(one)));
  };

  expect(run(100, 120, 159)).toEqual(['count']);
  expect(run(100, 130, 161)).toEqual([]);
  expect(run(159, 100, 120)).toEqual(['count']);
});

test('a rule that only a chain reads raises no alert of its own', () => {
  const correlator = new Correlator(rules());

  expect(writes(fails(100, 120, 159)).flatMap((one) => titles(correlator.apply(one)))).toEqual([]);
});

test('an attack that goes on is one finding that grows', () => {
  const { ruleset } = compileRules([
    { file: 'a.yml', text: [base('fail'), correlation('count', 'event_count', 'fail', 'gte: 3')].join('\n---\n') },
  ]);
  const correlator = new Correlator(ruleset);

  const found = writes(fails(100, 110, 120, 130)).flatMap((one) => correlator.apply(one));

  expect(found.map(({ count, firstMs, lastMs }) => [count, firstMs, lastMs])).toEqual([
    [3, 100_000, 120_000],
    [1, 130_000, 130_000],
  ]);
  expect(new Set(found.map(({ id }) => id)).size).toBe(1);
  expect(found[0]?.group).toEqual([{ field: 'source.ip', value: '203.0.113.7' }]);
});

test('distinct values count once each', () => {
  const correlator = new Correlator(rules());
  const users = (...names: string[]): Happened[] => names.map((user, at) => ({ rule: 'fail', atS: 100 + at, user }));

  expect(writes(users('a', 'b', 'a', 'b')).flatMap((one) => titles(correlator.apply(one)))).not.toContain('values');
  expect(
    titles(
      correlator.apply({
        write: 9,
        committedAtMs: 10_000_000,
        findings: [finding({ rule: 'fail', atS: 105, user: 'c' })],
        maxTimeMs: 105_000,
      }),
    ),
  ).toContain('values');
});

test('events without the group are counted and left out', () => {
  const correlator = new Correlator(rules());

  const found = writes([100, 101, 102].map((atS) => ({ rule: 'fail', atS, ip: '' }))).flatMap((one) => correlator.apply(one));

  expect(found).toEqual([]);
  expect(correlator.figures().withoutGroup).toBeGreaterThan(0);
});

test('order matters: guessing and then success is told, success and then guessing is not', () => {
  const right = new Correlator(rules());
  const wrong = new Correlator(rules());

  expect(writes([...fails(100, 101, 102), { rule: 'ok', atS: 103 }]).flatMap((one) => titles(right.apply(one)))).toContain('chain');
  expect(writes([{ rule: 'ok', atS: 99 }, ...fails(100, 101, 102)]).flatMap((one) => titles(wrong.apply(one)))).not.toContain('chain');
});

test('silence is told once, when nothing comes and the clock goes on', () => {
  const correlator = new Correlator(rules());
  correlator.apply({ write: 1, committedAtMs: 100_000, findings: [finding({ rule: 'ok', atS: 100 })], maxTimeMs: 100_000 });

  expect(titles(correlator.tick(150_000))).toEqual([]);
  expect(titles(correlator.tick(300_000))).toEqual(['silence']);
  expect(titles(correlator.tick(900_000))).toEqual([]);
});

test('one host with its clock in the future closes nobody’s windows', () => {
  const correlator = new Correlator(rules());
  correlator.apply({ write: 1, committedAtMs: 100_000, findings: [finding({ rule: 'ok', atS: 100 })], maxTimeMs: 100_000 });

  const found = correlator.apply({ write: 2, committedAtMs: 101_000, findings: [], maxTimeMs: 99_999_000 });

  expect(titles(found)).toEqual([]);
});

test('an agent that was away is correlated like any other', () => {
  const { ruleset } = compileRules([
    { file: 'a.yml', text: [base('fail'), correlation('count', 'event_count', 'fail', 'gte: 3')].join('\n---\n') },
  ]);
  const correlator = new Correlator(ruleset);
  correlator.apply({ write: 1, committedAtMs: 90_000_000, findings: [], maxTimeMs: 90_000_000 });

  const found = fails(100, 110, 120).flatMap((one, at) =>
    correlator.apply({ write: at + 2, committedAtMs: 90_000_100 + at, findings: [finding(one)], maxTimeMs: 90_000_000 }),
  );

  expect(titles(found)).toEqual(['count']);
});

test('a crash at any point, restored and replayed, gives the same findings with the same ids', () => {
  const happened = fc.record({
    rule: fc.constantFrom('fail', 'ok'),
    atS: fc.integer({ min: 100, max: 900 }),
    ip: fc.constantFrom('203.0.113.7', '203.0.113.8'),
    user: fc.constantFrom('a', 'b', 'c', 'd'),
  });
  fc.assert(
    fc.property(fc.array(happened, { minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(), (all, snapshotAt, crashAt) => {
      const plan = writes(all);
      const snapshotIndex = snapshotAt % plan.length;
      const crashIndex = snapshotIndex + (crashAt % (plan.length - snapshotIndex + 1));
      const whole = new Correlator(rules());
      const expected = plan.map((one) => whole.apply(one));

      const first = new Correlator(rules());
      for (const one of plan.slice(0, snapshotIndex)) first.apply(one);
      const bytes = first.snapshot();
      for (const one of plan.slice(snapshotIndex, crashIndex)) first.apply(one);
      const second = new Correlator(rules());
      expect(second.restore(bytes)).toEqual([]);

      expect(plan.slice(snapshotIndex).map((one) => second.apply(one))).toEqual(expected.slice(snapshotIndex));
    }),
    { numRuns: 60 },
  );
});

test('an attack that goes on for hours is held as one episode, not as its events', () => {
  const correlator = new Correlator(compileRules([{ file: 'a.yml', text: onlyCount }]).ruleset);

  const found = writes(fails(...Array.from({ length: 5_000 }, (_, at) => 100 + at))).flatMap((write) => correlator.apply(write));

  expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
  expect(new Set(found.map(({ id }) => id)).size).toBe(1);
  expect(correlator.figures()).toMatchObject({ groups: 1, entries: 0, entriesEvicted: 0 });
});

test('a source that is heard of all day is held as the last that was heard', () => {
  const text = [base('ok'), correlation('silence', 'event_count', 'ok', 'lt: 1').replace('1m', '1d')].join('\n---\n');
  const correlator = new Correlator(compileRules([{ file: 'a.yml', text }]).ruleset);

  for (const write of writes(Array.from({ length: 5_000 }, (_, at) => ({ rule: 'ok', atS: 100 + at })))) correlator.apply(write);
  const held = correlator.figures();
  const silent = correlator.tick(200_000_000);

  expect(held).toMatchObject({ groups: 1, entries: 1 });
  expect(silent.map(({ firstMs }) => firstMs)).toEqual([5_099_000]);
});

test('logins that wait for guessing to be told late are the latest of their address', () => {
  const text = [base('fail'), base('ok'), correlation('chain', 'temporal_ordered', 'fail, ok', '')].join('\n---\n');
  const correlator = new Correlator(compileRules([{ file: 'a.yml', text }]).ruleset);
  const logins = Array.from({ length: 100 }, (_, at): Happened => ({ rule: 'ok', atS: 100 + at / 10 }));

  for (const write of writes(logins)) correlator.apply(write);
  const held = correlator.figures();
  const found = correlator.apply({ ...writes([{ rule: 'fail', atS: 109 }])[0]!, write: 101 });

  expect(held).toMatchObject({ entries: 64, entriesEvicted: 36 });
  expect(titles(found)).toEqual(['chain']);
});

test('a damaged snapshot is refused with its code', () => {
  expect(() => new Correlator(rules()).restore(new Uint8Array([1, 2, 3]))).toThrow(
    expect.objectContaining({ code: 'SNAPSHOT_UNREADABLE' }),
  );
});
