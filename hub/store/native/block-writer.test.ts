import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fields } from '../../../config/fields/registry.ts';
import type { FieldValue } from '../../../config/fields/row.ts';
import type { ChdbStore } from '../chdb-store.ts';
import { blockOf } from '../testing/event-store-contract.ts';
import { openTestStore, storeFolder, writeBlock } from '../testing/open-test-store.ts';
import { expectedEvent, type SampleRow, sampleRow, sampleTimeMs } from '../testing/sample-rows.ts';
import { BlockWriter } from './block-writer.ts';
import { EventChunk } from './event-chunk.ts';

const signal = new AbortController().signal;
let place: ReturnType<typeof storeFolder>;
let store: ChdbStore;
let lastBlock = 0;
beforeAll(async () => {
  place = storeFolder();
  store = await openTestStore(place.folder);
});
afterAll(async () => {
  await store.close();
  place.remove();
});

/** Through the file and the engine and back, by id. */
async function roundTrip(make: (sequence: number) => readonly SampleRow[]) {
  const number = ++lastBlock;
  const rows = make(number);
  await store.insert(blockOf(number, { eventRows: rows.length, ledgerRows: 0 }), await writeBlock(place.folder, number, rows, []));
  const expected = rows.map(expectedEvent);
  const found = new Map<string, unknown>();
  for (let at = 0; at < expected.length; at += 1_000) {
    const ids = expected.slice(at, at + 1_000).map((event) => event.id);
    for (const event of await store.get(ids, signal)) found.set(event.id, event);
  }
  return { expected, found: expected.map((event) => found.get(event.id)) };
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    'a\udc00b',
    '👩‍🚒',
    'é'.repeat(41),
    'x'.repeat(42),
    'x'.repeat(43),
    '𝔸'.repeat(2_800),
    "'; DROP TABLE events --",
    '\\N',
    '\t\n\r',
  ),
);

function valueOf(field: (typeof fields)[number]): fc.Arbitrary<FieldValue> {
  // A list of nothing is as absent, so none is given.
  if (field.isArray) return fc.array(text, { minLength: 1, maxLength: 4 });
  if (field.type === 'long')
    return fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, 2 ** 32, -(2 ** 32), Number.MAX_SAFE_INTEGER, 1.5));
  if (field.type === 'date') return fc.integer({ min: 0, max: 4e12 });
  if (field.type === 'boolean') return fc.boolean();
  return field.type === 'float' ? fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)) : text;
}

const fieldSet = fc
  .uniqueArray(fc.nat(fields.length - 1), { maxLength: 12 })
  .chain((slots) => fc.tuple(...slots.map((slot) => valueOf(fields[slot]!).map((value) => [fields[slot]!.name, value] as const))))
  .map((pairs) => Object.fromEntries(pairs));
const extras = fc.uniqueArray(fc.tuple(text, text), { maxLength: 4, selector: ([name]) => name.toWellFormed() });
const parts = fc.record({ raw: text, timeMs: fc.integer({ min: 0, max: 4_294_967_295_000 }), fields: fieldSet, extras, problem: text });

describe('block files', () => {
  test('whatever text and fields a line has, the engine gives back just that', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 40 }), async (list) => {
        const { expected, found } = await roundTrip((sequence) => list.map((one, index) => sampleRow(sequence, index, one)));
        expect(found).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  }, 120_000);

  test('a block of several chunks keeps every row, values that come and go between chunks too', async () => {
    const { expected, found } = await roundTrip((sequence) =>
      Array.from({ length: 9_000 }, (_, index) =>
        sampleRow(sequence, index, {
          fields: index % 3 === 0 ? { 'user.name': `u${index % 700}`, 'source.port': index, 'event.category': ['a', `b${index}`] } : {},
          extras: index > 8_500 ? [['late', String(index)]] : [],
        }),
      ),
    );
    expect(found).toEqual(expected);
  });

  test('a line that is its own message is written once and comes back with both', async () => {
    const raw = `a line that nothing recognises ${'x'.repeat(2_000)}`;
    const { expected, found } = await roundTrip((sequence) => [
      sampleRow(sequence, 0, { raw, fields: { message: raw } }),
      sampleRow(sequence, 1, { raw, fields: { message: raw.slice(1) } }),
      sampleRow(sequence, 2, { raw: '', fields: { message: '' } }),
      sampleRow(sequence, 3, { raw: 'a\ud800', fields: { message: 'a\ud800' } }),
    ]);
    const chunk = new EventChunk();
    const { place: where, row } = sampleRow(1, 0, { raw, fields: { message: raw } });

    chunk.append(where, row);

    expect(found).toEqual(expected);
    expect(Buffer.concat(chunk.pieces()).toString().split(raw)).toHaveLength(2);
  });

  test('a line of the longest size allowed goes through, beside short ones', async () => {
    const raw = 'é\0"'.repeat(349_525);
    const { expected, found } = await roundTrip((sequence) => [
      sampleRow(sequence, 0),
      sampleRow(sequence, 1, { raw }),
      sampleRow(sequence, 2),
    ]);
    expect(found).toEqual(expected);
  });

  test('times that no clock can have shown are brought to the nearest that the table holds', async () => {
    const { found } = await roundTrip((sequence) => [
      sampleRow(sequence, 0, { timeMs: -5 }),
      sampleRow(sequence, 1, { timeMs: Number.NaN }),
      sampleRow(sequence, 2, { timeMs: 9e15 }),
    ]);
    expect(found).toMatchObject([{ timeMs: 0 }, { timeMs: 0 }, { timeMs: 4_294_967_295_000 }]);
  });

  test('a discarded block leaves no file and no row, and its rows can be made again', async () => {
    const folder = join(place.folder, 'blocks');
    const writer = new BlockWriter({ folder, name: 'again' });
    const { place: where, row } = sampleRow(1, 0, { timeMs: sampleTimeMs });
    writer.append(900, where, row);
    writer.append(901, where, row);
    writer.append(900, where, row);
    expect([writer.rows(900), writer.rows(901)]).toEqual([2, 1]);

    await writer.discard(900);
    writer.append(900, where, row);
    const sealed = await writer.seal(900);

    expect(sealed).toMatchObject({ rows: 1 });
    await writer.close();
    expect(readdirSync(folder).filter((file) => file.includes('again'))).toEqual(['900-again.native']);
  });
});
