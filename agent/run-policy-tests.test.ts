// What a policy's tests find, on policies as people write them.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseYaml } from '../config/load-yaml.ts';
import { hashPolicy } from '../config/policy/hash-policy.ts';
import { policySchema, type Policy } from '../config/policy/policy.ts';
import { createLineKeeper } from './filter/keep-lines.ts';
import { LineBuffers } from './inputs/line-buffers.ts';
import { linesAsBlock } from './lines-as-block.ts';
import { runPolicyTests } from './run-policy-tests.ts';

const file = (id: string, more: object = {}): object => ({ id, type: 'file', paths: [`/var/log/${id}.log`], ...more });

function policy(parts: object, tests: readonly object[]): Policy {
  return policySchema.parse({ kind: 'Policy', version: 1, sources: [file('web')], ...parts, tests });
}

function verdict(parts: object, given: readonly unknown[], expected: readonly unknown[]): unknown {
  const [outcome] = runPolicyTests(policy(parts, [{ name: 'a test', given, expect: expected }]));
  return outcome?.isPassed === true || outcome?.differences.map(({ expectAt, givenAt, got }) => [expectAt, givenAt, got?.is]);
}

test.each<[name: string, parts: object, given: unknown[], expected: unknown[]]>([
  ['a line that nothing touches is shipped as it is', {}, ['GET /'], ['GET /']],
  ['what a drop matches goes', { filter: [{ drop: { where: { text: '*health*' } } }] }, ['/health'], [{ dropped: 'filtered' }]],
  ['trims splice', { trim: [{ source: 'web', format: 'json', drop: ['a'] }] }, ['{"a":1, "b":2}'], ['{"b":2}']],
  [
    'a limit goes by the times of the test',
    { filter: [{ limit: { lines: 1, per: '10s' } }] },
    ['a', { line: 'b', at: '9999ms' }, { line: 'c', at: '10s' }],
    ['a', { dropped: 'limited' }, 'c'],
  ],
  [
    'repeats collapse',
    { filter: [{ collapse: { within: '1m' } }] },
    [
      { line: 'same', times: 3, every: '29s' },
      { line: 'same', at: '60s' },
    ],
    ['same', { dropped: 'collapsed', times: 2 }, 'same'],
  ],
  [
    'a line that follows a repeated one is read when the last of them was',
    { filter: [{ limit: { lines: 1, per: '10s' } }] },
    [{ line: 'a', times: 2, every: '10s' }, 'b'],
    ['a', 'a', { dropped: 'limited' }],
  ],
  ['lines of one record are joined', joined(), ['1 a\n at b\n2 c'], ['1 a\n at b', '2 c']],
  ['the line feed that ends a block of text is no line', joined(), ['1 a\n at b\n'], ['1 a\n at b\n']],
  ['carriage returns go as in a file', {}, ['a\r\nb\r\n'], ['a', 'b']],
  ['silence ends a record', joined(), ['1 a', { line: ' b', at: '1s' }, { line: ' c', at: '3s' }], ['1 a\n b', ' c']],
  [
    'the records of a file are cut as the agent cuts them',
    joined({ maxLines: 2 }),
    ['1 a', { line: ' b', times: 4 }],
    ['1 a\n b', ' b\n b', ' b'],
  ],
  ['a line feed within a message of the journal stays', { sources: [{ id: 'web', type: 'journald' }] }, ['a\nb'], ['a\nb']],
  ['a lane may be asked for', { sources: [file('web', { lane: 'first' })] }, ['a'], [{ line: 'a', lane: 'first' }]],
  [
    'what `first` matches travels first, by what it is before the trim',
    { first: [{ where: { card: '*' } }], trim: [{ source: 'web', format: 'json', drop: ['card'] }] },
    ['{"card":1,"a":2}', '{"a":2}'],
    [
      { line: '{"a":2}', lane: 'first' },
      { line: '{"a":2}', lane: 'normal' },
    ],
  ],
  [
    'pseudonyms are made with the key of tests',
    { trim: [{ source: 'web', format: 'key-value', pseudonymise: { fields: ['user'], keyFile: '/nowhere/at/all', length: 16 } }] },
    ['user=root'],
    [`user=${createHmac('sha256', 'atalaia policy tests use this key').update('root').digest('hex').slice(0, 16)}`],
  ],
])('%s', (...[, parts, given, expected]) => {
  expect(verdict(parts, given, expected)).toBe(true);
});

