// `npm run bench -- agent|hub|search|decode|detect|all|NAME [options]`: the figures of DESIGN.md 13 on this machine.
// A table for people goes to standard output, progress to standard error; --json FILE gets one JSON object per scenario;
// --record writes them, with machine, Node and commit, beside the earlier ones. Everything runs on loopback in a folder
// that is removed afterwards, and ends by itself. Exit 1: a scenario failed (the others are still told). 2: wrong call.
import { writeFileSync } from 'node:fs';
import { readWish, usage } from './bench/read-wish.ts';
import { recordResults } from './bench/record-results.ts';
import { resultTable } from './bench/result-table.ts';
import type { ScenarioResult } from './bench/scenario.ts';
import { scenariosNamed } from './bench/scenarios.ts';

const asked = readWish(process.argv.slice(2));
if (!asked.ok) {
  process.stderr.write(`bench: ${asked.reason}\n\n${usage}`);
  process.exit(asked.isHelp ? 0 : 2);
}
const scenarios = scenariosNamed(asked.names);
if (scenarios.length === 0) {
  process.stderr.write(`bench: there is no scenario ${asked.names.join(' ')}\n\n${usage}`);
  process.exit(2);
}

// Ends what was started and removes the folder, as an ordinary end does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

const results: ScenarioResult[] = [];
let hasFailed = false;
for (const { name, run } of scenarios) {
  try {
    results.push(...(await run(asked.wish)));
  } catch (error) {
    hasFailed = true;
    process.stderr.write(`bench: ${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
}
process.stdout.write(resultTable(results));
if (asked.json !== undefined) writeFileSync(asked.json, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
if (asked.isRecorded) for (const file of recordResults(results, asked.names, asked.wish)) process.stdout.write(`recorded in ${file}\n`);
process.exit(hasFailed ? 1 : 0);
