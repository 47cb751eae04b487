import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cursorToPlace, placeToCursor, steadyZero } from './kernel-place.ts';
import { kernelLine, parseKernelRecord } from './kernel-record.ts';

const zeroUs = Date.UTC(2026, 10, 24, 9, 0, 0) * 1_000;

function lineOf(record: string): string | undefined {
  const parsed = parseKernelRecord(Buffer.from(record));
  return parsed && kernelLine(parsed, { host: 'fw1', zeroUs });
}

test.each([
  [
    'a message of the kernel',
    '5,0,0,-;Linux version 6.12.41\n',
    '<5>1 2026-11-24T09:00:00.000000Z fw1 kernel - - [kmsg@32473 seq="0" us="0"] Linux version 6.12.41',
  ],
  [
    'the device it is about travels along',
    '6,339,5140900,-;e1000 0000:00:03.0 eth0: link up\n SUBSYSTEM=pci\n DEVICE=+pci:0000:00:03.0\n',
    '<6>1 2026-11-24T09:00:05.140900Z fw1 kernel - - [kmsg@32473 seq="339" us="5140900" subsystem="pci" device="+pci:0000:00:03.0"] e1000 0000:00:03.0 eth0: link up',
  ],
  [
    'a caller, a continuation and what a later kernel adds are passed over',
    '4,12,1000001,c,caller=T1,new=1;IN=eth0 OUT= SRC=192.0.2.1\n',
    '<4>1 2026-11-24T09:00:01.000001Z fw1 kernel - - [kmsg@32473 seq="12" us="1000001"] IN=eth0 OUT= SRC=192.0.2.1',
  ],
  [
    'escapes of the kernel stay as they are',
    '6,1,1,-;a\\x0ab "c" \\x5c ]\n',
    '<6>1 2026-11-24T09:00:00.000001Z fw1 kernel - - [kmsg@32473 seq="1" us="1"] a\\x0ab "c" \\x5c ]',
  ],
  [
    'what ends structured data is escaped in it',
    '6,1,1,-;x\n DEVICE=a"]\\\n',
    '<6>1 2026-11-24T09:00:00.000001Z fw1 kernel - - [kmsg@32473 seq="1" us="1" device="a\\"\\]\\\\"] x',
  ],
  [
    'a program that writes to the device has its own name',
    '30,7,2000000,-;systemd[1]: Started foo.service.\n',
    '<30>1 2026-11-24T09:00:02.000000Z fw1 systemd 1 - [kmsg@32473 seq="7" us="2000000"] Started foo.service.',
  ],
  [
    'and cannot pass for the kernel',
    '12,7,2000000,-;IN=eth0 OUT= SRC=192.0.2.1\n',
    '<12>1 2026-11-24T09:00:02.000000Z fw1 - - - [kmsg@32473 seq="7" us="2000000"] IN=eth0 OUT= SRC=192.0.2.1',
  ],
  [
    'a priority beyond what syslog can say is said apart',
    '1999,7,0,-;x\n',
    '<15>1 2026-11-24T09:00:00.000000Z fw1 - - - [kmsg@32473 seq="7" us="0" priority="1999"] x',
  ],
  ['an empty text', '6,1,0,-;\n', '<6>1 2026-11-24T09:00:00.000000Z fw1 kernel - - [kmsg@32473 seq="1" us="0"] '],
  ['no heading', 'hello\n', undefined],
  ['a heading that never ends', '6,1,0,-', undefined],
])('%s', (_what, record, line) => {
  expect(lineOf(record)).toBe(line);
});

test('no bytes whatever make it throw, and a line is one line', () => {
  const head = fc.constantFrom('', '6,1,0,-;', '99999,9999999999999999,9999999999999999,-;', '14,3,0,-;x[1]: ');
  fc.assert(
    fc.property(head, fc.uint8Array({ maxLength: 300 }), (start, bytes) => {
      const line = lineOf(`${start}${Buffer.from(bytes).toString('latin1')}`);

      expect(line ?? '').not.toContain('\n');
    }),
  );
});

test('a place comes back from its cursor, and nothing else is taken for one', () => {
  const place = { bootId: '5f0b8f0e-9c7e-4a35-8f0b-0d7a4b0e2c11', next: 42, zeroUs };

  expect(cursorToPlace(placeToCursor(place))).toEqual(place);
  expect(cursorToPlace('s=1;i=3')).toBeUndefined();
  expect(cursorToPlace('header=3')).toBeUndefined();
  expect(cursorToPlace('')).toBeUndefined();
});

test('the time of zero stays unless a clock was set or the machine slept', () => {
  expect(steadyZero(zeroUs, zeroUs + 900_000)).toBe(zeroUs);
  expect(steadyZero(zeroUs, zeroUs + 60_000_000)).toBe(zeroUs + 60_000_000);
});
