// `atalaia-hub decode [--source-type T] < lines` and `decode --jsonl < objects`: shows what the hub makes of lines.
// Rows of Zeek's own logs are read by the header before them, as an agent sends them.
// Promises: one JSON object per line on standard output, in order, never fewer than it was given; it never stops at a bad
// line; memory is bounded (it waits when its reader is slow; a longer line is cut and told in `problem`).
// Exit 0 when answered, 2 when called wrongly. It needs no running hub and changes nothing.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { loadDecoders } from '../../config/decoders/load-decoders.ts';
import { EventRow, rowToObject } from '../../config/fields/row.ts';
import { limits } from '../../proto/delivery.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { parseHostileJson } from '../../proto/runtime/parse-hostile-json.ts';
import { createNormaliser, type Normaliser } from '../normalise/create-normaliser.ts';
import { splitInput } from './split-input.ts';
import { ZeekRowsOf } from './zeek-rows-of.ts';

export interface CommandIo {
  readonly input: AsyncIterable<Uint8Array | string>;
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream;
  nowMs(): number;
}

interface Asked {
  readonly id?: unknown;
  readonly line: string;
  readonly sourceType: string;
  readonly problem: string;
}

/** Characters gathered before they are written: one write per line would cost more than decoding it. */
const chunkChars = 64 * 1024;
/** A JSON object holds an escaped line: up to six characters for one. */
const objectBytesMax = limits.lineBytesMax * 6 + 4_096;

export async function runDecode(args: readonly string[], io: CommandIo): Promise<number> {
  let options: { readonly jsonl: boolean; readonly 'source-type': string; readonly 'time-zone': string };
  try {
    options = readOptions(args);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`decode: ${why}; usage: decode [--source-type T] [--time-zone ZONE] < lines, or decode --jsonl < objects`, {
      cause: error,
    });
  }
  const answer = answerer(createNormaliser(loadDecoders()), options['time-zone'], io);
  const zeek = new ZeekRowsOf();
  let pending = '';
  const most = options.jsonl ? objectBytesMax : limits.lineBytesMax;
  for await (const { text, isCut } of splitInput(io.input, most)) {
    if (options.jsonl && text.trim() === '') continue;
    const cut = isCut ? `line longer than ${most} bytes: cut` : '';
    pending += `${answer(options.jsonl ? readObject(text, options['source-type'], cut) : { line: zeek.read(text), sourceType: options['source-type'], problem: cut })}\n`;
    if (pending.length < chunkChars) continue;
    if (!io.output.write(pending)) await once(io.output, 'drain');
    pending = '';
  }
  if (pending !== '' && !io.output.write(pending)) await once(io.output, 'drain');
  return 0;
}

function readOptions(args: readonly string[]): { jsonl: boolean; 'source-type': string; 'time-zone': string } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      jsonl: { type: 'boolean', default: false },
      'source-type': { type: 'string', default: '' },
      'time-zone': { type: 'string', default: '' },
    },
  });
  return values;
}

function answerer(normaliser: Normaliser, timeZone: string, io: CommandIo): (asked: Asked) => string {
  const row = new EventRow();
  return (asked) => {
    row.clear();
    normaliser.normalise({ text: asked.line, readAtMs: io.nowMs(), typeHint: asked.sourceType, timeZone }, row);
    const problem = [asked.problem, row.problem].filter(Boolean).join('; ');
    const event = { '@timestamp': isoTime(row.timeMs), ...rowToObject(row) };
    return JSON.stringify({
      ...('id' in asked ? { id: asked.id } : {}),
      source_type: row.decoder,
      event,
      ...(problem === '' ? {} : { problem }),
    });
  };
}

function isoTime(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : '';
}

/** A row that is no object, or holds no line, is answered too: as it stands, with the problem. */
function readObject(text: string, sourceType: string, cut: string): Asked {
  let object: unknown;
  try {
    object = parseHostileJson(text);
  } catch {
    return { id: null, line: text, sourceType, problem: cut || 'not a JSON object: decoded as it stands' };
  }
  if (typeof object !== 'object' || object === null || !('line' in object) || typeof object.line !== 'string')
    return {
      ...(typeof object === 'object' && object !== null && 'id' in object ? { id: object.id } : { id: null }),
      line: text,
      sourceType,
      problem: 'no text under "line": decoded as it stands',
    };
  const hint = 'source_type' in object && typeof object.source_type === 'string' ? object.source_type : sourceType;
  return { ...('id' in object ? { id: object.id } : {}), line: object.line, sourceType: hint, problem: cut };
}
