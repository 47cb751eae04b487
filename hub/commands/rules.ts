// `atalaia-hub rules check DIR | match --rules DIR | replay --rules DIR | test DIR` (DESIGN.md 11): rules without a hub.
// Answers are JSON lines on standard output, summaries and complaints go to standard error. Exit 0: answered, refused
// rules included; 1: a test failed; 2: called wrongly.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { loadDecoders } from '../../config/decoders/load-decoders.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { compileRules } from '../detect/engine/ruleset.ts';
import type { Compiled } from '../detect/engine/ruleset.ts';
import type { CommandIo } from './decode.ts';
import { readEvents } from './rules/event-source.ts';
import { Replay } from './rules/replay.ts';
import { isTestFile, readRuleFiles } from './rules/rule-files.ts';
import { runRuleTests } from './rules/test-rules.ts';

const usage =
  'usage: rules check DIR, rules test DIR, rules match|replay --rules DIR [--logsource product=…,category=…,service=…] [--decode] < events';
const chunkChars = 64 * 1024;

export async function runRules(args: readonly string[], io: CommandIo): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === 'check') return check(folderOf(rest), io);
  if (verb === 'test') return test(folderOf(rest), io);
  if (verb === 'match' || verb === 'replay') return overEvents(verb, rest, io);
  throw new UsageError(`rules: ${verb === undefined ? 'what to do is missing' : `there is no \`${verb}\``}; ${usage}`);
}

function folderOf(args: readonly string[]): string {
  const [folder, ...more] = args;
  if (folder === undefined || folder.startsWith('-') || more.length > 0) throw new UsageError(`rules: name one folder; ${usage}`);
  return folder;
}

class Lines {
  readonly #io: CommandIo;
  #pending = '';

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /** Waits when the reader is slow. */
  async print(object: object): Promise<void> {
    this.#pending += `${JSON.stringify(object)}\n`;
    if (this.#pending.length >= chunkChars) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '' && !this.#io.output.write(text)) await once(this.#io.output, 'drain');
  }
}

async function check(folder: string, io: CommandIo): Promise<number> {
  const lines = new Lines(io);
  const { ruleset, refused } = compileRules(readRuleFiles(folder));
  for (const { id, file } of [...ruleset.rules, ...ruleset.correlations]) await lines.print({ id, file, ok: true, reason: '' });
  for (const { id, file, reason } of refused) await lines.print({ id, file, ok: false, reason });
  await lines.flush();
  io.errors.write(`${ruleset.rules.length + ruleset.correlations.length} rules load, ${refused.length} are refused\n`);
  return 0;
}

async function test(folder: string, io: CommandIo): Promise<number> {
  const { ruleset, refused } = compileRules(readRuleFiles(folder));
  for (const { file, reason } of refused) io.errors.write(`${file}: refused: ${reason}\n`);
  const outcomes = runRuleTests(readRuleFiles(folder, isTestFile), ruleset, loadDecoders());
  const lines = new Lines(io);
  for (const { file, name, ok, reason } of outcomes) await lines.print(ok ? { file, name, ok } : { file, name, ok, reason });
  await lines.flush();
  const failed = outcomes.filter(({ ok }) => !ok).length;
  io.errors.write(`${outcomes.length - failed} passed, ${failed} failed\n`);
  return failed === 0 && refused.length === 0 ? 0 : 1;
}

async function overEvents(verb: 'match' | 'replay', args: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(args);
  const compiled = compileRules(readRuleFiles(options.rules));
  if (compiled.refused.length > 0)
    io.errors.write(`${compiled.refused.length} rules are refused; \`rules check ${options.rules}\` says why\n`);
  const problems = { count: 0 };
  const events = { decode: options.decode, logsource: options.logsource, decoders: loadDecoders() };
  const lines = new Lines(io);
  if (verb === 'match') await match(compiled, readEvents(io, events, problems), lines);
  else await replay(compiled, readEvents(io, events, problems), lines);
  await lines.flush();
  if (problems.count > 0) io.errors.write(`${problems.count} lines are no JSON objects and were left out; --decode takes raw lines\n`);
  return 0;
}

function readOptions(args: readonly string[]): { readonly rules: string; readonly logsource: string; readonly decode: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rules: { type: 'string', default: '' },
        logsource: { type: 'string', default: '' },
        decode: { type: 'boolean', default: false },
      },
    });
    if (values.rules === '') throw new Error('--rules DIR is missing');
    return values;
  } catch (error) {
    throw new UsageError(`rules: ${error instanceof Error ? error.message : String(error)}; ${usage}`, { cause: error });
  }
}

async function match({ ruleset }: Compiled, events: ReturnType<typeof readEvents>, lines: Lines): Promise<void> {
  const matcher = ruleset.matcher();
  const hits: number[] = [];
  for await (const { line, row } of events) {
    hits.length = 0;
    matcher.match(row, (rule) => hits.push(rule));
    for (const hit of hits) {
      const rule = ruleset.rules[hit];
      // Rules that only correlations read say nothing by themselves.
      if (rule?.alerts) await lines.print({ event: line, rule: rule.id, title: rule.title, level: rule.level, tags: rule.tags });
    }
  }
}

async function replay({ ruleset }: Compiled, events: ReturnType<typeof readEvents>, lines: Lines): Promise<void> {
  const run = new Replay(ruleset);
  for await (const { line, row } of events) run.add(row, line);
  for (const { finding, events: numbers } of run.finish()) {
    const { ruleId, title, level, group, firstMs, lastMs, count } = finding;
    const values = Object.fromEntries(group.map(({ field, value }) => [field, value]));
    await lines.print({
      rule: ruleId,
      title,
      level,
      group: values,
      first: new Date(firstMs).toISOString(),
      last: new Date(lastMs).toISOString(),
      count,
      events: numbers,
    });
  }
}
