import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../proto/delivery.ts';
import { LineBuffers } from '../inputs/line-buffers.ts';
import { createFraming } from './create-framing.ts';
import { zeekLimits } from '../../proto/framing/zeek-header.ts';

const header = (path: string, fields: readonly string[], types: readonly string[]): string =>
  [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    `#path\t${path}`,
    '#open\t2026-11-24-10-00-00',
    `#fields\t${fields.join('\t')}`,
    `#types\t${types.join('\t')}`,
    '',
  ].join('\n');

const small = header('conn', ['ts', 'uid', 'id.orig_h', 'tags', 'local'], ['time', 'string', 'addr', 'set[string]', 'bool']);

interface Read {
  readonly lines: string[];
  readonly cut: readonly number[];
  readonly marks: string[];
  readonly problems: string[];
}

/** As a tail reads: what is not handed out is seen again with what comes behind it. */
async function read(text: string | Buffer, cuts: readonly number[] = [], resumeAt = { offset: 0, mark: '' }): Promise<Read> {
  const file = Buffer.from(text);
  const framing = createFraming({ encoding: 'utf-8', records: 'zeek' }).ofFile?.();
  if (!framing) throw new Error('no framing of its own');
  if (resumeAt.offset > 0) await framing.resume(async (at, length) => file.subarray(at, at + length), resumeAt);
  const found: Read = { lines: [], cut: [], marks: [], problems: [] };
  const cut: number[] = [];
  let place = resumeAt.offset;
  for (const end of [...cuts, file.length]) {
    for (let before = -1; place !== before;) {
      before = place;
      const part = file.subarray(place, Math.max(place, end));
      const buffers = new LineBuffers();
      buffers.growTo(part.length);
      part.copy(buffers.bytes);
      const from = buffers.split(0, part.length);
      place += buffers.join(framing, { from, to: part.length, lineFeed: 'byte', isWhole: false, sourceOffset: place });
      const decoded = framing.decode(buffers, { lineFeed: 'byte', isFileStart: false });
      cut.push(...decoded.cut.map((line) => line + found.lines.length));
      for (let i = 0; i < decoded.count; i++) {
        found.lines.push(decoded.bytes.toString('utf8', decoded.starts[i], decoded.ends[i]));
        found.marks.push(framing.mark);
      }
      found.problems.push(framing.problem);
    }
  }
  return { ...found, cut };
}

test.each([
  ['a row', '1.5\tCa\t192.0.2.1\tx,y\tT', '{"_path":"conn","ts":1.5,"uid":"Ca","id.orig_h":"192.0.2.1","tags":["x","y"],"local":true}'],
  ['what is unset is left out, what is empty is not', '1.5\t-\t-\t(empty)\tF', '{"_path":"conn","ts":1.5,"tags":[],"local":false}'],
  ['an empty text', '1.5\t(empty)\t-\t-\t-', '{"_path":"conn","ts":1.5,"uid":""}'],
  [
    'escapes of Zeek are the bytes they stand for',
    '1.5\ta\\x09b\\x5cc\\\\d\t-\tx\\x2cy,z\t-',
    '{"_path":"conn","ts":1.5,"uid":"a\\u0009b\\\\c\\\\d","tags":["x,y","z"]}',
  ],
  [
    'a text that looks unset or empty is escaped by Zeek',
    '1.5\t\\x2d\t-\t\\x28empty)\t-',
    '{"_path":"conn","ts":1.5,"uid":"-","tags":["(empty)"]}',
  ],
  [
    'UTF-8 stays, whether escaped or not; other bytes are told as Zeek tells them',
    '1.5\té\\xc3\\xa9\\xff\\xed\\xa0\\x80\t-\t-\t-',
    '{"_path":"conn","ts":1.5,"uid":"éé\\\\xff\\\\xed\\\\xa0\\\\x80"}',
  ],
  ['an escape that is none stays', '1.5\t\\xzz\\\t-\t-\t-', '{"_path":"conn","ts":1.5,"uid":"\\\\xzz\\\\"}'],
  ['quotes and control characters', '1.5\t"\\x00\u0001\t-\t-\t-', '{"_path":"conn","ts":1.5,"uid":"\\"\\u0000\\u0001"}'],
  ['elements unset and empty', '1.5\t-\t-\t-,(empty),x,\t-', '{"_path":"conn","ts":1.5,"tags":[null,"","x",""]}'],
  ['what is no number in a number goes as text', 'nan\t-\t-\t-\tmaybe', '{"_path":"conn","ts":"nan","local":"maybe"}'],
  ['numbers that JSON does not write so', '007\t-\t-\t-\t-', '{"_path":"conn","ts":"007"}'],
  ['numbers with all their digits', '1795514400.123456\t-\t-\t-\t-', '{"_path":"conn","ts":1795514400.123456}'],
])('%s', async (_what, row, json) => {
  const { lines, problems } = await read(`${small}${row}\n`);

  expect(lines).toEqual([json]);
  expect(() => void JSON.parse(lines[0] ?? '')).not.toThrow();
  expect(problems.at(-1)).toBe('');
});

