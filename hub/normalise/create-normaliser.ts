// One line in, one event out: recognises what a line is, has the right decoder write the row, and fills what every event
// has. A line that nothing recognises is kept whole as a plain event.
// Promises: never throws on any text; every line gives an event with a time and its raw text; what could not be read is told
// in `problem`. Limits: longer lines, and JSON deeper or larger than allowed, travel as plain events with the problem.
// One thread and one row at a time: parts of it are reused between lines.
import type { DecoderSpec } from '../../config/decoders/format.ts';
import { plainKind } from '../../config/fields/kinds.ts';
import { slotOf } from '../../config/fields/registry.ts';
import type { EventRow } from '../../config/fields/row.ts';
import type { CompiledDecoder } from './compile-decoder.ts';
import { readPath, splitPath } from './json-fields.ts';
import { createRecogniser } from './recognise.ts';
import { header, readSyslogHeader } from './syslog-header.ts';
import type { TimeContext } from './timestamps.ts';
import { asText } from './write-field.ts';
import { writeRelated } from './write-related.ts';
import { writeHeader } from './write-syslog.ts';

export const normaliseLimits = { lineCharsMax: 1024 * 1024, jsonCharsMax: 1024 * 1024, innerDepthMax: 3 } as const;

export interface LineToNormalise {
  readonly text: string;
  readonly readAtMs: number;
  /** A decoder id or a family (`nginx`); empty lets the line speak for itself. */
  readonly typeHint: string;
  /** IANA name for times without a zone; empty is UTC. */
  readonly timeZone: string;
}

export interface Normaliser {
  /** The row must be clear. */
  normalise(line: LineToNormalise, row: EventRow): void;
}

const messageSlot = slotOf('message');
const syslogDecoder = { id: 'syslog', version: 1 } as const;

