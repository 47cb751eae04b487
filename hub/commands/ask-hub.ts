// The commands that ask the running hub: status, agents, token create, webhook create, search. They speak to its local socket.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { parseDuration } from '../../config/quantities.ts';
import { hubDataFolder } from '../../config/hub-config.ts';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { levels } from '../ports.ts';
import type { CommandIo } from './decode.ts';
import { writeEvents, type EventFormat } from './write-events.ts';

const dataOption = { data: { type: 'string' } } as const;

export async function runStatus(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = read(args, dataOption, 'status [--data FOLDER]');
  io.output.write(`${JSON.stringify(await ask(text(values.data), 'status'))}\n`);
  return 0;
}

export async function runAgents(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = read(args, dataOption, 'agents [--data FOLDER]');
  const agents = await ask(text(values.data), 'agents');
  for (const agent of Array.isArray(agents) ? agents : []) io.output.write(`${JSON.stringify(agent)}\n`);
  return 0;
}

/** The token alone goes to standard output, so that it can be piped; what to do with it goes to standard error. */
export async function runToken(args: readonly string[], io: CommandIo): Promise<number> {
  const usage = 'token create [--note TEXT] [--for 1h] [--data FOLDER]';
  const { values, positionals } = read(args, { ...dataOption, note: { type: 'string' }, for: { type: 'string' } }, usage);
  if (positionals.length !== 1 || positionals[0] !== 'create') throw new UsageError(`usage: ${usage}`);
  const lifeMs = text(values.for) === undefined ? undefined : durationOf(text(values.for) ?? '', '--for');
  const wish = { note: text(values.note) ?? '', ...(lifeMs === undefined ? {} : { lifeMs }) };
  const made = await ask(text(values.data), 'token create', wish);
  if (!isToken(made)) throw new AtalaiaError('ANSWER_UNKNOWN', 'the hub answered something else than a token; are both of one version?');
  io.errors.write(`On the host, with the token on standard input:\n  ${made.command}\n`);
  io.output.write(`${made.token}\n`);
  return 0;
}

/** The secret alone goes to standard output, this once; what was made goes to standard error. */
export async function runWebhook(args: readonly string[], io: CommandIo): Promise<number> {
  const usage = 'webhook create --url URL [--name TEXT] [--level high] [--allow-private] [--data FOLDER]';
  const options = {
    ...dataOption,
    url: { type: 'string' },
    name: { type: 'string' },
    level: { type: 'string' },
    'allow-private': { type: 'boolean' },
  } as const;
  const { values, positionals } = read(args, options, usage);
  const url = text(values.url);
  if (positionals.length !== 1 || positionals[0] !== 'create' || url === undefined) throw new UsageError(`usage: ${usage}`);
  const minimumLevel = text(values.level) ?? 'high';
  if (!levels.some((known) => known === minimumLevel))
    throw new UsageError(`--level ${minimumLevel}: expected one of ${levels.join(', ')}`);
  const wish = { url, name: text(values.name) ?? hostOf(url), minimumLevel, allowPrivate: values['allow-private'] === true };
  const made = await ask(text(values.data), 'webhook create', wish);
  if (!isWebhook(made))
    throw new AtalaiaError('ANSWER_UNKNOWN', 'the hub answered something else than a webhook; are both of one version?');
  io.errors.write(`Webhook ${made.webhook.id} sends alerts from level ${minimumLevel} to ${made.webhook.url}, signed with:\n`);
  io.output.write(`${made.secret}\n`);
  return 0;
}

export async function runSearch(args: readonly string[], io: CommandIo): Promise<number> {
  const usage = "search 'QUERY' [--since 24h] [--limit 100] [--format jsonl|csv|table] [--data FOLDER]";
  const options = { ...dataOption, since: { type: 'string' }, limit: { type: 'string' }, format: { type: 'string' } } as const;
  const { values, positionals } = read(args, options, usage);
  if (positionals.length > 1) throw new UsageError(`the query is one argument, in quotes; usage: ${usage}`);
  const format = text(values.format) ?? 'jsonl';
  if (format !== 'jsonl' && format !== 'csv' && format !== 'table') throw new UsageError('--format is jsonl, csv or table');
  const limit = Number(text(values.limit) ?? 100);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 10_000) throw new UsageError('--limit is a number from 1 to 10000');
  const untilMs = io.nowMs();
  const sinceMs = untilMs - durationOf(text(values.since) ?? '24h', '--since');
  const answer = await ask(text(values.data), 'search', { query: positionals[0] ?? '', sinceMs, untilMs: untilMs + 3_600_000, limit });
  return tellSearch(answer, format, io);
}

function tellSearch(answer: unknown, format: EventFormat, io: CommandIo): number {
  // The hub's own answer, of the same version (status says which).
  const { events, isPartial, reason, tookMs } = answer as {
    readonly events: Parameters<typeof writeEvents>[0];
    readonly isPartial: boolean;
    readonly reason: string;
    readonly tookMs: number;
  };
  writeEvents(events, format, io.output);
  const more = isPartial ? `; not everything was searched: ${reason}` : '';
  io.errors.write(`${events.length} events in ${Math.round(tookMs)} ms${more}\n`);
  return 0;
}

async function ask(data: string | undefined, question: string, wish?: unknown): Promise<unknown> {
  const folder = hubDataFolder(data, { environment: process.env, workingFolder: process.cwd() });
  const answer = await askLocal(folder, { program: 'hub', ask: question, wish });
  if (answer === undefined)
    throw new AtalaiaError('NOT_RUNNING', `no hub runs on ${folder}; start one with \`atalaia-hub run\`, or name its folder with --data`);
  if (typeof answer === 'object' && answer !== null && 'error' in answer && 'code' in answer) {
    const told = String(answer.error);
    throw answer.code === 'USAGE' ? new UsageError(told) : new AtalaiaError(String(answer.code), told);
  }
  return answer;
}

function read(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>, usage: string): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}; usage: ${usage}`, { cause: error });
  }
}

function durationOf(written: string, option: string): number {
  const parsed = parseDuration(written);
  if (parsed === undefined) throw new UsageError(`${option} ${written}: expected a duration such as 30m, 24h or 7d`);
  return parsed;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isToken(value: unknown): value is { readonly token: string; readonly command: string } {
  return typeof value === 'object' && value !== null && 'token' in value && 'command' in value;
}

interface MadeWebhook {
  readonly secret: string;
  readonly webhook: { readonly id: string; readonly url: string };
}

function isWebhook(value: unknown): value is MadeWebhook {
  return typeof value === 'object' && value !== null && 'secret' in value && 'webhook' in value;
}

function hostOf(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) throw new UsageError(`--url ${url}: expected an address that begins with https://`);
  return parsed.host;
}