describe('rows that cannot be read go as they are, and that is told until rows are read again', () => {
  test.each([
    ['fewer columns', `${small}1.5\tCa\n`, ['1.5\tCa'], /other columns than their header/],
    ['more columns', `${small}1.5\tCa\t-\t-\t-\t-\n`, ['1.5\tCa\t-\t-\t-\t-'], /other columns/],
    ['no header', '1.5\tCa\t-\n', ['1.5\tCa\t-'], /no header stands before them/],
    ['a header without fields', '#separator \\x09\n#path\tconn\n1.5\n', ['1.5'], /names no #fields/],
    ['fields and types that differ', `${header('x', ['a', 'b'], ['count'])}1\t2\n`, ['1\t2'], /other numbers of #fields and #types/],
    ['a separator of many bytes', '#separator \\x09\\x09\n#fields\t\ta\n1\n', ['1'], /one byte/],
    ['too many fields', `${header('x', Array(zeekLimits.columnsMax + 1).fill('a'), [])}1\n`, ['1'], /more than 1024 fields/],
    ['an over-long path', `${header('x'.repeat(300), ['a'], ['count'])}1\n`, ['1'], /longer than 256/],
  ])('%s', async (_what, text, lines, problem) => {
    const found = await read(text);

    expect(found.lines).toEqual(lines);
    expect(found.problems.at(-1)).toMatch(problem);
  });

  test('a late header is obeyed from where it stands', async () => {
    const { lines, problems } = await read(`1.5\tCa\n${header('x', ['a', 'b'], ['count', 'string'])}1\t2\n`);

    expect(lines).toEqual(['1.5\tCa', '{"_path":"x","a":1,"b":"2"}']);
    expect(problems.at(-1)).toBe('');
  });
});

test('rows that Zeek wrote as JSON go as they are, without complaint', async () => {
  const { lines, problems } = await read('{"ts":1.5,"uid":"Ca"}\n');

  expect(lines).toEqual(['{"ts":1.5,"uid":"Ca"}']);
  expect(problems.at(-1)).toBe('');
});

test('a new header in the middle governs what is behind it, and each row carries the mark of its own', async () => {
  const first = `${small}1\tCa\t-\t-\t-\n#close\t2026-11-24-11-00-00\n`;
  const text = `${first}${header('conn', ['ts', 'more', 'uid'], ['time', 'count', 'string'])}2\t7\tCb\n`;

  const { lines, marks } = await read(text);

  expect(lines).toEqual(['{"_path":"conn","ts":1,"uid":"Ca"}', '{"_path":"conn","ts":2,"more":7,"uid":"Cb"}']);
  expect(marks).toEqual(['header=0', `header=${first.length}`]);
});

test('a header without #close or #separator before it is one too', async () => {
  const { lines } = await read(`#fields\ta\n1\n#fields\tb\n2\n`);

  expect(lines).toEqual(['{"_path":"","a":"1"}', '{"_path":"","b":"2"}']);
});

test('other separators', async () => {
  const text =
    '#separator |\n#set_separator|;\n#empty_field|E\n#unset_field|U\n#path|p\n#fields|a|b|c\n#types|set[count]|string|string\n1;2|E|U\n';

  expect((await read(text)).lines).toEqual(['{"_path":"p","a":[1,2],"b":""}']);
});

test('a separator of several bytes parts elements only where it stands whole', async () => {
  const text = '#separator \\x09\n#set_separator\t;;\n#fields\ta\tb\n#types\tset[string]\tstring\nx;;y;z;\t;w\none\t-\n';

  expect((await read(text)).lines).toEqual(['{"_path":"","a":["x","y;z;"],"b":";w"}', '{"_path":"","a":["one"]}']);
});

const rows = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('1.5\tCa\t192.0.2.1\tx,y\tT', '2\t-\t-\t(empty)\t-', 'odd', '#close\t2026', '{"a":1}', '') },
    { weight: 1, arbitrary: fc.constant(small.trimEnd()) },
    { weight: 1, arbitrary: fc.constant(header('dns', ['ts', 'query'], ['time', 'string']).trimEnd()) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\n', '')) },
  ),
  { maxLength: 30 },
);