function joined(more: object = {}): object {
  return { sources: [file('web', { multiline: { start: '^\\d', timeout: '2s', ...more } })] };
}

test.each<[name: string, given: unknown[], expected: unknown[], differences: unknown[]]>([
  ['another line', ['a', 'b'], ['a', 'c'], [[1, 1, 'shipped']]],
  ['a line too many', ['a', 'b'], ['a'], [[undefined, 1, 'shipped']]],
  ['a line too few', ['a'], ['a', 'b'], [[1, undefined, undefined]]],
  ['shipped though a drop was expected', ['a'], [{ dropped: 'filtered' }], [[0, 0, 'shipped']]],
  ['dropped for another reason', ['dup', 'dup'], ['dup', { dropped: 'filtered' }], [[1, 1, 'dropped']]],
  ['dropped though it was expected', ['dup', 'dup'], ['dup', 'dup'], [[1, 1, 'dropped']]],
  ['another lane', ['a'], [{ line: 'a', lane: 'first' }], [[0, 0, 'shipped']]],
  ['a blank at the end', ['a '], ['a'], [[0, 0, 'shipped']]],
])('a test fails on %s and says where', (...[, given, expected, differences]) => {
  const parts = { filter: [{ collapse: { where: { text: 'dup' }, within: '1h' } }] };

  expect(verdict(parts, given, expected)).toEqual(differences);
});

test('every test begins anew: what one counted does not limit the next', () => {
  const parts = { filter: [{ limit: { lines: 1, per: '1h' } }] };
  const two = ['one', 'two'].map((name) => ({ name, given: ['a', 'a'], expect: ['a', { dropped: 'limited' }] }));

  expect(runPolicyTests(policy(parts, two)).map(({ isPassed }) => isPassed)).toEqual([true, true]);
});

test('tests are no part of what is in force: the hash does not know them', () => {
  const bare = policy({}, []);
  const tested = policy({}, [{ name: 'a test', given: ['a'], expect: ['b'] }]);

  expect(hashPolicy(tested)).toEqual(hashPolicy(bare));
});

test('what a test passes is what a running agent ships, for any lines', () => {
  const parts = {
    filter: [{ drop: { where: { text: '*x*' } } }, { collapse: { within: '1h', by: ['k'] } }],
    trim: [{ source: 'web', format: 'key-value', drop: ['secret'] }],
  };
  const line = fc.stringMatching(/^(k=[ab]|secret=[a-z]{1,3}|x|free text)( [a-z]{1,4}=[0-9])?$/);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (lines) => {
      const buffers = new LineBuffers();
      buffers.growTo(buffers.bytes.write(lines.map((one) => `${one}\n`).join('')));
      buffers.split(0, Buffer.byteLength(lines.join('\n')) + 1);
      const { count, bytes, starts, ends } = createLineKeeper(policy(parts, []), 'web').keep(linesAsBlock(buffers, 0));
      const shipped = Array.from({ length: count }, (_, i) => bytes.toString('utf8', starts[i], ends[i]));
      const [outcome] = runPolicyTests(policy(parts, [{ name: 't', given: lines, expect: [] }]));
      const all = runPolicyTests(policy(parts, [{ name: 't', given: lines, expect: lines.map(() => '\0') }]))[0]?.differences ?? [];
      const got = all.flatMap(({ got }) => (got?.is === 'shipped' ? [got.line.toString()] : []));

      expect(outcome?.records).toBe(lines.length);
      expect(got).toEqual(shipped);
    }),
  );
});

test('the example in the shipped agent.yaml passes under the examples above it', () => {
  const text = readFileSync(new URL('../config/agent.yaml', import.meta.url), 'utf8');
  const head = text.slice(text.indexOf('\n    - id: system\n'), text.indexOf('\n    # Lines that belong together'));
  const rules = text
    .slice(text.search(/^ {2}filter:/m))
    .replaceAll(': []\n  #', ':\n  #')
    .replaceAll(/^ {2}# {2}/gm, '    ');

  const shipped = parseYaml(`kind: Policy\nversion: 1\nsources:${head}\n${rules.replaceAll(/^ {2}/gm, '')}`, policySchema, 'agent.yaml');

  expect(runPolicyTests(shipped)).toMatchObject([{ isPassed: true, records: 4 }]);
});
