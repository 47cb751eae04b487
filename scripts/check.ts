// Everything that has to be true before a change is shared: format, lint, types, import rules, nothing unused, names of
// files in the documents, tests. Each step says how to mend what it found. The last line counts tests and steps:
// `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkImports } from './import-rules.ts';

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = join(import.meta.dirname, '..');
const sourceFiles = listFiles().filter(
  (file) => /^(agent|hub|proto|config|scripts)\/.*\.tsx?$/.test(file) && !file.startsWith('proto/generated/'),
);

const steps: readonly (readonly [name: string, run: () => Outcome])[] = [
  ['format', () => command('oxfmt', ['--check', '.'], 'run: npm run format')],
  ['lint', () => command('oxlint', ['--type-aware', '--quiet'], 'mend what is listed')],
  ['types', () => command('tsc', ['--noEmit'], 'mend what is listed')],
  ['imports', () => checkEveryImport()],
  ['unused', () => command('knip', ['--no-progress', '--no-config-hints'], 'remove what is listed, or say in knip.jsonc why it stands')],
  ['documents', () => checkDocuments()],
  ['tests', () => runTests()],
];

let total: Outcome = { passed: 0, failed: 0, skipped: 0 };
for (const [name, run] of steps) {
  console.log(`\n== ${name}`);
  const outcome = run();
  total = { passed: total.passed + outcome.passed, failed: total.failed + outcome.failed, skipped: total.skipped + outcome.skipped };
  console.log(`== ${name}: ${outcome.failed === 0 ? 'ok' : 'FAILED'}`);
}
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed === 0 ? 0 : 1);

function command(name: string, parameters: readonly string[], remedy: string): Outcome {
  const { status } = spawnSync(join(root, 'node_modules', '.bin', name), parameters, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) console.log(`${name} found something; ${remedy}`);
  return step(status === 0);
}

function checkEveryImport(): Outcome {
  const problems = sourceFiles
    .filter((file) => !file.startsWith('scripts/'))
    .flatMap((file) => checkImports(file, readFileSync(join(root, file), 'utf8')));
  for (const { file, line, message } of problems) console.log(`${file}:${line}: ${message}`);
  return step(problems.length === 0);
}

/** A document that names a file of the project that is not there is stale. */
function checkDocuments(): Outcome {
  const stale: string[] = [];
  for (const document of listFiles().filter((file) => file.endsWith('.md'))) {
    const text = readFileSync(join(root, document), 'utf8');
    for (const [, path = ''] of text.matchAll(/`((?:agent|hub|proto|config|scripts)\/[\w./-]+)`/g)) {
      if (!existsSync(join(root, path))) stale.push(`${document}: ${path} does not exist`);
    }
  }
  for (const line of stale) console.log(line);
  return step(stale.length === 0);
}

function runTests(): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'atalaia-check-'));
  const report = join(folder, 'tests.json');
  try {
    const { status } = spawnSync(
      join(root, 'node_modules', '.bin', 'vitest'),
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    );
    const counts: unknown = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
    const failed = count(counts, 'numFailedTests');
    // A file that does not load has no failed test of its own; the exit code knows.
    return {
      passed: count(counts, 'numPassedTests'),
      failed: failed === 0 && status !== 0 ? 1 : failed,
      skipped: count(counts, 'numPendingTests'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function count(report: unknown, name: string): number {
  if (typeof report !== 'object' || report === null) return 0;
  const value: unknown = Reflect.get(report, name);
  return typeof value === 'number' ? value : 0;
}

function step(isGood: boolean): Outcome {
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, skipped: 0 };
}

function listFiles(): string[] {
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  return stdout.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
}
