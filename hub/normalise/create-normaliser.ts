// One line in, one event out: recognises what a line is, has the right decoder write the row, and fills what every event
// has. A line that nothing recognises is kept whole as a plain event.
// Promises: never throws on any text; every line gives an event with a time and its raw text; what could not be read is told
// in `problem`. Limits: longer lines, and JSON deeper or larger than allowed, travel as plain events with the problem.
// One thread and one row at a time: parts of it are reused between lines.
import type { DecoderSpec } from '../../config/decoders/format.ts';
import { internKind, plainKind } from '../../config/fields/kinds.ts';
import { slotOf } from '../../config/fields/registry.ts';
import type { EventRow } from '../../config/fields/row.ts';
import { parseHostileJson } from '../../proto/runtime/parse-hostile-json.ts';
import type { CompiledDecoder } from './compile-decoder.ts';
import { readPath, splitPath } from './json-fields.ts';
import { createRecogniser, type Recogniser } from './recognise.ts';
import { clearHeader, header, readSyslogHeader } from './syslog-header.ts';
import type { TimeContext } from './time-parts.ts';
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
  /** Canonical address of whoever sent it over the network; absent where it was read otherwise. */
  readonly peer?: string | undefined;
}

export interface Normaliser {
  /** The row must be clear. */
  normalise(line: LineToNormalise, row: EventRow): void;
}

const messageSlot = slotOf('message');
const peerSlot = slotOf('log.source.address');
/** A syslog line whose program no decoder knows: still Linux or a device, so no product is claimed. */
const syslogKind = internKind({ service: 'syslog' });
const syslogDecoder = { id: 'syslog', version: 1 } as const;

export function createNormaliser(specs: readonly DecoderSpec[]): Normaliser {
  return new LineNormaliser(specs);
}

const noHint: readonly CompiledDecoder[] = [];

class LineNormaliser implements Normaliser {
  readonly #recogniser: Recogniser;
  readonly #inners: ReadonlyMap<string, InnerPaths>;
  readonly #context: TimeContext = { readAtMs: 0, zone: '' };
  #hinted: readonly CompiledDecoder[] = noHint;
  /** How many envelopes the text being read lies in. */
  #depth = 0;

  constructor(specs: readonly DecoderSpec[]) {
    this.#recogniser = createRecogniser(specs);
    this.#inners = new Map(
      this.#recogniser.decoders.flatMap(({ id, spec }) => (spec.inner ? [[id, innerPaths(spec.inner)] as const] : [])),
    );
  }

  normalise(line: LineToNormalise, row: EventRow): void {
    this.#context.readAtMs = line.readAtMs;
    this.#context.zone = line.timeZone === 'local' ? '' : line.timeZone;
    this.#hinted = line.typeHint === '' ? noHint : this.#recogniser.byHint(line.typeHint);
    this.#depth = 0;
    row.raw = line.text;
    row.kindId = plainKind.id;
    row.decoder = 'plain';
    row.decoderVersion = 1;
    row.timeMs = line.readAtMs;
    if (line.peer !== undefined) row.set(peerSlot, line.peer);
    if (line.text.length > normaliseLimits.lineCharsMax) {
      row.problem = `line longer than ${normaliseLimits.lineCharsMax} characters: kept whole, not decoded`;
      row.set(messageSlot, line.text.slice(0, 8_192));
      return;
    }
    this.#line(line.text, row);
    writeRelated(row);
  }

  #line(text: string, row: EventRow): void {
    if (readSyslogHeader(text, this.#context)) {
      const { messageAt, app, fault, timeMs } = header;
      if (!Number.isNaN(timeMs)) row.timeMs = timeMs;
      row.decoder = syslogDecoder.id;
      row.decoderVersion = syslogDecoder.version;
      row.kindId = syslogKind.id;
      if (fault !== '') row.problem = fault;
      writeHeader(row, text);
      this.#message(app, text.slice(messageAt), row);
    } else if (!this.#body(text, row) && !this.#short(text, row)) row.set(messageSlot, text);
  }

  /** A syslog message, or what an envelope carries: first by program, then by what it looks like. */
  #message(program: string, whole: string, row: EventRow): boolean {
    const repeated = this.#depth < normaliseLimits.innerDepthMax ? repeatedBody(whole) : undefined;
    if (repeated !== undefined) {
      row.setExtra('atalaia.repeated', repeated.times);
      this.#depth++;
      return this.#message(program, repeated.body, row);
    }
    const text = whole.endsWith(' ') ? whole.trimEnd() : whole;
    const known = this.#recogniser.byProgram(program.includes('(') ? program.slice(0, program.indexOf('(')) : program);
    if (this.#tryAll(known.list, text, undefined, row) || this.#body(text, row)) return true;
    known.owner?.claim(row);
    return known.owner !== undefined;
  }

  /** A whole line or an inner text without a header of its own. */
  #body(text: string, row: EventRow): boolean {
    if (text.charCodeAt(0) === 123) {
      const json = parseObject(text, row);
      if (json !== undefined) return this.#object(json, text, row);
    }
    return (
      this.#tryAll(this.#hinted, text, undefined, row) !== undefined ||
      this.#tryAll(this.#recogniser.byText(text), text, undefined, row) !== undefined
    );
  }

  #object(json: object, text: string, row: EventRow): boolean {
    const decoder = this.#tryAll(this.#hinted, text, json, row) ?? this.#tryAll(this.#recogniser.byJson(json), text, json, row);
    const inner = decoder && this.#inners.get(decoder.id);
    if (!inner) return decoder !== undefined;
    const body = this.#depth++ < normaliseLimits.innerDepthMax ? asText(readPath(json, inner.text)) : '';
    const program = inner.program ? asText(readPath(json, inner.program)) : '';
    if (body === '' || !this.#message(program, body, row)) decoder.claim(row);
    return true;
  }

  /** `host program[pid]: message` without a time, as the journal prints it when told to leave times out. */
  #short(text: string, row: EventRow): boolean {
    const colon = text.indexOf(']: ');
    const open = colon < 3 || colon > 300 ? -1 : text.lastIndexOf('[', colon);
    if (open < 1) return false;
    const space = text.indexOf(' ');
    const start = space > 0 && space < open ? space + 1 : 0;
    const program = text.slice(start, open);
    if (program.includes(' ') || this.#recogniser.byProgram(program).owner === undefined) return false;
    clearHeader();
    header.host = start > 0 ? text.slice(0, space) : '';
    header.app = program;
    header.procId = text.slice(open + 1, colon);
    header.messageAt = colon + 3;
    writeHeader(row, text);
    return this.#message(program, text.slice(colon + 3), row);
  }

  #tryAll(decoders: readonly CompiledDecoder[], text: string, json: unknown, row: EventRow): CompiledDecoder | undefined {
    for (const decoder of decoders) {
      if ((json !== undefined) === (decoder.spec.format === 'json') && decoder.decode(text, json, row, this.#context)) return decoder;
    }
    return undefined;
  }
}

interface InnerPaths {
  readonly text: readonly string[];
  readonly program: readonly string[] | undefined;
}

function innerPaths(inner: { readonly text: string; readonly program?: string | undefined }): InnerPaths {
  return { text: splitPath(inner.text), program: inner.program === undefined ? undefined : splitPath(inner.program) };
}

function parseObject(text: string, row: EventRow): object | undefined {
  if (text.length > normaliseLimits.jsonCharsMax) return undefined;
  try {
    const parsed = parseHostileJson(text);
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
