import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadDecoders } from '../../config/decoders/load-decoders.ts';
import { compileRules } from '../detect/engine/ruleset.ts';
import { runRules } from './rules.ts';
import { isTestFile, readRuleFiles } from './rules/rule-files.ts';
import { runRuleTests } from './rules/test-rules.ts';

const shipped = fileURLToPath(new URL('../../config/rules', import.meta.url));
const { ruleset, refused } = compileRules(readRuleFiles(shipped));
const outcomes = runRuleTests(readRuleFiles(shipped, isTestFile), ruleset, loadDecoders());

test('every shipped rule loads and has its test file beside it', () => {
  const tested = new Set(readRuleFiles(shipped, isTestFile).map(({ file }) => file.replace('.test.yml', '.yml')));

  expect(refused).toEqual([]);
  expect(new Set(readRuleFiles(shipped).map(({ file }) => file))).toEqual(tested);
});

test.each(outcomes.map(({ file, name, ok, reason }) => [`${file}: ${name}`, { ok, reason }] as const))('%s', (_name, outcome) => {
  expect(outcome).toEqual({ ok: true, reason: '' });
});

async function answer(args: readonly string[], input: string): Promise<{ code: number; lines: unknown[] }> {
  let out = '';
  const output = new Writable({ write: (chunk: Buffer, _encoding, done) => ((out += chunk.toString()), done()) });
  const errors = new Writable({ write: (_chunk, _encoding, done) => done() });
  const code = await runRules(args, { input: Readable.from([input]), output, errors, nowMs: () => Date.UTC(2026, 10, 24) });
  return {
    code,
    lines: out
      .split('\n')
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line)),
  };
}

test('match names the line of a raw log that a rule found', async () => {
  const log = [
    'GET is no log line',
    '203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] "GET /get?file=../../etc/passwd HTTP/1.1" 200 5 "-" "curl/8"',
  ].join('\n');

  const { code, lines } = await answer(['match', '--rules', shipped, '--decode'], log);

  expect(code).toBe(0);
  expect(lines).toEqual([expect.objectContaining({ event: 1, title: 'Path traversal attempt', level: 'medium' })]);
});

test('replay gives one finding per correlation, with its group and count', async () => {
  const event = (second: number): string =>
    JSON.stringify({
      '@timestamp': `2026-11-24T10:00:${String(second).padStart(2, '0')}Z`,
      'event.action': 'ssh_login',
      'event.outcome': 'failure',
      'source.ip': '203.0.113.7',
    });

  const { lines } = await answer(['replay', '--rules', shipped], [0, 5, 10, 15, 20, 25, 30].map(event).join('\n'));

  expect(lines).toContainEqual(
    expect.objectContaining({
      title: 'SSH password guessing',
      group: { 'source.ip': '203.0.113.7' },
      count: 7,
      first: '2026-11-24T10:00:00.000Z',
    }),
  );
});

test('a wrong call says how to call', async () => {
  await expect(answer(['match'], '')).rejects.toThrow(/--rules DIR is missing; usage/);
});