export function createNormaliser(specs: readonly DecoderSpec[]): Normaliser {
  const recogniser = createRecogniser(specs);
  const context: TimeContext = { readAtMs: 0, zone: '' };
  const inners = new Map(recogniser.decoders.flatMap(({ id, spec }) => (spec.inner ? [[id, innerPaths(spec.inner)] as const] : [])));

  const tryAll = (decoders: readonly CompiledDecoder[], text: string, json: unknown, row: EventRow): CompiledDecoder | undefined => {
    for (const decoder of decoders)
      if ((json === undefined) === (decoder.spec.format !== 'json') && decoder.decode(text, json, row, context)) return decoder;
    return undefined;
  };

  /** A whole line or an inner text without a header of its own. */
  const decodeBody = (text: string, hinted: readonly CompiledDecoder[], row: EventRow, depth: number): boolean => {
    if (text.charCodeAt(0) === 123) {
      const json = parseObject(text, row);
      if (json !== undefined) return decodeObject(json, text, hinted, row, depth);
    }
    return tryAll(hinted, text, undefined, row) !== undefined || tryAll(recogniser.byText(text), text, undefined, row) !== undefined;
  };

  const decodeObject = (json: object, text: string, hinted: readonly CompiledDecoder[], row: EventRow, depth: number): boolean => {
    const decoder = tryAll(hinted, text, json, row) ?? tryAll(recogniser.byJson(json), text, json, row);
    const inner = decoder && inners.get(decoder.id);
    if (inner && depth < normaliseLimits.innerDepthMax) {
      const body = asText(readPath(json, inner.text));
      const program = inner.program ? asText(readPath(json, inner.program)) : '';
      if (body === '' || !decodeMessage(program, body, [], row, depth + 1)) decoder.claim(row);
    } else if (inner) decoder.claim(row);
    return decoder !== undefined;
  };

  /** A syslog message, or what an envelope carries: first by program, then by what it looks like. */
  const decodeMessage = (program: string, text: string, hinted: readonly CompiledDecoder[], row: EventRow, depth: number): boolean => {
    const repeated = repeatedBody(text);
    if (repeated !== undefined && depth < normaliseLimits.innerDepthMax) {
      row.setExtra('atalaia.repeated', repeated.times);
      return decodeMessage(program, repeated.body, hinted, row, depth + 1);
    }
    const bare = program.includes('(') ? program.slice(0, program.indexOf('(')) : program;
    const known = recogniser.byProgram(bare);
    if (tryAll(known.list, text, undefined, row) || decodeBody(text, hinted, row, depth)) return true;
    known.owner?.claim(row);
    return known.owner !== undefined;
  };

  const decodeLine = ({ text, typeHint }: LineToNormalise, row: EventRow): void => {
    const hinted = typeHint === '' ? [] : recogniser.byHint(typeHint);
    if (readSyslogHeader(text, context)) {
      const { messageAt, app, fault } = header;
      if (!Number.isNaN(header.timeMs)) row.timeMs = header.timeMs;
      writeHeader(row, text);
      row.decoder = syslogDecoder.id;
      row.decoderVersion = syslogDecoder.version;
      if (fault !== '') row.problem = fault;
      decodeMessage(app, text.slice(messageAt), hinted, row, 0);
      return;
    }
    if (decodeBody(text, hinted, row, 0) || decodeShort(text, hinted, row)) return;
    row.set(messageSlot, text);
  };

  /** `host program[pid]: message` without a time, as the journal prints it when told to leave times out. */
  const decodeShort = (text: string, hinted: readonly CompiledDecoder[], row: EventRow): boolean => {
    const colon = text.indexOf(']: ');
    const open = colon < 3 || colon > 300 ? -1 : text.lastIndexOf('[', colon);
    const space = text.indexOf(' ');
    if (open < 1 || (space > 0 && space > open)) {
      if (open < 1) return false;
    }
    const start = space > 0 && space < open ? space + 1 : 0;
    const program = text.slice(start, open);
    if (program.includes(' ') || recogniser.byProgram(program).owner === undefined) return false;
    header.host = start > 0 ? text.slice(0, space) : '';
    header.app = program;
    header.procId = text.slice(open + 1, colon);
    header.messageAt = colon + 3;
    header.priority = -1;
    header.version = 0;
    header.msgId = '';
    header.data.length = 0;
    writeHeader(row, text);
    return decodeMessage(program, text.slice(colon + 3), hinted, row, 0);
  };

  return {
    normalise(line, row) {
      context.readAtMs = line.readAtMs;
      context.zone = line.timeZone === 'local' ? '' : line.timeZone;
      row.raw = line.text;
      row.kindId = plainKind.id;
      row.decoder = 'plain';
      row.decoderVersion = 1;
      row.timeMs = line.readAtMs;
      if (line.text.length > normaliseLimits.lineCharsMax) {
        row.problem = `line longer than ${normaliseLimits.lineCharsMax} characters: kept whole, not decoded`;
        row.set(messageSlot, line.text.slice(0, 8_192));
        return;
      }
      decodeLine(line, row);
      writeRelated(row);
    },
  };
}

function innerPaths(inner: { readonly text: string; readonly program?: string | undefined }): {
  text: string[];
  program: string[] | undefined;
} {
  return { text: splitPath(inner.text), program: inner.program === undefined ? undefined : splitPath(inner.program) };
}

function parseObject(text: string, row: EventRow): object | undefined {
  if (text.length > normaliseLimits.jsonCharsMax) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    // Cut JSON is common (a datagram's end, a full disk): it stays as text and says why.
    row.problem = 'looks like JSON but does not parse: kept whole';
    return undefined;
  }
}

/** `message repeated 3 times: [ Failed password … ]` */
function repeatedBody(text: string): { times: string; body: string } | undefined {
  if (!text.startsWith('message repeated ') || !text.endsWith(']')) return undefined;
  const open = text.indexOf(' times: [', 17);
  if (open < 0 || open > 28) return undefined;
  return { times: text.slice(17, open), body: text.slice(open + 9, -1).trim() };
}
