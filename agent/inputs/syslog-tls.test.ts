import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeTestCertificates, type TestCertificates } from '../../proto/framing/testing/test-certificates.ts';
import { systemClock } from '../../proto/runtime/clock.ts';
import { listenFenceOf } from './listen-fence.ts';
import { syslogInput } from './syslog-input.ts';
import { hastyClock } from './testing/followed-folder.ts';
import { LiveReading, sourceOf } from './testing/live-reading.ts';

let folder: string;
let good: TestCertificates;
let foreign: TestCertificates;
const open: { stop(): unknown }[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'syslog-tls-'));
  const name = { type: 'ip', value: '127.0.0.1' } as const;
  [good, foreign] = await Promise.all([makeTestCertificates(name), makeTestCertificates(name)]);
  place(good);
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

function place({ ca, server }: TestCertificates): void {
  writeFileSync(join(folder, 'ca.crt'), ca);
  writeFileSync(join(folder, 'server.crt'), server.cert);
  writeFileSync(join(folder, 'server.key'), server.key);
}

function listening(tls: Record<string, unknown> = {}, clock = systemClock): LiveReading {
  const files = { certificate: join(folder, 'server.crt'), key: join(folder, 'server.key'), clientCa: join(folder, 'ca.crt') };
  const source = sourceOf('syslog', { transport: 'tls', listen: '127.0.0.1:0', tls: { ...files, ...tls } });
  const reading = new LiveReading((around) => syslogInput({ source, fence: listenFenceOf(['127.0.0.1:*']), ...around }), clock);
  open.push(reading);
  return reading;
}

async function dial(reading: LiveReading, more: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: await reading.port(), ca: good.ca, ...more });
  open.push({ stop: () => socket.destroy() });
  return socket.on('error', () => undefined);
}

function closedOf(socket: TLSSocket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

test('a sender whose certificate the authority signed is heard, octet-counted or in lines', async () => {
  const reading = listening();
  const socket = await dial(reading, good.client);

  socket.write('8 <13>five<13>line\n');
  await reading.untilLines(2);

  expect(reading.lines.map(({ text, path }) => [text, path])).toEqual([
    ['<13>five', '127.0.0.1'],
    ['<13>line', '127.0.0.1'],
  ]);
});

test.each([
  [
    'without a certificate, where one is required',
    'required',
    'none',
    /refused 127\.0\.0\.1: it sent no certificate; give it one that clientCa signed/,
  ],
  ['with a certificate of another authority', 'required', 'foreign', /refused 127\.0\.0\.1: its certificate is not good \(.+\); clientCa/],
  ['with a certificate of another authority, where it may have none', 'optional', 'foreign', /refused .* not good/],
])('nothing is heard of a sender %s, and it is told why', async (_, clientCertificate, whose, told) => {
  const reading = listening({ clientCertificate });
  const socket = await dial(reading, whose === 'foreign' ? foreign.client : {});
  const closed = closedOf(socket);

  socket.write('<13>not to be heard\n');
  await reading.untilTold(told);
  await closed;
  (await dial(reading, good.client)).write('<13>heard\n');
  await reading.untilLines(1);

  expect(reading.texts).toEqual(['<13>heard']);
});

test.each(['optional', 'none'])('where certificates of senders are %s, one without is heard', async (clientCertificate) => {
  const reading = listening({ clientCertificate });

  (await dial(reading)).write('<13>heard\n');

  await reading.untilLines(1);
});

test('TLS below 1.2 and what is no TLS at all is refused and told', async () => {
  const reading = listening();

  const old = await dial(reading, { ...good.client, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
  await closedOf(old);
  await reading.untilTold(/TLS with 127\.0\.0\.1 failed: .*; compare certificates and TLS versions/);

  expect(reading.lines).toEqual([]);
});

test('a renewed certificate is used for new connections, a broken one is not', async () => {
  const reading = listening({ clientCertificate: 'none' }, hastyClock());
  const nameOf = async (ca: string): Promise<boolean> => {
    const socket = await dial(reading, { ca });
    const secured = new Promise<boolean>((resolve) => socket.once('secureConnect', () => resolve(true)));
    const isGood = await Promise.race([secured, closedOf(socket).then(() => false)]);
    socket.destroy();
    return isGood;
  };
  expect(await nameOf(good.ca)).toBe(true);

  writeFileSync(join(folder, 'server.crt'), 'no certificate');
  await reading.untilTold(/changed certificate is not used, the one before goes on/);
  expect(await nameOf(good.ca)).toBe(true);
  place(foreign);
  let isRenewed = false;
  while (!isRenewed) isRenewed = await nameOf(foreign.ca);
  place(good);

  expect(await nameOf(good.ca)).toBe(false);
});

test.each([
  ['absent.key', /absent\.key cannot be read \(ENOENT\); check the path; trying again/],
  ['ca.crt', /cannot listen on tls 127\.0\.0\.1:0: the certificate or key is not good/],
])('a key that is not there or not one is told with its name, never with its content: %s', async (file, told) => {
  const reading = listening({ key: join(folder, file) });

  await reading.untilTold(told);

  expect(reading.warnings.join('')).not.toContain('BEGIN');
});
