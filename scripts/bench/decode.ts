// Lines into rows by the shipped decoders: what a worker's first half costs. Alone: `node scripts/bench/decode.ts [FILE]`.
// Promises: CPU of the whole process, garbage collection and compilation included; the first round is not counted.
import { loadDecoders } from '../../config/decoders/load-decoders.ts';
import { EventRow } from '../../config/fields/row.ts';
import { createNormaliser } from '../../hub/normalise/create-normaliser.ts';
import { linesOf } from './line-source.ts';
import { cpuMicros, measured, type MicroOptions, microOptions, printed } from './micro.ts';
import type { ScenarioResult } from './scenario.ts';

export function benchDecode(options: Partial<MicroOptions> = {}): ScenarioResult {
  const { file, events, rounds, seed, readAtMs } = microOptions(options);
  const lines = linesOf({ events, seed, ...(file === undefined ? {} : { file }) });
  const normaliser = createNormaliser(loadDecoders());
  const row = new EventRow();
  const costs: number[] = [];
  let plain = 0;
  for (let round = 0; round <= rounds; round++) {
    plain = 0;
    const before = cpuMicros();
    for (const bytes of lines) {
      row.clear();
      normaliser.normalise({ text: bytes.toString('utf8', 0, bytes.length), readAtMs, typeHint: '', timeZone: '' }, row);
      if (row.decoder === 'plain') plain++;
    }
    if (round > 0) costs.push((cpuMicros() - before) / lines.length);
  }
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  const notes = `${lines.length} lines of ${Math.round(bytes / lines.length)} bytes, ${Math.round((100 * plain) / lines.length)} % of them known to no decoder`;
  return measured('decode.lines', costs, notes);
}

if (import.meta.main) printed([benchDecode({ file: process.argv[2] })]);
