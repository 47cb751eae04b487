// Reads the decoder files of a folder into checked values, in an order that does not depend on the file system.
// Promises: a wrong file is one UsageError with file, line and column; ids are unique; `like` is resolved (one level).
// It compiles nothing: hub/normalise does, the trim guard only asks `fieldsReadBy` and `fieldsWrittenBy`.
import { readdirSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../proto/runtime/errors.ts';
import { loadYamlFile, parseYaml } from '../load-yaml.ts';
import { decoderSchema, patternsOf, type DecoderSpec, type FieldMap } from './format.ts';
import { captureTargets, parsePattern } from './pattern.ts';

/** The shipped decoders: beside this file in a checkout, in `decoders/` beside the bundle when built. */
function shippedDecodersFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return existsSync(join(here, 'openssh.yml')) ? here : join(here, 'decoders');
}

export function loadDecoders(folder: string = shippedDecodersFolder()): readonly DecoderSpec[] {
  if (!existsSync(folder)) throw new UsageError(`${folder}: there is no folder with decoder files; check the installation`);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .sort();
  return resolveLikes(
    files.map((name) => ({ file: join(folder, name), spec: loadYamlFile(join(folder, name), decoderSchema, 'a decoder') })),
  );
}

/** One decoder from text, for tests and previews. */
export function parseDecoder(text: string, name: string): DecoderSpec {
  return parseYaml(text, decoderSchema, name);
}

function resolveLikes(files: readonly { readonly file: string; readonly spec: DecoderSpec }[]): readonly DecoderSpec[] {
  const byId = new Map<string, DecoderSpec>();
  for (const { file, spec } of files) {
    if (byId.has(spec.id)) throw new UsageError(`${file}: another decoder has the id ${spec.id} already; ids must differ`);
    byId.set(spec.id, spec);
  }
  return files.map(({ file, spec }) => {
    if (spec.like === undefined) return spec;
    const base = byId.get(spec.like);
    if (!base || base.like !== undefined) throw new UsageError(`${file}: like: ${spec.like} names no decoder that stands for itself`);
    return { ...base, recognise: undefined, types: undefined, priority: undefined, ...spec };
  });
}

/** Raw fields that a decoder reads: JSON paths, keys of pairs, and `_text` where it reads a text as a whole. */
export function fieldsReadBy(decoder: DecoderSpec): readonly string[] {
  const sources = [decoder, ...(decoder.messages ?? []), ...(decoder.cases ?? [])].flatMap((part) => readBy(part.fields ?? {}));
  const conditions = (decoder.cases ?? []).flatMap((one) => [one.when].flat().flatMap((condition) => Object.keys(condition)));
  const recognised = [...(decoder.recognise?.keys ?? []), ...Object.keys(decoder.recognise?.values ?? {})];
  const inner = decoder.inner ? [decoder.inner.text, ...(decoder.inner.program ? [decoder.inner.program] : [])] : [];
  const whole = decoder.format === 'pattern' ? ['_text'] : [];
  return [...new Set([...recognised, ...conditions, ...inner, ...sources.filter((name) => !name.startsWith('_')), ...whole])].sort();
}

function readBy(map: FieldMap): string[] {
  return Object.values(map).flatMap((from) => (typeof from === 'string' ? [from] : from.from));
}

export function fieldsWrittenBy(decoder: DecoderSpec): readonly string[] {
  const parts = [decoder, ...(decoder.messages ?? []), ...(decoder.cases ?? [])];
  const named = parts.flatMap((part) => [...Object.keys(part.set ?? {}), ...Object.keys(part.fields ?? {})]);
  const captured = (decoder.messages ?? [])
    .flatMap(({ match }) => patternsOf(decoder.head, match))
    .flatMap((text) => {
      const parsed = parsePattern(text);
      return parsed.ok ? captureTargets(parsed.elements).filter((target) => !target.startsWith('_')) : [];
    });
  return [...new Set([...named, ...captured])].sort();
}
