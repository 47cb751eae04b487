// What `atalaia-hub decode` answers, as a script that calls it would see.
import { PassThrough, Readable, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { runDecode } from './decode.ts';

interface Answer {
  readonly id?: unknown;
  readonly source_type: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly problem?: string;
}

async function decode(args: readonly string[], input: Iterable<string | Buffer>): Promise<{ code: number; answers: Answer[] }> {
  const chunks: string[] = [];
  const output = new Writable({
    highWaterMark: 64,
    write: (chunk, _encoding, done) => void (chunks.push(String(chunk)), setImmediate(done)),
  });
  const code = await runDecode(args, {
    input: Readable.from(input),
    output,
    errors: new PassThrough(),
    nowMs: () => Date.parse('2026-11-24T12:00:00Z'),
  });
  await new Promise<void>((resolve) => void output.end(resolve));
  return {
    code,
    answers: chunks
      .join('')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Answer),
  };
}

test('lines come back as one object each, in order, whatever the chunks', async () => {
  const text = 'Nov 24 10:00:00 web1 sshd[1]: Failed password for root from 203.0.113.8 port 4 ssh2\r\n\nnothing known';
  const { code, answers } = await decode([], text.split(''));

  expect(code).toBe(0);
  expect(answers.map(({ source_type }) => source_type)).toEqual(['openssh', 'plain', 'plain']);
  expect(answers[0]?.event).toMatchObject({
    '@timestamp': '2026-11-24T10:00:00.000Z',
    'source.ip': '203.0.113.8',
    'event.outcome': 'failure',
  });
  expect(answers[2]?.event).toMatchObject({ message: 'nothing known' });
});

test('a source type given on the command line decides between formats that look alike', async () => {
  const line = '203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1';

  expect((await decode([], [line])).answers[0]?.source_type).toBe('web-access');
  expect((await decode(['--source-type', 'nginx'], [line])).answers[0]?.source_type).toBe('nginx-access');
});

test('objects keep their id, a line in them may hold newlines, and a bad row is answered too', async () => {
  const rows = [
    { id: 'a', line: 'two\nlines' },
    { id: 7, line: '<34>1 2026-13-45T10:00:00Z web1 app - - -' },
  ].map((row) => JSON.stringify(row));
  const { answers } = await decode(['--jsonl'], [[...rows, 'not json', '{"id":9}'].join('\n')]);

  expect(answers.map(({ id }) => id)).toEqual(['a', 7, null, 9]);
  expect(answers[0]?.event['message']).toBe('two\nlines');
  expect(answers.map(({ problem }) => problem !== undefined)).toEqual([false, true, true, true]);
});

test('bytes that are not UTF-8 and a line over a mebibyte are answered, with the cut told', async () => {
  const { answers } = await decode([], [Buffer.from([0xff, 0xfe, 10]), Buffer.alloc(1024 * 1024 + 5, 65), Buffer.from('\nnext')]);

  expect(answers).toHaveLength(3);
  expect(answers[1]?.problem).toMatch(/longer than/);
  expect(answers[2]?.event['message']).toBe('next');
});

test('rows of a log of Zeek are read by the header before them, and every line is answered', async () => {
  const log = '#separator \\x09\n#path\tconn\n#fields\tts\tid.orig_h\tid.resp_h\n#types\ttime\taddr\taddr\n';
  const { answers } = await decode(['--source-type', 'zeek'], [`${log}1795514400.5\t192.0.2.1\t192.0.2.2\n#close\tx\nodd\n# a comment\n`]);

  expect(answers.map(({ source_type }) => source_type)).toEqual(['plain', 'plain', 'plain', 'plain', 'zeek', 'plain', 'plain', 'plain']);
  expect(answers[4]?.event).toMatchObject({
    '@timestamp': '2026-11-24T10:00:00.500Z',
    'source.ip': '192.0.2.1',
    'destination.ip': '192.0.2.2',
    'event.dataset': 'zeek.conn',
  });
});

test('an unknown option is refused with the usage', async () => {
  await expect(decode(['--colour'], [])).rejects.toThrow(/usage: decode/);
});
