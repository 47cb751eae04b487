// `atalaia-agent tap`: live lines of the running agent, at a stage of its pipeline.
// Promises: what an attacker wrote into a log does not reach the terminal as a control character, --raw apart.
import type { Document } from 'yaml';
import { composeYaml } from '../../config/compose-yaml.ts';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import { followLocal } from '../../proto/runtime/local-stream.ts';
import { tapStages } from '../control/tap-wish.ts';
import { configHelp, configOptions, findDataFolder } from './find-config.ts';
import { printable, printableJson, printableText } from './printable.ts';
import { readOptions, text, write, type Command, type CommandIo, type Read } from './read-options.ts';

const usage = 'tap [--source ID] [--stage read|filtered|trimmed] [--where COND] [--count N] [--json|--raw]';

export const tap: Command = {
  summary: 'tap [--source ID] [--stage STAGE]     live lines of the running agent',
  help: `atalaia-agent ${usage}

Prints lines as the running agent reads or ships them, until Ctrl-C. The agent never waits for it: what it has no time or
memory for is told as missed. \`control.tap\` in agent.yaml says which stages may be seen; the agent logs every tap.

  --source ID   of one source
  --stage read|filtered|trimmed
                read: every line, and why it goes if it does; filtered: what the filter leaves, before the trim;
                trimmed: what is shipped, which is the default
  --where COND  that match a condition, written as in a policy: '{ syslog.appname: sshd }', or a word in the line
  --count N     ends after so many lines
  --json        one JSON object per line: source, path, readAt, line (or lineBase64), and dropped or missed
  --raw         the bytes of the lines as they are; they may hold what a terminal obeys
${configHelp}

Else control characters, marks that reorder text and bytes that are not UTF-8 are shown as \\x1b, \\u{202e}, \\xff.
`,
  async run(args, io) {
    const switches = { json: { type: 'boolean' }, raw: { type: 'boolean' } } as const;
    const texts = { source: { type: 'string' }, stage: { type: 'string' }, where: { type: 'string' }, count: { type: 'string' } } as const;
    const options = readOptions(args, { ...configOptions, ...switches, ...texts }, usage);
    const [source, stage, count] = [text(options, 'source'), stageOf(options), countOf(options)];
    const show = showing(options, source === undefined);
    const dataFolder = findDataFolder(options, io);
    const wish = { source, stage, where: whereOf(options) };
    const answer = await followLocal(dataFolder, { program: 'agent', ask: 'tap', wish });
    if (!answer) throw new AtalaiaError('NOT_RUNNING', `no agent runs on ${dataFolder}; start one with \`atalaia-agent run\``);
    let lines = 0;
    for await (const told of answer) {
      throwRefusal(told);
      const isLine = await show(io, told);
      if (isLine && ++lines >= count) return 0;
    }
    await write(io.errors, 'the agent stopped\n');
    return 1;
  },
};

type Show = (io: CommandIo, told: unknown) => Promise<boolean>;

function showing({ values }: Read, hasSource: boolean): Show {
  if (values.json === true && values.raw === true) throw new UsageError('--json and --raw are two answers; choose one');
  return async ({ output, errors }, told) => {
    const line = bytesOf(told);
    const missed = textOf(told, 'missed');
    if (values.json === true) {
      if (line !== undefined || missed !== undefined) await write(output, `${printableJson(told)}\n`);
      return line !== undefined;
    }
    if (missed !== undefined) await write(errors, `(${missed} lines were missed: this reader or the agent's time for taps was short)\n`);
    if (line === undefined) return false;
    if (values.raw === true) await write(output, Buffer.concat([line, Buffer.from('\n')]));
    else {
      const dropped = textOf(told, 'dropped');
      const head = hasSource ? `${printableText(textOf(told, 'source') ?? '')}: ` : '';
      await write(output, `${head}${dropped === undefined ? '' : `(${printableText(dropped)}) `}${printable(line)}\n`);
    }
    return true;
  };
}

function bytesOf(told: unknown): Buffer | undefined {
  const [line, base64] = [member(told, 'line'), member(told, 'lineBase64')];
  if (typeof line === 'string') return Buffer.from(line);
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined;
}

function throwRefusal(told: unknown): void {
  const error = member(told, 'error');
  if (typeof error !== 'string') return;
  const code = textOf(told, 'code') ?? 'FAILED';
  if (code !== 'USAGE') throw new AtalaiaError(code, error);
  throw new UsageError(error.startsWith('ask one of') ? 'the running agent is of a version without taps; restart it' : error);
}

/** A member of what another version may have answered. */
function member(told: unknown, name: string): unknown {
  return typeof told === 'object' && told !== null ? Reflect.get(told, name) : undefined;
}

function textOf(told: unknown, name: string): string | undefined {
  const found = member(told, name);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

function stageOf(options: Read): string {
  const stage = text(options, 'stage') ?? 'trimmed';
  if (!tapStages.some((known) => known === stage)) throw new UsageError(`--stage is one of ${tapStages.join(', ')}`);
  return stage;
}

function countOf(options: Read): number {
  const count = text(options, 'count');
  if (count === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,9}$/.test(count)) throw new UsageError('--count is a whole number from 1');
  return Number(count);
}

/** A condition, or a word that stands anywhere in the line. */
function whereOf(options: Read): unknown {
  const where = text(options, 'where');
  if (where === undefined) return undefined;
  const composed = composeYaml(where);
  const says = composed.is === 'refused' ? composed.reason : composed.documents[0]?.errors[0]?.message;
  if (composed.is === 'refused' || says !== undefined)
    throw new UsageError(`--where is no YAML: ${says?.replaceAll(/\s+/g, ' ')}; write '{ field: value }' or a word`);
  const value: unknown = plainOf(composed.documents[0]);
  return typeof value === 'object' && value !== null ? value : [where];
}

/** Aliases have no use in a condition of one line: such a text is a word to look for. */
function plainOf(document: Document | undefined): unknown {
  try {
    return document?.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}
