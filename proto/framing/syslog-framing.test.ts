import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SyslogFraming } from './syslog-framing.ts';

interface Framed {
  readonly text: string;
  readonly isCut: boolean;
}

const messageBytesMax = 24;

function framed(chunks: readonly Buffer[], { octetCounting = true, isOrderly = true } = {}): Framed[] {
  const found: Framed[] = [];
  const framing = new SyslogFraming({ messageBytesMax, octetCounting }, (bytes, start, end, isCut) => {
    found.push({ text: bytes.toString('latin1', start, end), isCut });
  });
  for (const chunk of chunks) framing.take(chunk);
  framing.end(isOrderly);
  return found;
}

const whole = (text: string): Framed => ({ text, isCut: false });
const cut = (text: string): Framed => ({ text, isCut: true });
const x = (count: number): string => 'x'.repeat(count);

describe('messages are recognised one by one, whatever stands between them', () => {
  test.each<[string, string, readonly Framed[]]>([
    ['lines', '<13>one\n<13>two\n', [whole('<13>one'), whole('<13>two')]],
    ['lines with CR LF, and with NUL LF', '<13>one\r\n<13>two\0\n', [whole('<13>one'), whole('<13>two')]],
    ['octet counting', '7 <13>one8 <13>four', [whole('<13>one'), whole('<13>four')]],
    ['both on one connection', '7 <13>one<13>line\n7 <13>two', [whole('<13>one'), whole('<13>line'), whole('<13>two')]],
    ['a line end behind a counted message', '7 <13>one\n8 <13>two\n<13>x\n', [whole('<13>one'), whole('<13>two'), whole('<13>x')]],
    ['line ends inside a counted message', '11 <13>one\ntwo<13>x\n', [whole('<13>one\ntwo'), whole('<13>x')]],
    ['a line that begins with a date', '2026-11-24 <x>\n', [whole('2026-11-24 <x>')]],
    ['a line that begins with a number', '12345678 <13>x\n404 found\n', [whole('12345678 <13>x'), whole('404 found')]],
    ['a negative length', '-5 <13>one\n', [whole('-5 <13>one')]],
    ['a length of nothing', '0 <13>one\n', [whole('0 <13>one')]],
    ['a length with letters in it', '1x <13>\n7 <13>two', [whole('1x <13>'), whole('<13>two')]],
    ['empty lines', '\n\r\n\n<13>one\n\n', [whole('<13>one')]],
    ['NUL within a line, and bytes that are not UTF-8', '<13>a\0b\xff\xfe\n', [whole('<13>a\0b\xff\xfe')]],
    ['a line at the limit', `<13>${x(20)}\n<13>y\n`, [whole(`<13>${x(20)}`), whole('<13>y')]],
    ['a line beyond the limit', `<13>${x(21)}zz\n<13>y\n`, [cut(`<13>${x(20)}`), whole('<13>y')]],
    ['a counted message beyond the limit', `30 <13>${x(26)}<13>y\n`, [cut(`<13>${x(20)}`), whole('<13>y')]],
    ['a length of megabytes', `9999999 <13>${x(30)}`, [cut(`<13>${x(20)}`)]],
    ['no line end for ever', x(1_000), [cut(x(24))]],
    ['a last line without its end', '<13>one\n<13>tw', [whole('<13>one'), whole('<13>tw')]],
    ['a number and nothing more', '12 ', [whole('12 ')]],
  ])('%s', (_, stream, messages) => {
    expect(framed([Buffer.from(stream, 'latin1')])).toEqual(messages);
  });
});

test('a message that its peer never finished is handed out and marked as cut', () => {
  expect(framed([Buffer.from('20 <13>half')])).toEqual([cut('<13>half')]);
  expect(framed([Buffer.from('<13>half')], { isOrderly: false })).toEqual([cut('<13>half')]);
});

test('where nobody counts, a line may begin with anything', () => {
  expect(framed([Buffer.from('7 <13>one\ntwo\n')], { octetCounting: false })).toEqual([whole('7 <13>one'), whole('two')]);
});

const part = fc.oneof(
  fc.constantFrom('<13>a', '7 <13>bcd', '\n', '\r\n', '\0', '1', '30 <', '9999999 <', '-1 ', '0', ' ', 'é\xff', x(30), '<'),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
);
const stream = fc.array(part, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''), 'latin1'));

test('any chunking of a stream gives the same messages', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(400), { maxLength: 30 }), fc.boolean(), fc.boolean(), (bytes, cuts, octetCounting, isOrderly) => {
      const places = [0, ...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((to, i) => bytes.subarray(places[i], to));
      const single = [...bytes].map((byte) => Buffer.from([byte]));
      const how = { octetCounting, isOrderly };

      expect(framed(chunks, how)).toEqual(framed([bytes], how));
      expect(framed(single, how)).toEqual(framed([bytes], how));
    }),
    { numRuns: 2_000 },
  );
});

test('messages come back as they were framed, each in the way its sender chose', () => {
  const body = fc
    .string({ unit: 'grapheme-ascii', minLength: 0, maxLength: 18 })
    .map((text) => `<13>${text}`)
    .filter((text) => !/[\r\n\0]$/.test(text));
  fc.assert(
    fc.property(fc.array(fc.tuple(body, fc.boolean())), (messages) => {
      const sent = messages.map(([text, isCounted]) => (isCounted ? `${text.length} ${text}` : `${text}\n`)).join('');

      expect(framed([Buffer.from(sent)])).toEqual(messages.map(([text]) => whole(text)));
    }),
  );
});
