// Turns one checked decoder file into functions over text or parsed JSON: patterns into scanners, mappings into writers,
// constants into lists of slots. Done once at start or when decoders change, never per event.
// Promises: what a file says and nothing more; `decode` answers whether the text was of this format, writes nothing when
// it was not, never throws on input. Captured values live in arrays reused per decoder (one thread, no re-entrance).
import { patternsOf, type Constant, type DecoderSpec, type FieldMap, type LogSource, type Mapping } from '../../config/decoders/format.ts';
import { parsePattern } from '../../config/decoders/pattern.ts';
import { internKind } from '../../config/fields/kinds.ts';
import { fieldByName } from '../../config/fields/registry.ts';
import type { EventRow, FieldValue } from '../../config/fields/row.ts';
import { assert } from '../../proto/runtime/errors.ts';
import { addPath, newBranch, readBranch, readPath, readRest, splitPath, type JsonBranch } from './json-fields.ts';
import { compileReader, pairShape } from './compile-reader.ts';
import { readPairs, type PairShape } from './key-values.ts';
import { compilePattern, matchPattern, type CompiledPattern } from './match-pattern.ts';
import { compilePick, type Condition } from './pick-case.ts';
import type { TimeContext } from './time-parts.ts';
import { compileWrite, type Write } from './write-field.ts';

export interface CompiledDecoder {
  readonly spec: DecoderSpec;
  readonly id: string;
  readonly version: number;
  /** False: the text is of another format. True: the row is written, its kind and decoder too. */
  decode(text: string, json: unknown, row: EventRow, context: TimeContext): boolean;
  /** When no message fits, but the program says whose text it is. */
  claim(row: EventRow): void;
}

interface Outcome {
  readonly kindId: number;
  readonly slots: readonly (readonly [slot: number, value: FieldValue])[];
  readonly extras: readonly (readonly [name: string, value: string])[];
}

export function compileDecoder(spec: DecoderSpec): CompiledDecoder {
  const base = compileOutcome(spec, {});
  const finish = (row: EventRow, outcome: Outcome): void => {
    row.decoder = spec.id;
    row.decoderVersion = spec.version;
    // An envelope's constants would stand in the way of its content's: they wait for `claim`.
    if (spec.inner) row.kindId = outcome.kindId;
    else applyOutcome(row, outcome);
  };
  const claim = (row: EventRow): void => {
    row.decoder = spec.id;
    row.decoderVersion = spec.version;
    applyOutcome(row, base);
  };
  const decode =
    spec.format === 'json'
      ? compileJson(spec, finish)
      : spec.format === 'key-value'
        ? compilePairs(spec, finish)
        : compileMessages(spec, finish);
  return { spec, id: spec.id, version: spec.version, decode, claim };
}

type Decode = CompiledDecoder['decode'];
type Finish = (row: EventRow, outcome: Outcome) => void;

function compileOutcome(
  spec: DecoderSpec,
  part: { readonly source?: LogSource | undefined; readonly set?: Readonly<Record<string, Constant>> | undefined },
): Outcome {
  const source = { ...spec.source, ...part.source };
  const kind = internKind({ product: source.product ?? '', service: source.service ?? '', categories: source.categories ?? [] });
  const all: [string, Constant][] = Object.entries({ 'event.kind': 'event', 'event.dataset': spec.id, ...spec.set, ...part.set });
  const slots: (readonly [number, FieldValue])[] = [];
  const extras: (readonly [string, string])[] = [];
  for (const [name, value] of all) {
    const field = fieldByName(name);
    if (field) slots.push([field.slot, value]);
    else extras.push([name, String(value)]);
  }
  return { kindId: kind.id, slots, extras };
}

/** Constants fill what no field has written: a value read from the line is worth more. */
function applyOutcome(row: EventRow, outcome: Outcome): void {
  row.kindId = outcome.kindId;
  for (const [slot, value] of outcome.slots) if (row.slots[slot] === undefined) row.set(slot, value);
  for (const [name, value] of outcome.extras) row.setExtra(name, value);
}

function mappingOf(entry: string | Mapping): { from: readonly string[]; mapping: Mapping | undefined } {
  if (typeof entry === 'string') return { from: [entry], mapping: undefined };
  return { from: typeof entry.from === 'string' ? [entry.from] : entry.from, mapping: entry };
}

function optionsOf(spec: DecoderSpec): { empty: readonly string[]; time: readonly string[] | undefined } {
  return { empty: spec.empty ?? ['', '-'], time: spec.time };
}

/** Each raw name with the writers that want it. Of several names for one field the first in the text wins. */
function writersOf(spec: DecoderSpec, maps: readonly (FieldMap | undefined)[]): [name: string, write: Write][] {
  return maps.flatMap((map) =>
    Object.entries(map ?? {}).flatMap(([target, entry]) => {
      const { from, mapping } = mappingOf(entry);
      const write = compileWrite(target, mapping, optionsOf(spec));
      const slot = fieldByName(target)?.slot ?? -1;
      const once: Write = (row, value, context) => void (row.slots[slot] === undefined && write(row, value, context));
      return from.map((name): [string, Write] => [name, from.length > 1 && slot >= 0 ? once : write]);
    }),
  );
}

interface Part {
  readonly outcome: Outcome;
  readonly branch: JsonBranch | undefined;
  readonly writes: ReadonlyMap<string, readonly Write[]>;
  /** One of these is enough. */
  readonly when: readonly Condition[];
}

function groupWrites(list: readonly [string, Write][]): Map<string, Write[]> {
  const grouped = new Map<string, Write[]>();
  for (const [name, write] of list) grouped.set(name, [...(grouped.get(name) ?? []), write]);
  return grouped;
}

