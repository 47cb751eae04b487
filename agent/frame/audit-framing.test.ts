import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineBuffers } from '../inputs/line-buffers.ts';
import { auditLimits } from './audit-framing.ts';
import { createFraming } from './create-framing.ts';

interface Joined {
  readonly lines: string[];
  readonly cut: readonly number[];
  readonly places: number[];
  readonly rest: string;
}

function join(text: string, { isWhole = false, before = 0 } = {}): Joined {
  const framing = createFraming({ encoding: 'utf-8', records: 'audit' });
  const bytes = Buffer.from(text);
  const buffers = new LineBuffers();
  buffers.growTo(bytes.length);
  bytes.copy(buffers.bytes);
  const from = buffers.split(0, bytes.length);
  const end = buffers.join(framing, { from, to: bytes.length, lineFeed: 'byte', isWhole });
  const decoded = framing.decode(buffers, { lineFeed: 'byte', isFileStart: false });
  const indexes = Array.from({ length: decoded.count }, (_, i) => i);
  return {
    lines: indexes.map((i) => decoded.bytes.toString('utf8', decoded.starts[i], decoded.ends[i])),
    cut: decoded.cut,
    places: indexes.map((i) => before + (decoded.sourceStarts[i] ?? 0)),
    rest: bytes.toString('utf8', end),
  };
}

const record = (type: string, serial: number, more = 'x=1', seconds = 1_795_514_400): string =>
  `type=${type} msg=audit(${seconds}.123:${serial}): ${more}`;
const text = (...records: readonly string[]): string => records.map((one) => `${one}\n`).join('');

const [s1, p1, t1] = [record('SYSCALL', 1), record('PATH', 1), record('PROCTITLE', 1)];
const [s2, t2] = [record('SYSCALL', 2), record('PROCTITLE', 2)];
const login = record('USER_LOGIN', 3, "pid=1 uid=0 msg='op=login res=failed'");

describe('records of one event are one line', () => {
  test.each<[string, string[], string[], string]>([
    ['one after the other', [s1, p1, t1, s2, t2], [`${s1}\n${p1}\n${t1}`, `${s2}\n${t2}`], ''],
    ['two at once', [s1, s2, p1, t2, t1], [`${s1}\n${p1}\n${t1}`, `${s2}\n${t2}`], ''],
    ['an event by itself among others', [s1, login, t1], [`${s1}\n${t1}`, login], ''],
    ['the end that the dispatcher writes', [s1, record('EOE', 1, '')], [`${s1}\n${record('EOE', 1, '')}`], ''],
    ['the audit daemon speaks for itself', [record('DAEMON_START', 9, 'op=start')], [record('DAEMON_START', 9, 'op=start')], ''],
    ['an open one waits, and what came meanwhile with it', [login, s1, s2, t2], [login], text(s1, s2, t2)],
    [
      'a record two seconds younger ends it',
      [s1, p1, record('SYSCALL', 2, '', 1_795_514_402)],
      [`${s1}\n${p1}`],
      text(record('SYSCALL', 2, '', 1_795_514_402)),
    ],
    ['one second does not', [s1, record('SYSCALL', 2, '', 1_795_514_401)], [], text(s1, record('SYSCALL', 2, '', 1_795_514_401))],
    ['what comes after its end is another line', [s1, t1, p1, t1], [`${s1}\n${t1}`, `${p1}\n${t1}`], ''],
    ['lines that are no records', ['hello', s1, 'between', t1], ['hello', `${s1}\n${t1}`, 'between'], ''],
    [
      'nodes with the same serial are apart',
      [`node=a ${s1}`, `node=b ${s1}`, `node=b ${t1}`, `node=a ${t1}`],
      [`node=a ${s1}\nnode=a ${t1}`, `node=b ${s1}\nnode=b ${t1}`],
      '',
    ],
    [
      'behind a syslog header',
      [`Nov 24 10:00:00 web1 audispd: ${s1}`, `Nov 24 10:00:01 web1 audispd: ${t1}`],
      [`Nov 24 10:00:00 web1 audispd: ${s1}\nNov 24 10:00:01 web1 audispd: ${t1}`],
      '',
    ],
  ])('%s', (_what, records, lines, rest) => {
    expect(join(text(...records))).toMatchObject({ lines, rest, cut: [] });
  });

  test('after silence what is open is whole', () => {
    expect(join(text(s1, p1), { isWhole: true })).toMatchObject({ lines: [`${s1}\n${p1}`], rest: '' });
  });

  test('events that overlap carry the place where the first began; the next carries its own', () => {
    expect(join(text(login, s1, s2, t1, t2, s1, t1)).places).toEqual([
      0,
      login.length + 1,
      login.length + 1,
      text(login, s1, s2, t1, t2).length,
    ]);
  });
});

