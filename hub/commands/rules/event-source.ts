// The events of `rules match` and `rules replay` out of standard input: JSON objects, or raw lines with --decode.
// A line that cannot be read is counted and told at the end; its number is used up, so that numbers stay line numbers.
import type { DecoderSpec } from '../../../config/decoders/format.ts';
import { internKind } from '../../../config/fields/kinds.ts';
import type { EventKind } from '../../../config/fields/kinds.ts';
import { EventRow } from '../../../config/fields/row.ts';
import { limits } from '../../../proto/delivery.ts';
import { UsageError } from '../../../proto/runtime/errors.ts';
import { parseHostileJson } from '../../../proto/runtime/parse-hostile-json.ts';
import { createNormaliser } from '../../normalise/create-normaliser.ts';
import type { CommandIo } from '../decode.ts';
import { splitInput } from '../split-input.ts';
import { kindFromEvent, readEvent } from './read-event.ts';

export interface EventSourceOptions {
  readonly decode: boolean;
  readonly logsource: string;
  readonly decoders: readonly DecoderSpec[];
}

export interface ReadEvent {
  readonly line: number;
  /** Used again for the next one. */
  readonly row: EventRow;
}

const objectBytesMax = limits.lineBytesMax * 6 + 4_096;

export async function* readEvents(io: CommandIo, options: EventSourceOptions, problems: { count: number }): AsyncGenerator<ReadEvent> {
  const row = new EventRow();
  const fixed = options.logsource === '' ? undefined : parseLogSource(options.logsource);
  const fromEvent = kindFromEvent(options.decoders);
  const normaliser = options.decode ? createNormaliser(options.decoders) : undefined;
  let line = -1;
  for await (const { text } of splitInput(io.input, options.decode ? limits.lineBytesMax : objectBytesMax)) {
    line++;
    row.clear();
    if (normaliser) {
      normaliser.normalise({ text, readAtMs: io.nowMs(), typeHint: '', timeZone: '' }, row);
      if (fixed) row.kindId = fixed.id;
    } else {
      const event = parseObject(text);
      if (!event) {
        if (text.trim() !== '') problems.count++;
        continue;
      }
      readEvent(event, row, (written, read) => fixed ?? fromEvent(written, read));
      if (row.raw === '') row.raw = text;
    }
    yield { line, row };
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed = parseHostileJson(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

export function parseLogSource(text: string): EventKind {
  const parts: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [name = '', value, ...rest] = part.split('=').map((one) => one.trim().toLowerCase());
    if (!['product', 'category', 'service'].includes(name) || !value || rest.length > 0)
      throw new UsageError(`rules: \`${part}\` in --logsource is not product=…, category=… or service=…; separate them by commas`);
    parts[name] = value;
  }
  const { product = '', category, service = '' } = parts;
  return internKind({ product, service, categories: category ? [category] : [] });
}
