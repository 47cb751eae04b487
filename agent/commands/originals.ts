// `atalaia-agent originals`: lines as their sources wrote them, out of the rings that a policy's `originals` asks for.
// Promises: reads only; the agent may run meanwhile or not. What is damaged, was missed, or is not there any more is told on
// standard error, and in jsonl in its place.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDuration } from '../../config/quantities.ts';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import { explainMissingKey, readSeals } from '../buffer/read-seals.ts';
import { sealName } from '../originals/originals.ts';
import { listRing, readWindow, type Window, type WindowItem } from '../originals/read-window.ts';
import { becomeOwner } from './become-owner.ts';
import { exportTarget, textOfLine, type ExportTarget } from './export-target.ts';
import { configHelp, configOptions, findConfig, findDataFolder } from './find-config.ts';
import { readOptions, text, writeJson, type Command, type CommandIo, type Read } from './read-options.ts';

const usage = 'originals [--source ID --from T --to T]';

export const originals: Command = {
  summary: 'originals                             lines as their sources wrote them, before filter and trim',
  help: `atalaia-agent ${usage} [--config FILE] [--data FOLDER]
atalaia-agent originals --source ID [--from T] [--to T] [--format jsonl|raw] [--lines N] [--output FILE]

A source whose policy says \`originals: { keep: 7d, maxBytes: 2GiB }\` has every line kept on this host as it was read, also what
the filter drops and the trim takes away. Without --source it prints one JSON object per source that has some.
With it the lines that were read in that time are printed in their order. What is damaged or could not be kept is told on standard
error, in jsonl as objects of their own too. They are what the trim was to keep here: keep the output as safe as the logs.

  --source ID           the source of the policy
  --from T              2026-11-24T10:00:00Z, or how long ago: 90m, 7d (without it: from the first line)
  --to T                not that moment itself (without it: up to now)
  --format jsonl|raw    jsonl: an object per line with its place, lineBase64 where it is no UTF-8 (the default); raw: lines
  --lines N             end after so many lines
  --output FILE         a new file, mode 0600, instead of standard output
${configHelp}
`,
  async run(args, io) {
    const options = readOptions(args, originalsOptions, usage);
    if (options.positionals.length > 0) throw new UsageError(`${options.positionals[0]}: not expected; usage: ${usage}`);
    const wish = readWish(options, Date.now());
    const dataFolder = findDataFolder(options, io);
    const root = join(dataFolder, 'originals');
    if (!existsSync(root))
      throw new AtalaiaError('NO_ORIGINALS', `${dataFolder} holds no originals: no source's policy says \`originals\`; or check --data`);
    if (wish.source === undefined) return listRings(root, io);
    const folder = join(root, wish.source);
    const names = await readdir(root);
    if (!names.includes(wish.source)) throw new UsageError(`there are no originals of ${wish.source}; there are of: ${names.join(', ')}`);
    const seal = readSeals(findConfig(options, io).buffer.encryption, systemRandom)(sealName(wish.source));
    // The output is the caller's, who may be root; what is read is read as its owner.
    const target = await exportTarget(text(options, 'output'), io);
    try {
      becomeOwner(dataFolder);
      await writeLines(readWindow({ folder, seal }, wish), wish, { target, tell: (told) => void io.errors.write(`${told}\n`) });
      return 0;
    } catch (error) {
      throw explainMissingKey(folder, error);
    } finally {
      await target.close();
    }
  },
};

const value = { type: 'string' } as const;
const originalsOptions = { ...configOptions, source: value, from: value, to: value, format: value, lines: value, output: value } as const;

interface Wish extends Window {
  readonly source: string | undefined;
  readonly format: 'jsonl' | 'raw';
  readonly linesMax: number;
}

const chunkBytes = 256 * 1024;

