// `atalaia-agent buffer inspect|export`: what waits on disk, told or written out; asked of the running agent, or read from
// the folder when none runs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { laneNames, type LaneName } from '../../proto/delivery.ts';
import { levelDisk } from '../../proto/durable/level-disk.ts';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { lookAtLane } from '../buffer/peek-lane.ts';
import { peekOver, peekQuestion } from '../buffer/peek-over-socket.ts';
import { explainMissingKey, readSeals } from '../buffer/read-seals.ts';
import { questionFor } from '../answers-about.ts';
import { becomeOwner } from './become-owner.ts';
import { exportLane, type ExportWish } from './buffer-export.ts';
import { inspectFolder } from './buffer-inspect.ts';
import { exportTarget } from './export-target.ts';
import { findDataFolder, findHub, hubHelp, hubOptions } from './find-config.ts';
import { readOptions, text, writeJson, type Command, type CommandIo, type Read } from './read-options.ts';

const usage = 'buffer inspect|export';

export const buffer: Command = {
  summary: 'buffer inspect|export                 what waits on disk, lane by lane: told, or its lines written out',
  help: `atalaia-agent ${usage} [--other-hub NAME] [--data FOLDER] [--config FILE]
atalaia-agent buffer export [--lane first|normal] [--from N] [--to N] [--format jsonl|raw] [--lines N] [--output FILE]

inspect prints one JSON object per lane: batches and bytes waiting, sequences, generations, holes, the positions of streams and
the ids of the keys that generations are sealed with. Without the key of a sealed buffer it prints what it can, and exits 2.

export writes the lines that the hub has not committed, as filter and trim left them, in the order in which they are sent. Nothing in
the buffer changes and a running agent goes on; what comes later is not exported. Damage and drops are told on standard
error, in jsonl as objects with \`gone\` too. The last words on standard error say which sequences were written. Lines are
what the hub would see: keep the output as safe as the logs.

  --lane first|normal   one lane only
  --from N              begin at this sequence of the lane; committed ones may still be there for a while
  --to N                the last sequence
  --format jsonl|raw    jsonl: an object per line with its place, lineBase64 where it is no UTF-8 (the default); raw: lines
  --lines N             end after so many lines
  --output FILE         a new file, mode 0600, instead of standard output
${hubHelp}
`,
  async run(args, io) {
    const options = readOptions(args, exportOptions, usage);
    const [verb, ...more] = options.positionals;
    if (more.length > 0 || (verb !== 'inspect' && verb !== 'export')) throw new UsageError(`say what to do: ${usage}`);
    if (verb === 'export') return exportBuffer(options, io);
    const foreign = Object.keys(exportOptions).find((name) => !Object.hasOwn(hubOptions, name) && text(options, name) !== undefined);
    if (foreign !== undefined) throw new UsageError(`--${foreign} is for buffer export; usage: ${usage}`);
    const { name, folder, config } = findHub(options, io);
    const dataFolder = findDataFolder(options, io);
    const answer = await askLocal(dataFolder, { program: 'agent', ask: questionFor('buffer', name) });
    if (Array.isArray(answer)) {
      for (const lane of answer) await writeJson(io.output, lane);
      return 0;
    }
    enter(folder);
    await inspectFolder(config(), folder, io);
    return 0;
  },
};

const value = { type: 'string' } as const;
const exportOptions = { ...hubOptions, lane: value, from: value, to: value, format: value, lines: value, output: value } as const;

async function exportBuffer(options: Read, io: CommandIo): Promise<number> {
  const lanes = chosenLanes(options);
  const wish = readWish(options);
  const { name, folder, config } = findHub(options, io);
  const dataFolder = findDataFolder(options, io);
  const isRunning = (await askLocal(dataFolder, { program: 'agent', ask: 'status' })) !== undefined;
  const sealOf = isRunning ? undefined : readSeals(config().buffer.encryption, systemRandom);
  // The output is the caller's, who may be root; what is read is read as its owner.
  const target = await exportTarget(text(options, 'output'), io);
  try {
    if (!isRunning) enter(folder);
    let linesLeft = wish.linesMax;
    for (const lane of lanes) {
      const peeked = sealOf
        ? await lookAtLane(levelDisk(), { root: join(folder, 'buffer'), lane, seal: sealOf(lane) })
        : await peekOver((asked) => askLocal(dataFolder, { program: 'agent', ask: questionFor(peekQuestion, name), wish: asked }), lane);
      if (!peeked) continue;
      try {
        const tell = (told: string): void => void io.errors.write(`${told}\n`);
        linesLeft -= await exportLane(peeked, { ...wish, linesMax: linesLeft }, { target, tell });
      } finally {
        await peeked.close();
      }
    }
    return 0;
  } catch (error) {
    throw explainMissingKey(join(folder, 'buffer'), error);
  } finally {
    await target.close();
  }
}

/** As its owner, who could not read what root leaves behind. */
function enter(folder: string): void {
  if (!existsSync(join(folder, 'buffer'))) throw new AtalaiaError('NO_BUFFER', `${folder} holds no buffer; check --data`);
  becomeOwner(folder);
}

function chosenLanes(options: Read): readonly LaneName[] {
  const named = text(options, 'lane');
  if (named === undefined && (text(options, 'from') ?? text(options, 'to')) !== undefined)
    throw new UsageError('each lane counts its own sequences: name one with --lane');
  const lanes = named === undefined ? laneNames : laneNames.filter((lane) => lane === named);
  if (lanes.length === 0) throw new UsageError(`--lane ${named}: expected ${laneNames.join(' or ')}`);
  return lanes;
}

function readWish(options: Read): ExportWish {
  const format = text(options, 'format') ?? 'jsonl';
  if (format !== 'jsonl' && format !== 'raw') throw new UsageError(`--format ${format}: expected jsonl or raw`);
  return { format, from: numberIn(options, 'from'), to: numberIn(options, 'to'), linesMax: numberIn(options, 'lines') ?? Infinity };
}

function numberIn(options: Read, name: string): number | undefined {
  const written = text(options, name);
  if (written === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(written)) throw new UsageError(`--${name} ${written}: expected a whole number from 1 on`);
  return Number(written);
}
