// `atalaia-agent trim`: what the policy would ship of the lines on standard input, filters included, and what it saves.
// Promises: the very code that a running agent uses; lines keep their bytes; memory is bounded; lines beyond the limit are
// cut as the agent would. Limits and collapses count from now on, as a start of the agent does.
import type { Policy } from '../../config/policy/policy.ts';
import { type Clock, systemClock } from '../../proto/runtime/clock.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { createLineKeeper, type LineKeeper } from '../filter/keep-lines.ts';
import { createFraming } from '../frame/create-framing.ts';
import { bufferBytesMax, LineBuffers } from '../inputs/line-buffers.ts';
import { linesAsBlock } from '../lines-as-block.ts';
import type { FoundLines, Framing, LineBlock } from '../ports.ts';
import { readOptions, text, write, type Command, type CommandIo } from './read-options.ts';
import { TrimSummary } from './trim-summary.ts';
import { loadDocument, type LoadedDocument } from './validate.ts';

const usage = 'trim --policy FILE [--source ID] [--other-hub NAME] < lines > lines';

export const trim: Command = {
  summary: 'trim --policy FILE [--source ID]      what the policy would ship of standard input',
  help: `atalaia-agent ${usage}

Filters and trims the lines of standard input as the policy says for one source and prints what would be shipped.
On standard error: lines and bytes before and after, lines dropped by reason, and the bytes that each operation on a field
saves by itself (a mask or a pseudonym may cost some). Lines of one record are joined as \`multiline\` and \`records\` say. Times of reading, which \`limit\` and \`collapse\` go by, are now.

  --policy FILE   a policy (kind: Policy) or an agent.yaml
  --source ID     the source whose rules apply; may be left out when the policy has only one
  --other-hub N   what this one of \`otherHubs\` of an agent.yaml would get
`,
  async run(args, io) {
    const options = readOptions(args, { policy: { type: 'string' }, source: { type: 'string' }, 'other-hub': { type: 'string' } }, usage);
    const file = text(options, 'policy');
    if (file === undefined) throw new UsageError(`--policy is missing; usage: ${usage}`);
    const policy = choosePolicy(loadDocument(file), text(options, 'other-hub'));
    const source = chooseSource(policy, text(options, 'source'));
    const summary = new TrimSummary(policy.trim.filter((rule) => rule.source === source));
    const keeper = createLineKeeper(policy, source);
    const framing = framingOf(policy, source);
    for await (const block of blocksOf(io.input, framing, systemClock)) {
      summary.before(block);
      await write(io.output, shipped(keeper, block, summary));
    }
    await write(io.errors, summary.text());
    return 0;
  },
};

/** Standard input is UTF-8, whatever the files of the source are; lines of one record are joined as the agent does it. */
function framingOf(policy: Policy, sourceId: string): Framing {
  const source = policy.sources.find(({ id }) => id === sourceId);
  const { multiline, records } = source?.type === 'file' ? source : {};
  const framing = createFraming({ encoding: 'utf-8', multiline, ...(records ? { records } : {}) });
  return framing.ofFile?.() ?? framing;
}

function choosePolicy({ policies }: LoadedDocument, hub: string | undefined): Policy {
  const found = policies.find((one) => one.hub === hub);
  if (found) return found.policy;
  const known = policies.flatMap((one) => one.hub ?? []).join(', ');
  throw new UsageError(`--other-hub ${hub}: \`otherHubs\` of the document names ${known || 'none'}`);
}

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

function shipped(keeper: LineKeeper, block: LineBlock, summary: TrimSummary): Buffer {
  const kept = keeper.keep(block);
  const { count, bytes, starts, ends } = kept;
  summary.after(block, kept);
  let room = count;
  for (let i = 0; i < count; i++) room += (ends[i] ?? 0) - (starts[i] ?? 0);
  const out = Buffer.allocUnsafe(room);
  let at = 0;
  for (let i = 0; i < count; i++) {
    at += bytes.copy(out, at, starts[i], ends[i]);
    out[at++] = 0x0a;
  }
  return out;
}

/** Standard input as blocks of whole lines; a last line without an end counts. */
async function* blocksOf(input: CommandIo['input'], framing: Framing, clock: Clock): AsyncGenerator<LineBlock> {
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
      for (let split = wholeRecords(buffers, filled, framing); buffers.count > 0; split = wholeRecords(buffers, filled, framing)) {
        yield linesAsBlock(decoded(buffers, framing), clock.nowMs());
        buffers.bytes.copyWithin(0, split, filled);
        filled -= split;
      }
      if (filled === buffers.bytes.length) {
        yield lastBlock(buffers, filled, clock);
        isSkipping = true;
        filled = 0;
      }
    }
  }
  if (filled === 0) return;
  const half = buffers.split(0, filled);
  if (half < filled) buffers.add(half, filled, half);
  buffers.join(framing, { from: filled, to: filled, lineFeed: 'byte', isWhole: true });
  yield linesAsBlock(decoded(buffers, framing), clock.nowMs());
}

function decoded(buffers: LineBuffers, framing: Framing): FoundLines {
  return framing.decode(buffers, { lineFeed: 'byte', isFileStart: false });
}

function wholeRecords(buffers: LineBuffers, filled: number, framing: Framing): number {
  const from = buffers.split(0, filled);
  return buffers.join(framing, { from, to: filled, lineFeed: 'byte', isWhole: false });
}

function lastBlock(buffers: LineBuffers, filled: number, clock: Clock): LineBlock {
  buffers.reset();
  buffers.add(0, filled, 0);
  return linesAsBlock(buffers, clock.nowMs());
}