function branchOf(list: readonly [string, Write][]): JsonBranch {
  const root = newBranch();
  for (const [path, write] of list) addPath(root, path, write);
  return root;
}

function compileCases(spec: DecoderSpec): { names: string[]; cases: Part[] } {
  const names = [...new Set((spec.cases ?? []).flatMap(({ when }) => [when].flat().flatMap((one) => Object.keys(one))))];
  const cases = (spec.cases ?? []).map((one): Part => {
    const list = writersOf(spec, [one.fields]);
    const when = [one.when]
      .flat()
      .map((condition) => Object.entries(condition).map(([name, wanted]) => [names.indexOf(name), [wanted].flat().map(String)] as const));
    return { outcome: compileOutcome(spec, one), branch: list.length > 0 ? branchOf(list) : undefined, writes: groupWrites(list), when };
  });
  return { names, cases };
}

function compileJson(spec: DecoderSpec, finish: Finish): Decode {
  const base = compileOutcome(spec, {});
  const root = branchOf(writersOf(spec, [spec.fields]));
  const { names, cases } = compileCases(spec);
  // What the case at hand does not read is left over, whatever other cases read.
  const namedBy = new Map(cases.map((part, index) => [part, branchOf(writersOf(spec, [spec.fields, spec.cases?.[index]?.fields]))]));
  const pick = compilePick(cases);
  const paths = names.map(splitPath);
  const values: (string | undefined)[] = names.map(() => undefined);
  return (_text, json, row, context) => {
    if (typeof json !== 'object' || json === null) return false;
    readBranch(root, json, row, context);
    for (let index = 0; index < paths.length; index++) {
      const value = readPath(json, paths[index] ?? []);
      values[index] = value === undefined || value === null || typeof value === 'object' ? undefined : `${value as string | number}`;
    }
    const part = pick(values);
    if (part?.branch) readBranch(part.branch, json, row, context);
    if (spec.rest !== undefined) readRest((part && namedBy.get(part)) ?? root, json, spec.rest, row);
    finish(row, part?.outcome ?? base);
    return true;
  };
}

function compilePairs(spec: DecoderSpec, finish: Finish): Decode {
  const base = compileOutcome(spec, {});
  const read = compileReader(spec);
  const { names, cases } = compileCases(spec);
  const pick = compilePick(cases);
  const values: (string | undefined)[] = names.map(() => undefined);
  const remember = names.map((name, index): [string, Write] => [name, (_row, value) => void (values[index] ??= String(value))]);
  const readAll = read(groupWrites([...writersOf(spec, [spec.fields]), ...remember]));
  const readPart = new Map(cases.map((part) => [part, part.writes.size > 0 ? read(part.writes) : undefined]));
  return (text, _json, row, context) => {
    values.fill(undefined);
    if (readAll(text, { row, context }) === 0) return false;
    const part = pick(values);
    if (part) readPart.get(part)?.(text, { row, context });
    finish(row, part?.outcome ?? base);
    return true;
  };
}

interface Message {
  readonly pattern: CompiledPattern;
  readonly outcome: Outcome;
  /** By capture: what is done with it. Own names (`_x`) may feed several fields. */
  readonly writes: readonly (readonly Write[])[];
  readonly pairs: ReadonlyMap<string, readonly Write[]>;
  readonly pairsCapture: number;
}

function compileMessages(spec: DecoderSpec, finish: Finish): Decode {
  const shape = pairShape(spec);
  const list = (spec.messages ?? []).flatMap((message) =>
    patternsOf(spec.head, message.match).map((text): Message => {
      const parsed = parsePattern(text);
      assert(parsed.ok, `the loader let a bad pattern through: ${text}`);
      const pattern = compilePattern(parsed.elements);
      const byName = groupWrites(writersOf(spec, [spec.fields, message.fields]));
      const writes = pattern.targets.map(({ target }) =>
        target.startsWith('_') ? (byName.get(target) ?? []) : [compileWrite(target, undefined, optionsOf(spec))],
      );
      const pairsCapture = spec.pairs?.from === undefined ? -1 : pattern.targets.findIndex(({ target }) => target === spec.pairs?.from);
      return { pattern, outcome: compileOutcome(spec, message), writes, pairs: byName, pairsCapture };
    }),
  );
  const index = indexByFirst(list);
  return (text, _json, row, context) => {
    const first = text.charCodeAt(0);
    for (const message of index[first < 128 ? first : 128] ?? []) {
      if (!matchPattern(message.pattern, text)) continue;
      writeCaptures(message, text, shape, { row, context });
      finish(row, message.outcome);
      return true;
    }
    return false;
  };
}

/** Messages by the first character they can begin with, in file order; those that begin with a capture are in all lists. */
function indexByFirst(list: readonly Message[]): Message[][] {
  return Array.from({ length: 129 }, (_, code) => list.filter(({ pattern }) => pattern.firsts === undefined || pattern.firsts.has(code)));
}

function writeCaptures(message: Message, text: string, shape: PairShape, target: { row: EventRow; context: TimeContext }): void {
  const { spans } = message.pattern;
  for (let at = 0; at < message.writes.length; at++) {
    const writes = message.writes[at];
    const start = spans[at * 2] ?? -1;
    if (!writes || writes.length === 0 || start < 0) continue;
    const value = text.slice(start, spans[at * 2 + 1]);
    for (const write of writes) write(target.row, value, target.context);
  }
  if (message.pairsCapture < 0) return;
  const start = spans[message.pairsCapture * 2] ?? -1;
  if (start >= 0) readPairs(text.slice(start, spans[message.pairsCapture * 2 + 1]), shape, message.pairs, target);
}