test('however the bytes come, and wherever reading goes on, the same lines', async () => {
  await fc.assert(
    fc.asyncProperty(rows, fc.array(fc.nat(2_000), { maxLength: 6 }), fc.nat(), async (some, cuts, at) => {
      const text = Buffer.from(some.map((row) => `${row}\n`).join(''));
      const whole = await read(text);
      const parts = await read(
        text,
        cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b),
      );

      expect(parts.lines).toEqual(whole.lines);

      // From a line on, with the mark that the line before it carried.
      const starts = [0, ...[...text.entries()].filter(([, byte]) => byte === 0x0a).map(([index]) => index + 1)];
      const offset = starts[at % starts.length] ?? 0;
      const before = await read(text.subarray(0, offset));
      const mark = before.marks.at(-1) ?? '';
      const after = await read(text, [], { offset, mark: offset === 0 ? '' : mark });
      // A place inside a header that follows rows is under the mark of the header before: positions stand behind lines.
      if (offset === 0 || isBehindRow(text, offset)) expect([...before.lines, ...after.lines]).toEqual(whole.lines);
    }),
    { numRuns: 300 },
  );
});

function isBehindRow(text: Buffer, offset: number): boolean {
  const start = text.lastIndexOf(0x0a, offset - 2) + 1;
  return text[start] !== 0x23 || start === offset - 1;
}

describe('very long rows', () => {
  test('one that grows beyond a line has its long values cut, and stays JSON with all its short ones', async () => {
    const { lines, cut } = await read(`${small}1.5\t${'\\x01'.repeat(limits.lineBytesMax / 5)}\t192.0.2.1\t-\tT\n`);

    const row: unknown = JSON.parse(lines[0] ?? '');
    expect(row).toMatchObject({ _path: 'conn', ts: 1.5, 'id.orig_h': '192.0.2.1', local: true });
    expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(limits.lineBytesMax);
    expect(cut).toEqual([0]);
  });

  test('whatever is in them', async () => {
    const value = fc.constantFrom('\u0001', '"', '\\', 'é', ',', '-,', '\\xff', 'x');
    await fc.assert(
      fc.asyncProperty(value, value, async (a, b) => {
        const big = a.repeat(Math.floor(400_000 / Buffer.byteLength(a)));
        const other = b.repeat(Math.floor(400_000 / Buffer.byteLength(b)));
        const { lines } = await read(`${small}1.5\t${big}\t192.0.2.1\t${other}\tT\n`);

        expect(Buffer.byteLength(lines[0] ?? '')).toBeLessThanOrEqual(limits.lineBytesMax);
        expect(JSON.parse(lines[0] ?? '')).toMatchObject({ ts: 1.5, 'id.orig_h': '192.0.2.1', local: true });
      }),
      { numRuns: 12 },
    );
  });
});

test('any row whatever becomes JSON that says the same as the columns, or goes as it is', async () => {
  const cell = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll(/[\t\n\r]/g, ''));
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 5, maxLength: 5 }), async (cells) => {
      const line = cells.join('\t');
      const { lines } = await read(`${small}${line}\n`);
      if (line.startsWith('#') || line.startsWith('{')) return;

      const [, uid = ''] = cells;
      const row: unknown = JSON.parse(lines[0] ?? '');
      expect(row).toMatchObject({ _path: 'conn' });
      if (uid !== '-' && uid !== '(empty)' && !uid.includes('\\')) expect(row).toMatchObject({ uid });
    }),
    { numRuns: 500 },
  );
});
