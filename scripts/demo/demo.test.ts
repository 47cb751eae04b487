// The demo as a newcomer runs it, with everything real: told twice in one folder, the second time with what the first left.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const script = join(import.meta.dirname, '..', 'demo.ts');
const folder = mkdtempSync(join(tmpdir(), 'atalaia-demo-'));
const data = join(folder, 'data');
const demoMsMax = 120_000;

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe('the demo, told once', { timeout: demoMsMax }, () => {
  let first: Ended;
  beforeAll(async () => {
    first = await demo('--data', data, '--once', '--seconds', '4');
  }, demoMsMax);

  test('everything that was expected has happened, and nothing else was raised', () => {
    expect(first.stderr).toBe('');
    expect(first.status).toBe(0);
    expect(first.stdout).not.toContain('Missing');
    expect(first.stdout).toContain('  9 alerts\n');
    for (const alert of [
      /medium {3}Port scan \(203\.0\.113\.\d+\), 24 times/,
      /low {6}Web scanner by its own name \(203\.0\.113\.\d+\), 10 times/,
      /medium {3}Cross-site scripting attempt \(203\.0\.113\.\d+\), 4 times/,
      /medium {3}SSH password guessing \(203\.0\.113\.\d+\), 12 times/,
      /high {5}SSH login succeeded after guessing \(203\.0\.113\.\d+\)/,
      /medium {3}Account created through sudo \(web1, deploy\), 2 times/,
      /high {5}New account uses sudo \(svc-backup\d+\)/,
      /high {5}Suricata alert of the highest severity \(DEMO Web shell upload, 203\.0\.113\.\d+\), once/,
      /high {5}Suricata alert of the highest severity \(DEMO Command channel to a known host, 203\.0\.113\.\d+\), once/,
    ])
      expect(first.stdout).toMatch(alert);
  });

  test('tickets are open for what is high, and each came as a webhook whose signature was verified', () => {
    expect(first.stdout).toContain('  4 tickets open\n');
    for (const number of ['INC-1', 'INC-2', 'INC-3', 'INC-4']) expect(first.stdout).toMatch(new RegExp(`${number} .* \\[new\\]`));
    expect(first.stdout).toContain('  4 webhooks received, each signature verified\n');
    expect(first.stdout.match(/msg_[0-9a-f]{32} alert\.opened: /g)).toHaveLength(4);
  });

  test('it says where to look and where the password is, which it does not print into a pipe', () => {
    for (const page of ['/alerts', '/tickets/', '/events?q=203.0.113.', '/webhooks']) expect(first.stdout).toContain(page);
    const file = join(data, 'hub', 'first-password');
    expect(first.stdout).toContain(`Sign in as admin with the password in ${file}`);
    expect(first.stdout).not.toContain(readFileSync(file, 'utf8').trim());
  });

  test('told again in the same folder it keeps what is there, and the same receiver gets new messages', async () => {
    const second = await demo('--data', data, '--once', '--seconds', '3');

    expect(second.status, second.stdout + second.stderr).toBe(0);
    expect(second.stdout).toContain('  9 alerts\n');
    expect(second.stdout).toContain('  4 tickets open\n');
    expect(second.stdout).toMatch(/INC-8 .* \[new\]/);
    expect(second.stdout).toContain('  4 webhooks received, each signature verified\n');
  });
});

test('a folder that the demo did not make is not removed, also when it is told to begin anew', async () => {
  writeFileSync(join(folder, 'keep.txt'), 'mine');

  const ended = await demo('--data', folder, '--fresh', '--once');

  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain('was not made by the demo');
  expect(existsSync(join(folder, 'keep.txt'))).toBe(true);
});

test('a wrong option says what would be right', async () => {
  const ended = await demo('--seconds', 'soon');

  expect(ended.status).toBe(2);
  expect(ended.stderr).toContain('--seconds soon: expected a number from 1 to 720');
});
