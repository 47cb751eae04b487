// How the pairs of a decoder's text are read: one line of them, or records of several lines.
import type { DecoderSpec } from '../../config/decoders/format.ts';
import type { EventRow } from '../../config/fields/row.ts';
import { readPairs, type PairShape } from './key-values.ts';
import { groupRecordWrites, readRecords, type RecordShape } from './read-records.ts';
import type { TimeContext } from './time-parts.ts';
import type { Write } from './write-field.ts';

export type Read = (text: string, target: { readonly row: EventRow; readonly context: TimeContext }) => number;

/** Makes a reader of writers, by the shape of the pairs. */
export function compileReader(spec: DecoderSpec): (writes: ReadonlyMap<string, readonly Write[]>) => Read {
  const { records, nested, hex = [] } = spec.pairs ?? {};
  const shape = pairShape(spec);
  if (!records) return (writes) => (text, target) => readPairs(text, shape, writes, target);
  const whole: RecordShape = { ...shape, by: records.by, parts: records.parts, nested, hex: new Set(hex) };
  return (writes) => {
    const grouped = groupRecordWrites(writes, whole.hex);
    return (text, target) => readRecords(text, whole, grouped, target);
  };
}

export function pairShape({ pairs }: DecoderSpec): PairShape {
  return { between: pairs?.between ?? ' ', assign: pairs?.assign ?? '=', isFirst: pairs?.repeated === 'first' };
}
