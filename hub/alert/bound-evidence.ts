// Keeps what a person looks at first within a budget: the first lines (how it began) and the newest (what it does now),
// and the distinct values of each field. Pure; the same findings in the same order give the same alert.
// What is left out is counted. A shortened line keeps the hash of the whole, so that it can be checked against the store.
import type { AlertEvidence, Evidence } from '../ports.ts';
import {
  evidenceBytesMax,
  evidenceFirstMax,
  evidenceMax,
  evidenceRawMax,
  fieldBytesMax,
  fieldNamesMax,
  fieldValueLengthMax,
  fieldValuesMax,
} from './alert-limits.ts';

export interface BoundedEvidence {
  readonly evidence: readonly AlertEvidence[];
  readonly evidenceOmitted: number;
}

export function addEvidence(held: BoundedEvidence, added: readonly Evidence[]): BoundedEvidence {
  const known = new Set(held.evidence.map(({ eventId }) => eventId));
  const all = [...held.evidence];
  for (const one of added) {
    if (known.has(one.eventId)) continue;
    known.add(one.eventId);
    all.push(shorten(one));
  }
  const sizes = all.map(encodedBytes);
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  let omitted = 0;
  const firstCount = countFirst(sizes);
  while (all.length > evidenceMax || (bytes > evidenceBytesMax && all.length > 1)) {
    // The oldest of the newest goes; the first ones stay.
    const at = Math.min(firstCount, all.length - 1);
    bytes -= sizes.splice(at, 1)[0] ?? 0;
    all.splice(at, 1);
    omitted++;
  }
  return { evidence: all, evidenceOmitted: held.evidenceOmitted + omitted };
}

/** The first ones have half of the budget, so that large lines at the beginning leave room for what happens now. */
function countFirst(sizes: readonly number[]): number {
  let bytes = sizes[0] ?? 0;
  let count = 1;
  while (count < evidenceFirstMax && bytes + (sizes[count] ?? Infinity) <= evidenceBytesMax / 2) bytes += sizes[count++] ?? 0;
  return count;
}

function shorten(evidence: Evidence): AlertEvidence {
  const isCut = evidence.raw.length > evidenceRawMax;
  // toWellFormed: a cut between two halves of a character must not leave half of it.
  return { ...evidence, raw: isCut ? evidence.raw.slice(0, evidenceRawMax).toWellFormed() : evidence.raw, isCut };
}

export interface BoundedFields {
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly fieldValuesOmitted: number;
}

export function addFields(held: BoundedFields, added: readonly Readonly<Record<string, string>>[]): BoundedFields {
  const fields = new Map(Object.entries(held.fields).map(([name, values]) => [name, [...values]]));
  let bytes = encodedBytes(held.fields);
  let omitted = held.fieldValuesOmitted;
  for (const [name, value] of added.flatMap((one) => Object.entries(one))) {
    const short = value.slice(0, fieldValueLengthMax).toWellFormed();
    const values = fields.get(name);
    if (values?.includes(short)) continue;
    const size = encodedBytes(short) + (values ? 1 : encodedBytes(name) + 4);
    const hasRoom = values ? values.length < fieldValuesMax : fields.size < fieldNamesMax && name.length <= fieldValueLengthMax;
    if (!hasRoom || bytes + size > fieldBytesMax) {
      omitted++;
      continue;
    }
    bytes += size;
    if (values) values.push(short);
    else fields.set(name, [short]);
  }
  return { fields: Object.fromEntries(fields), fieldValuesOmitted: omitted };
}

function encodedBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
