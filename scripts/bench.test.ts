// The bench as its caller meets it: it starts, carries a tiny load to its end and prints what its contract says. Nothing is
// timed here: figures of such a load mean nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { figureNames } from './bench/result-table.ts';

interface Ran {
  readonly code: number;
  readonly table: string;
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atl-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function bench(...args: string[]): Promise<Ran> {
  const json = join(folder, 'results.jsonl');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bench.ts'), ...args, '--json', json, '--folder', folder]);
  let table = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (table += text));
  child.stderr.resume();
  const [code] = await once(child, 'close');
  const written = code === 0 ? readFileSync(json, 'utf8') : '';
  return { code: Number(code), table, results: written.split('\n').filter(Boolean).map(parsed) };
}

function parsed(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function expectContract({ code, table, results }: Ran, scenarios: readonly string[]): void {
  expect(code).toBe(0);
  expect(results.map(({ scenario }) => scenario)).toEqual(scenarios);
  for (const { scenario, notes, ...figures } of results) {
    expect(table).toContain(scenario);
    expect(typeof notes).toBe('string');
    expect(figureNames).toEqual(expect.arrayContaining(Object.keys(figures)));
    for (const figure of Object.values(figures)) expect(figure).toBeGreaterThan(0);
  }
  // The results alone: data folders are gone, and with them every process that used one.
  expect(readdirSync(folder)).toEqual(['results.jsonl']);
}

test('an agent sends a small file to a hub that acknowledges it, and its figures are told', { timeout: 60_000 }, async () => {
  const ran = await bench('agent.trim', '--mb', '1');

  expectContract(ran, ['agent.trim']);
});

test('an agent relays syslog, and what was lost is told', { timeout: 60_000 }, async () => {
  const ran = await bench('agent.syslog-udp', '--seconds', '1');

  expectContract(ran, ['agent.syslog-udp']);
  expect(ran.results[0]?.notes).toMatch(/^\d+ sent in .* lost \(.*counted by the agent as dropped: \{/);
});

test('a hub stores a small load, and its figures are told', { timeout: 90_000 }, async () => {
  const ran = await bench('hub.intake', '--events', '2000', '--agents', '2');

  expectContract(ran, ['hub.intake']);
  expect(ran.results[0]).toHaveProperty('bytes_per_event');
});

test('decoders and rules are measured alone', { timeout: 90_000 }, async () => {
  expectContract(await bench('decode', 'detect', '--events', '200'), ['decode.lines', 'detect.rules']);
});

test('a wrong call is answered with the usage, and nothing runs', async () => {
  expect(await bench('agnet')).toMatchObject({ code: 2, results: [] });
  expect(await bench('agent', '--mb', 'many')).toMatchObject({ code: 2, results: [] });
});