describe('beyond a limit what is open ends early, is marked, and nothing of it is left out', () => {
  test('bytes', () => {
    const big = record('EXECVE', 1, `a0=${'41'.repeat(20_000)}`);
    const { lines, cut, rest } = join(text(s1, big, big, big, big, t1, s2, t2));

    expect(lines).toEqual([[s1, big, big, big].join('\n'), [big, t1].join('\n'), `${s2}\n${t2}`]);
    expect(cut).toEqual([0]);
    expect(rest).toBe('');
  });

  test('records', () => {
    const many = Array<string>(auditLimits.groupLinesMax).fill(p1);
    const { lines, cut } = join(text(s1, ...many, t1));

    expect(lines.map((line) => line.split('\n').length)).toEqual([auditLimits.groupLinesMax, 2]);
    expect(cut).toEqual([0]);
  });

  test('events open at a time', () => {
    const opened = Array.from({ length: auditLimits.openEventsMax + 1 }, (_, i) => record('SYSCALL', 100 + i));
    const { lines, cut, rest } = join(text(...opened));

    expect(lines).toEqual(opened.slice(0, -1));
    expect(cut).toHaveLength(auditLimits.openEventsMax);
    expect(rest).toBe(text(opened.at(-1) ?? ''));
  });
});

const anyRecord = fc
  .tuple(
    fc.constantFrom('SYSCALL', 'PATH', 'CWD', 'PROCTITLE', 'EOE', 'USER_CMD', 'odd'),
    fc.integer({ min: 1, max: 5 }),
    fc.nat(3),
    fc.nat(9),
  )
  .map(([type, serial, second, more]) => {
    if (type === 'odd') return 'x'.repeat(more);
    return record(type, serial, type === 'USER_CMD' ? "pid=1 msg='cmd=x'" : `a=${more}`, 1_795_514_400 + second);
  });

test('however the records come, the same lines, and together the same bytes', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 40 }), fc.array(fc.nat(2_500), { maxLength: 6 }), (records, cuts) => {
      const file = text(...records);
      const whole = join(file, { isWhole: true });

      const lines: string[] = [];
      const places: number[] = [];
      let begun = 0;
      for (const end of [...cuts.toSorted((a, b) => a - b).map((cut) => Math.min(cut, file.length)), file.length]) {
        const part = join(file.slice(begun, Math.max(begun, end)), { before: begun });
        lines.push(...part.lines);
        places.push(...part.places);
        begun = Math.max(begun, end) - part.rest.length;
      }
      const last = join(file.slice(begun), { isWhole: true, before: begun });

      expect([...lines, ...last.lines]).toEqual(whole.lines);
      expect([...places, ...last.places]).toEqual(whole.places);
      expect(whole.lines.flatMap((line) => line.split('\n')).toSorted()).toEqual(file.split('\n').slice(0, -1).toSorted());
    }),
    { numRuns: 500 },
  );
});

test('reading may go on at any place that a line carries, and what is behind it is the same', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { maxLength: 40 }), fc.nat(), (records, at) => {
      const file = text(...records);
      const whole = join(file, { isWhole: true });
      const places = [...new Set(whole.places)];
      const place = places[at % Math.max(1, places.length)] ?? 0;

      const after = join(file.slice(place), { isWhole: true });

      expect(after.lines).toEqual(whole.lines.slice(whole.places.indexOf(place)));
    }),
    { numRuns: 500 },
  );
});
