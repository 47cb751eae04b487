// `atalaia-agent trim`: what the policy would ship of the lines on standard input, filters included, and what it saves.
// Promises: the very code that a running agent uses; lines keep their bytes; memory is bounded; lines beyond the limit are
// cut as the agent would. The summary counts each field as if it alone were dropped.
import type { Policy } from '../../config/policy/policy.ts';
import type { TrimRule } from '../../config/policy/trim/trim-rules.ts';
import { createTrimmer } from '../../config/policy/trim/trimmer.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { createLineKeeper, type LineKeeper } from '../filter/keep-lines.ts';
import { readKeyFile } from '../filter/read-key-file.ts';
import { bufferBytesMax, LineBuffers } from '../inputs/line-buffers.ts';
import type { LineBlock } from '../ports.ts';
import { readOptions, text, write, type Command, type CommandIo } from './read-options.ts';
import { loadDocument } from './validate.ts';

const usage = 'trim --policy FILE [--source ID] < lines > lines';

export const trim: Command = {
  summary: 'trim --policy FILE [--source ID]      what the policy would ship of standard input',
  help: `atalaia-agent ${usage}

Filters and trims the lines of standard input as the policy says for one source and prints what would be shipped.
On standard error: lines and bytes before and after, and the bytes that each dropped field takes by itself.

  --policy FILE   a policy (kind: Policy) or an agent.yaml
  --source ID     the source whose rules apply; may be left out when the policy has only one
`,
  async run(args, io) {
    const options = readOptions(args, { policy: { type: 'string' }, source: { type: 'string' } }, usage);
    const file = text(options, 'policy');
    if (file === undefined) throw new UsageError(`--policy is missing; usage: ${usage}`);
    const { policy } = loadDocument(file);
    const source = chooseSource(policy, text(options, 'source'));
    const summary = new Summary(policy.trim.filter((rule) => rule.source === source));
    const keeper = createLineKeeper(policy, source);
    for await (const block of blocksOf(io.input)) {
      summary.before(block);
      await write(io.output, shipped(keeper, block, summary));
    }
    await write(io.errors, summary.text(keeper.unparsedLines()));
    return 0;
  },
};

function chooseSource(policy: Policy, asked: string | undefined): string {
  const ids = policy.sources.map(({ id }) => id);
  if (asked !== undefined) {
    if (!ids.includes(asked)) throw new UsageError(`there is no source ${asked} in the policy; known: ${ids.join(', ') || 'none'}`);
    return asked;
  }
  const [only] = ids;
  if (only === undefined || ids.length > 1) throw new UsageError(`say which source with --source; known: ${ids.join(', ') || 'none'}`);
  return only;
}

function shipped(keeper: LineKeeper, block: LineBlock, summary: Summary): Buffer {
  const { count, bytes, starts, ends } = keeper.keep(block);
  const out = Buffer.allocUnsafe(block.bytes.length + block.count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    at += bytes.copy(out, at, starts[i], ends[i]);
    out[at++] = 0x0a;
    summary.after((ends[i] ?? 0) - (starts[i] ?? 0));
  }
  return out.subarray(0, at);
}

/** Standard input as blocks of whole lines; a last line without an end counts. */
async function* blocksOf(input: CommandIo['input']): AsyncGenerator<LineBlock> {
  const buffers = new LineBuffers();
  buffers.growTo(bufferBytesMax);
  let filled = 0;
  let isSkipping = false;
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length;) {
      if (isSkipping) {
        const newline = bytes.indexOf(0x0a, at);
        isSkipping = newline < 0;
        at = newline < 0 ? bytes.length : newline + 1;
        continue;
      }
      const part = bytes.copy(buffers.bytes, filled, at);
      filled += part;
      at += part;
      for (let split = buffers.split(0, filled); buffers.count > 0; split = buffers.split(0, filled)) {
        yield blockOf(buffers);
        buffers.bytes.copyWithin(0, split, filled);
        filled -= split;
      }
      if (filled === buffers.bytes.length) {
        yield lastBlock(buffers, filled);
        isSkipping = true;
        filled = 0;
      }
    }
  }
  if (filled > 0) yield lastBlock(buffers, filled);
}

function lastBlock(buffers: LineBuffers, filled: number): LineBlock {
  buffers.reset();
  buffers.add(0, filled, 0);
  return blockOf(buffers);
}

const none = new Uint8Array(0);
const stream = { sourceId: '', streamId: '', file: undefined, path: '-', typeHint: '', timeZone: '', labels: {} };

function blockOf({ bytes, starts, ends, sourceStarts, count, cut }: LineBuffers): LineBlock {
  const position = { baseOffset: 0, endOffset: 0, endLineNumber: 0, tailHash: none, tailBytes: 0, cursor: '', bytesRead: 0 };
  return { stream, readAtMs: 0, bytes, starts, ends, sourceStarts, count, cut, ...position };
}

/** Counts before and after, and what each field would save alone. */
class Summary {
  readonly #fields: { readonly name: string; readonly trimmer: ReturnType<typeof createTrimmer>; bytes: number; lines: number }[];
  #out = Buffer.alloc(0);
  #linesBefore = 0;
  #bytesBefore = 0;
  #linesAfter = 0;
  #bytesAfter = 0;

  constructor(rules: readonly TrimRule[]) {
    this.#fields = rules.flatMap(({ format, drop = [] }) =>
      drop.map((name) => ({ name, trimmer: createTrimmer({ format, drop: [name] }, readKeyFile), bytes: 0, lines: 0 })),
    );
  }

  before({ bytes, starts, ends, count }: LineBlock): void {
    if (this.#out.length < bytes.length) this.#out = Buffer.allocUnsafe(bytes.length);
    const place = { out: this.#out, at: 0 };
    for (let i = 0; i < count; i++) {
      const [start, end] = [starts[i] ?? 0, ends[i] ?? 0];
      this.#linesBefore += 1;
      this.#bytesBefore += end - start;
      for (const field of this.#fields) {
        const saved = end - start - field.trimmer.trim(bytes, start, end, place);
        if (saved === 0) continue;
        field.bytes += saved;
        field.lines += 1;
      }
    }
  }

  after(byteLength: number): void {
    this.#linesAfter += 1;
    this.#bytesAfter += byteLength;
  }

  text(unparsedLines: number): string {
    const share = this.#bytesBefore === 0 ? 0 : (100 * (this.#bytesBefore - this.#bytesAfter)) / this.#bytesBefore;
    const rows = [...this.#fields]
      .sort((a, b) => b.bytes - a.bytes)
      .map(({ name, bytes, lines }) => `${String(bytes).padStart(14)} bytes in ${String(lines).padStart(10)} lines  ${name}`);
    return [
      `lines ${this.#linesBefore} read, ${this.#linesAfter} shipped`,
      `bytes ${this.#bytesBefore} read, ${this.#bytesAfter} shipped (${share.toFixed(1)} % saved)`,
      ...(unparsedLines > 0 ? [`${unparsedLines} lines were not in the format of a trim and passed it as they were`] : []),
      ...(rows.length > 0 ? ['by field, each alone:', ...rows] : []),
      '',
    ].join('\n');
  }
}