async function listRings(root: string, io: CommandIo): Promise<number> {
  for (const source of (await readdir(root)).sort()) {
    const { segments, bytes, firstMs, lastMs } = await listRing(root, source);
    await writeJson(io.output, { source, segments, bytes, firstReadAt: isoTime(firstMs), lastReadAt: isoTime(lastMs) });
  }
  return 0;
}

async function writeLines(
  items: AsyncIterable<WindowItem>,
  { source, format, linesMax }: Wish,
  { target, tell }: { readonly target: ExportTarget; readonly tell: (told: string) => void },
): Promise<void> {
  const told = { lines: 0, missed: 0, damaged: 0 };
  let chunk: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    await target.write(Buffer.concat(chunk));
    chunk = [];
    size = 0;
  };
  let isLimited = false;
  for await (const item of items) {
    isLimited = item.is === 'line' && told.lines >= linesMax;
    if (isLimited) break;
    if (item.is === 'line') told.lines += 1;
    else if (item.is === 'missed') told.missed += item.lines;
    else told.damaged += item.bytes;
    const written = format === 'raw' ? rawOf(item) : Buffer.from(`${JSON.stringify(objectOf(item))}\n`);
    chunk.push(written);
    size += written.length;
    if (size >= chunkBytes) await flush();
  }
  await flush();
  const missed = told.missed > 0 ? `, ${told.missed} could not be kept` : '';
  const damaged = told.damaged > 0 ? `, ${told.damaged} bytes are damaged and cannot be read` : '';
  tell(`${source}: ${told.lines} lines${missed}${damaged}${isLimited ? `; stopped at ${linesMax} lines, there are more` : ''}`);
}

const nothing = Buffer.alloc(0);
const lineFeed = Buffer.from('\n');

function rawOf(item: WindowItem): Buffer {
  return item.is === 'line' ? Buffer.concat([item.bytes, lineFeed]) : nothing;
}

function objectOf(item: WindowItem): object {
  if (item.is === 'missed') return { missed: item.lines };
  if (item.is === 'damaged') return { damaged: { segment: item.segment, bytes: item.bytes } };
  const { readAtMs, stream, offset, bytes, isCut } = item;
  const place = { readAt: isoTime(readAtMs), stream: stream.streamId, path: stream.path, offset, ...(isCut ? { cut: true } : {}) };
  return { ...place, ...textOfLine(bytes) };
}

function readWish(options: Read, nowMs: number): Wish {
  const format = text(options, 'format') ?? 'jsonl';
  if (format !== 'jsonl' && format !== 'raw') throw new UsageError(`--format ${format}: expected jsonl or raw`);
  const lines = text(options, 'lines');
  if (lines !== undefined && !/^[1-9]\d{0,14}$/.test(lines)) throw new UsageError(`--lines ${lines}: expected a whole number from 1 on`);
  const source = text(options, 'source');
  const foreign = ['from', 'to', 'format', 'lines', 'output'].find((name) => source === undefined && text(options, name) !== undefined);
  if (foreign !== undefined) throw new UsageError(`--${foreign} needs --source; usage: ${usage}`);
  const window = { fromMs: timeIn(options, 'from', nowMs) ?? -Infinity, toMs: timeIn(options, 'to', nowMs) ?? Infinity };
  if (window.fromMs >= window.toMs) throw new UsageError('--from has to be before --to');
  return { ...window, source, format, linesMax: lines === undefined ? Infinity : Number(lines) };
}

/** A moment, or how long ago it was. */
function timeIn(options: Read, name: string, nowMs: number): number | undefined {
  const written = text(options, name);
  if (written === undefined) return undefined;
  const agoMs = parseDuration(written);
  const isMoment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(written);
  const ms = agoMs === undefined ? (isMoment ? Date.parse(written) : NaN) : nowMs - agoMs;
  if (Number.isNaN(ms)) throw new UsageError(`--${name} ${written}: expected 2026-11-24T10:00:00Z, or how long ago, such as 90m`);
  return ms;
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
