// Rows against Sigma rules: what matching costs an event. Alone: `node scripts/bench/detect.ts [FILE|-] [RULES]`.
// Rows are made in small groups as a worker makes them, so that caches are as warm as there, and only their matching is
// counted. Windows events that no decoder knows are read as the `rules` command reads them, for most rules are about them.
import { loadDecoders } from '../../config/decoders/load-decoders.ts';
import { EventRow } from '../../config/fields/row.ts';
import { shippedFolder } from '../../config/shipped.ts';
import { kindFromEvent, readEvent } from '../../hub/commands/rules/read-event.ts';
import { readRuleFiles } from '../../hub/commands/rules/rule-files.ts';
import { compileRules } from '../../hub/detect/engine/ruleset.ts';
import { createNormaliser } from '../../hub/normalise/create-normaliser.ts';
import { linesOf } from './line-source.ts';
import { cpuMicros, measured, type MicroOptions, microOptions, printed } from './micro.ts';
import type { ScenarioResult } from './scenario.ts';

export interface DetectOptions extends MicroOptions {
  /** A folder of Sigma rules beside the shipped ones. */
  readonly rules: string | undefined;
}

const groupSize = 64;

export function benchDetect(options: Partial<DetectOptions> = {}): ScenarioResult {
  const { file, events, rounds, seed, readAtMs } = microOptions(options);
  const lines = linesOf({ events, seed, ...(file === undefined ? {} : { file }) });
  const sources = [shippedFolder('rules'), ...(options.rules === undefined ? [] : [options.rules])].flatMap((folder) =>
    readRuleFiles(folder),
  );
  const { ruleset } = compileRules(sources);
  const matcher = ruleset.matcher();
  const read = rowReader(readAtMs);
  const rows = Array.from({ length: groupSize }, () => new EventRow());
  const costs: number[] = [];
  let matches = 0;
  for (let round = 0; round <= rounds; round++) {
    matches = 0;
    let spent = 0;
    for (let at = 0; at < lines.length; at += groupSize) {
      const group = lines.slice(at, at + groupSize);
      for (const [place, bytes] of group.entries()) read(bytes, rows[place]);
      const before = cpuMicros();
      for (let place = 0; place < group.length; place++) {
        const row = rows[place];
        if (row) matcher.match(row, () => matches++);
      }
      spent += cpuMicros() - before;
    }
    if (round > 0) costs.push(spent / lines.length);
  }
  const { automata, automataBytes, routes } = ruleset.figures();
  const tables = `${routes} routes, ${automata} automata of ${(automataBytes / 1e6).toFixed(1)} MB`;
  return measured('detect.rules', costs, `${ruleset.rules.length} rules, ${lines.length} events, ${matches} matches; ${tables}`);
}

function rowReader(readAtMs: number): (bytes: Buffer, row: EventRow | undefined) => void {
  const decoders = loadDecoders();
  const normaliser = createNormaliser(decoders);
  const kindOf = kindFromEvent(decoders);
  return (bytes, row) => {
    if (!row) return;
    row.clear();
    const text = bytes.toString('utf8', 0, bytes.length);
    normaliser.normalise({ text, readAtMs, typeHint: '', timeZone: '' }, row);
    if (row.decoder !== 'plain' || row.problem !== '' || !text.startsWith('{')) return;
    row.clear();
    row.raw = text;
    const event: unknown = JSON.parse(text);
    if (typeof event === 'object' && event !== null) readEvent({ ...event }, row, kindOf);
  };
}

if (import.meta.main) {
  const [, , file, rules] = process.argv;
  printed([benchDetect({ rules, file: file === '-' ? undefined : file })]);
}
