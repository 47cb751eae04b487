import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricsSchema } from '../../config/metrics-config.ts';
import { systemClock } from '../../proto/runtime/clock.ts';
import { exposition, formatFor, type Family } from './exposition.ts';
import { serveMetrics } from './serve-metrics.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Told {
  readonly code: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

function ask(socketPath: string, path: string, method = 'GET', accept = ''): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method, ...(accept ? { headers: { accept } } : {}) }, (response) => {
      void text(response).then((body) => resolve({ code: response.statusCode, type: response.headers['content-type'], body }), reject);
    });
    asked.once('error', reject).end();
  });
}

/** Serves on a socket until the test is over; resolves when the log says so. */
async function served(path: string, use: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const begun = Promise.withResolvers<void>();
  const log = { info: () => begun.resolve(), error: (_: object, said: string) => begun.reject(new Error(said)) };
  const serving = serveMetrics({
    place: { path },
    tell: (format) => `a_total 1 ${format}\n`,
    clock: systemClock,
    log,
    signal: stop.signal,
  });
  try {
    await begun.promise;
    await use();
  } finally {
    stop.abort();
    await serving;
  }
}

test('GET /metrics answers in the text format; everything else is refused', async () => {
  const path = join(folder, 'one.sock');

  await served(path, async () => {
    expect(await ask(path, '/metrics?x=1')).toEqual({
      code: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: 'a_total 1 text\n',
    });
    expect(await ask(path, '/metrics', 'GET', 'application/openmetrics-text; version=1.0.0')).toEqual({
      code: 200,
      type: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
      body: 'a_total 1 openmetrics\n',
    });
    expect(await ask(path, '/metrics', 'HEAD')).toMatchObject({ code: 200, body: '' });
    expect(await ask(path, '/metrics', 'POST')).toMatchObject({ code: 405 });
    for (const other of ['/', '/metrics/', '/debug', '//metrics']) expect(await ask(path, other)).toMatchObject({ code: 404 });
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  expect(existsSync(path)).toBe(false);
});

test('a socket that was left behind is replaced; one that answers, and a file, are not', async () => {
  const [left, busy, file] = ['left.sock', 'busy.sock', 'a-file'].map((name) => join(folder, name)) as [string, string, string];
  const other = createServer().listen(busy);
  writeFileSync(file, 'precious');

  await served(left, () => Promise.resolve());
  await served(left, () => Promise.resolve());

  await expect(served(busy, () => Promise.resolve())).rejects.toThrow(/metrics are not served \(EADDRINUSE\); free that place/);
  await expect(served(file, () => Promise.resolve())).rejects.toThrow(/EADDRINUSE/);
  await new Promise((resolve) => other.close(resolve));
});

test.each([
  ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
  ['[::1]:1', { host: '::1', port: 1 }],
  ['unix:/run/atalaia/metrics.sock', { path: '/run/atalaia/metrics.sock' }],
])('metrics may listen on %s', (listen, place) => {
  expect(metricsSchema.parse({ listen })).toEqual({ listen: place });
});

test.each([
  '0.0.0.0:9464',
  '192.0.2.1:9464',
  '[::]:9464',
  ':9464',
  'localhost:9464',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  '127.0.0.999:1',
  'unix:relative',
  9464,
])('metrics may not listen on %s, and the remedy is said', (listen) => {
  expect(() => metricsSchema.parse({ listen })).toThrow(/expected 127.0.0.1:9464.*a proxy that you put before it/);
});

test.each([
  ['', 'text'],
  ['*/*', 'text'],
  ['text/html, */*;q=0.8', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/openmetrics-text; version=1.0.0', 'openmetrics'],
  ['application/openmetrics-text; version=2.0.0', 'text'],
  ['application/openmetrics-text;version=1.0.0;q=0', 'text'],
  ['application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.9', 'text'],
  ['application/openmetrics-text;q=much', 'text'],
  // What Prometheus sends: 2.x, then 3.x.
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    'openmetrics',
  ],
] as const)('who accepts %s gets %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format);
});

const families: readonly Family[] = [
  {
    name: 'a_total',
    help: 'Back\\slash, "quote"\nand line.',
    type: 'counter',
    samples: [{ labels: { l: 'q"uo\\te\n' }, value: 1e21 }, { value: 0.5 }],
  },
  { name: 'empty', help: 'Nothing.', type: 'gauge', samples: [] },
  { name: 'b_seconds', help: 'B.', type: 'gauge', samples: [NaN, Infinity, -Infinity].map((value) => ({ value })) },
  { name: 'c_info', help: 'C.', type: 'info', samples: [{ labels: { version: '1' }, value: 1 }] },
];

test('values, labels and help are written as the text format wants them', () => {
  expect(exposition(families, 'text')).toMatchInlineSnapshot(`
    "# HELP a_total Back\\\\slash, "quote"\\nand line.
    # TYPE a_total counter
    a_total{l="q\\"uo\\\\te\\n"} 1e+21
    a_total 0.5
    # HELP b_seconds B.
    # TYPE b_seconds gauge
    b_seconds NaN
    b_seconds +Inf
    b_seconds -Inf
    # HELP c_info C.
    # TYPE c_info gauge
    c_info{version="1"} 1
    "
  `);
});

test('OpenMetrics names families without the ending of their samples, says units, and ends', () => {
  expect(exposition(families, 'openmetrics')).toMatchInlineSnapshot(`
    "# HELP a Back\\\\slash, \\"quote\\"\\nand line.
    # TYPE a counter
    a_total{l="q\\"uo\\\\te\\n"} 1e+21
    a_total 0.5
    # HELP b_seconds B.
    # TYPE b_seconds gauge
    # UNIT b_seconds seconds
    b_seconds NaN
    b_seconds +Inf
    b_seconds -Inf
    # HELP c C.
    # TYPE c info
    c_info{version="1"} 1
    # EOF
    "
  `);
});
