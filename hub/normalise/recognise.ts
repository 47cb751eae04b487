// Which decoders may know a text: by type hint, by syslog program, by JSON keys, by leading literal, by literals anywhere,
// and last those that try any line. Built once; an answer is a short list in order of priority and id, the same on every run.
// Promises: no look at the text costs more than one pass; a decoder is only offered what its file asks for.
import type { DecoderSpec } from '../../config/decoders/format.ts';
import { compileDecoder, type CompiledDecoder } from './compile-decoder.ts';
import { readPath, splitPath } from './json-fields.ts';

export interface ProgramAnswer {
  readonly list: readonly CompiledDecoder[];
  /** Whose message it is even if no pattern fits. */
  readonly owner: CompiledDecoder | undefined;
}

export interface Recogniser {
  readonly decoders: readonly CompiledDecoder[];
  byHint(hint: string): readonly CompiledDecoder[];
  byProgram(program: string): ProgramAnswer;
  byJson(object: object): readonly CompiledDecoder[];
  byText(text: string): readonly CompiledDecoder[];
}

const none: readonly CompiledDecoder[] = [];
const programsMax = 4_096;

export function createRecogniser(specs: readonly DecoderSpec[]): Recogniser {
  const ordered = [...specs].sort((a, b) => (a.priority ?? 50) - (b.priority ?? 50) || (a.id < b.id ? -1 : 1));
  const decoders = ordered.map(compileDecoder);
  const hints = new Map<string, CompiledDecoder[]>();
  for (const decoder of decoders)
    for (const name of new Set([decoder.id, ...(decoder.spec.types ?? [])])) hints.set(name, [...(hints.get(name) ?? []), decoder]);
  return {
    decoders,
    byHint: (hint) => hints.get(hint) ?? none,
    byProgram: programIndex(decoders),
    byJson: jsonIndex(decoders),
    byText: textIndex(decoders),
  };
}

function programIndex(decoders: readonly CompiledDecoder[]): (program: string) => ProgramAnswer {
  const known = new Map<string, ProgramAnswer>();
  const find = (program: string): ProgramAnswer => {
    const claims = decoders.filter(({ spec }) => spec.recognise?.programs?.some((name) => name !== '*' && namesProgram(name, program)));
    const list = decoders.filter((decoder) => claims.includes(decoder) || decoder.spec.recognise?.programs?.includes('*'));
    // Of several that know the program, the one that asks nothing of the text owns what none of them can read.
    const owner = claims.find(({ spec }) => !spec.recognise?.starts && !spec.recognise?.contains) ?? claims[0];
    return { list, owner };
  };
  return (program) => {
    const kept = known.get(program);
    if (kept) return kept;
    // Program names come from the line: an attacker may invent any number of them.
    if (known.size >= programsMax) known.clear();
    const found = find(program);
    known.set(program, found);
    return found;
  };
}

function namesProgram(name: string, program: string): boolean {
  return name === program || (name.endsWith('*') && program.startsWith(name.slice(0, -1)));
}

function jsonIndex(decoders: readonly CompiledDecoder[]): (object: object) => readonly CompiledDecoder[] {
  const candidates = decoders
    .filter(({ spec }) => spec.format === 'json' && (spec.recognise?.keys?.length ?? 0) > 0)
    .map((decoder) => ({
      list: [decoder],
      keys: (decoder.spec.recognise?.keys ?? []).map(splitPath),
      values: Object.entries(decoder.spec.recognise?.values ?? {}).map(([path, wanted]) => [splitPath(path), wanted.map(String)] as const),
    }));
  return (object) => {
    for (const { list, keys, values } of candidates) {
      if (!keys.every((path) => readPath(object, path) !== undefined)) continue;
      if (values.every(([path, wanted]) => wanted.includes(String(readPath(object, path))))) return list;
    }
    return none;
  };
}

function textIndex(decoders: readonly CompiledDecoder[]): (text: string) => readonly CompiledDecoder[] {
  const candidates = decoders.filter(
    ({ spec }) => spec.format !== 'json' && (spec.recognise?.starts ?? spec.recognise?.contains ?? spec.recognise?.anyLine) !== undefined,
  );
  return (text) => {
    let found: CompiledDecoder[] | undefined;
    for (const decoder of candidates) {
      const { starts, contains } = decoder.spec.recognise ?? {};
      if (starts && !starts.some((literal) => text.startsWith(literal))) continue;
      if (contains && !contains.every((literal) => text.includes(literal))) continue;
      (found ??= []).push(decoder);
    }
    return found ?? none;
  };
}
