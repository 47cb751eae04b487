import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { test as testCommand } from './test.ts';
import { called } from './testing/called.ts';
import { validate } from './validate.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-tests-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'policy.yaml');
  writeFileSync(path, text);
  return path;
}

const body = `kind: Policy
version: 1
sources: [{ id: shop, type: file, paths: ["/var/log/shop.log"] }]
trim: [{ source: shop, format: json, drop: [card] }]
tests:
  - name: cards stay
    given: ['{"user":"a","card":"4111"}']
    expect: ['{"user":"a"}']
`;
const failing = `${body}  - name: users stay
    given:
      - '{"user":"a"}'
    expect:
      - "{\\"user\\":\\"\\e[31mb\\"}"
`;

test('tests that pass are named and exit with 0', async () => {
  const answer = await called(testCommand, [file(body)]);

  expect(answer).toEqual({ code: 0, out: 'ok      cards stay (shop, records: 1)\n', err: '1 passed, 0 failed\n' });
});

test('a test that fails exits with 1 and shows both lines, where they part and where they stand', async () => {
  const { code, out, err } = await called(testCommand, [file(failing)]);

  expect([code, err]).toEqual([1, '1 passed, 1 failed\n']);
  expect(out.replaceAll(folder, '')).toBe(`ok      cards stay (shop, records: 1)
FAILED  users stay (shop)
        /policy.yaml:9:5
        expected at /policy.yaml:13:9; given at /policy.yaml:11:9, read after 0 ms
          expected  {"user":"\\x1b[31mb"}
          got       {"user":"a"}
                             ^
`);
});

test('a difference far inside a long line is shown with its surroundings', async () => {
  const long = 'x'.repeat(500);
  const text = `${body}  - { name: long, given: [${long}a${long}], expect: [${long}b${long}] }\n`;

  const { out } = await called(testCommand, [file(text)]);

  const widths = out.split('\n').map((line) => line.length);
  expect(Math.max(...widths)).toBeLessThan(150);
  const [expected = '', , pointer = ''] = out.split('\n').slice(-4);
  expect(expected[pointer.indexOf('^')]).toBe('b');
});

test('the policy in an agent.yaml is tested too, with places in that file', async () => {
  const config = `version: 1\npolicy:\n${failing.replaceAll(/^/gm, '  ')}`;

  const { code, out } = await called(testCommand, [file(config)]);

  expect(code).toBe(1);
  expect(out).toContain('expected at ' + join(folder, 'policy.yaml:15:11'));
});

test('--json gives one object per test, whose control characters are escaped', async () => {
  const { out } = await called(testCommand, [file(failing), '--json']);

  const told = out.trimEnd().split('\n');
  expect(told.map((line): unknown => JSON.parse(line))).toMatchObject([
    { name: 'cards stay', source: 'shop', ok: true, records: 1 },
    {
      ok: false,
      differences: [{ expected: { line: '{"user":"\u001b[31mb"}' }, got: { line: '{"user":"a"}', lane: 'normal' }, at: '0ms' }],
    },
  ]);
  expect(out).not.toContain('\u001b');
});

test('--junit gives XML that names file, tests and failures', async () => {
  const { out } = await called(testCommand, [file(failing.replace('users stay', 'a <b> & "c"')), '--junit']);

  expect(out).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites tests="2" failures="1">/);
  expect(out).toMatch(/<testcase name="cards stay" classname="shop" file="[^"]+"\/>/);
  expect(out).toMatch(
    /<testcase name="a &lt;b&gt; &amp; &quot;c&quot;" [^>]+>\n +<failure message="[^"]+policy.yaml:9:5">[^<]+<\/failure>/,
  );
});

describe('a wrong file or call is refused at its place', () => {
  test.each([
    [body.replace('cards stay', 'x\n    expected: []'), [], /policy.yaml:7:5: unknown key `tests\[0\].expected`; did you mean `expect`\?/],
    [`${body}  - { name: cards stay, given: [a], expect: [a] }\n`, [], /another test has this name/],
    [
      `${body}  - { name: b, given: [a, { line: b, at: 2s }, { line: c, at: 1s }], expect: [] }\n`,
      [],
      /`tests\[1\].given\[2\].at`: is before/,
    ],
    [`${body}  - { name: b, given: [{ line: b, at: soon }], expect: [] }\n`, [], /expected a duration such as 0s, 500ms/],
    [`${body}  - { name: b, source: shpo, given: [a], expect: [] }\n`, [], /there is no source shpo; did you mean shop\?/],
    [`${body}  - { name: b, given: [a], expect: [{ dropped: gone }] }\n`, [], /expected filtered or sampled or limited or collapsed/],
    [`${body}  - { name: b, given: [{ line: a, times: 10001 }], expect: [] }\n`, [], /expected at most 10000/],
    [body, ['--json', '--junit'], /two answers; choose one/],
  ])('%#', async (text, more, message) => {
    await expect(called(testCommand, [file(text), ...more])).rejects.toThrow(message);
  });
});

test('a file without tests passes and says so', async () => {
  const { code, err } = await called(testCommand, [file(body.slice(0, body.indexOf('tests:')))]);

  expect([code, err]).toEqual([0, `0 passed, 0 failed; ${join(folder, 'policy.yaml')} holds no \`tests\`\n`]);
});

test('validate says which tests fail and exits with 1', async () => {
  const good = await called(validate, [file(body)]);
  const bad = await called(validate, [file(failing)]);

  expect([good.code, JSON.parse(good.out)]).toMatchObject([0, { ok: true, tests: { count: 1, failed: [] } }]);
  expect([bad.code, JSON.parse(bad.out)]).toMatchObject([1, { ok: false, tests: { count: 2, failed: ['users stay'] } }]);
});
