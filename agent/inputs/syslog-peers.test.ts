// Real senders: util-linux' logger and rsyslogd, whatever versions this machine has.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeTestCertificates } from '../../proto/framing/testing/test-certificates.ts';
import { systemClock } from '../../proto/runtime/clock.ts';
import { listenFenceOf } from './listen-fence.ts';
import { syslogInput } from './syslog-input.ts';
import { LiveReading, sourceOf } from './testing/live-reading.ts';

const hasLogger = spawnSync('logger', ['--version']).status === 0;
const hasRsyslog = spawnSync('rsyslogd', ['-v']).status === 0;
const hasGnutls = hasRsyslog && ['/usr/lib', '/usr/lib64'].some(holdsGnutls);

let folder: string;
let tls: Record<string, string>;
const readings: LiveReading[] = [];
const daemons: ChildProcess[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'syslog-peers-'));
  const { ca, server, client } = await makeTestCertificates({ type: 'ip', value: '127.0.0.1' });
  const files = { 'ca.crt': ca, 'server.crt': server.cert, 'server.key': server.key, 'client.crt': client.cert, 'client.key': client.key };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  tls = { certificate: join(folder, 'server.crt'), key: join(folder, 'server.key'), clientCa: join(folder, 'ca.crt') };
});
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await ended(daemon);
  for (const reading of readings.splice(0)) await reading.stop();
});
afterAll(() => rmSync(folder, { recursive: true }));

function holdsGnutls(root: string): boolean {
  const isModule = (path: string): boolean => existsSync(join(path, 'rsyslog', 'lmnsd_gtls.so'));
  return existsSync(root) && [root, ...readdirSync(root).map((name) => join(root, name))].some(isModule);
}

async function ended(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
}

function listening(transport: 'udp' | 'tcp' | 'tls'): LiveReading {
  const source = sourceOf('syslog', { transport, listen: '127.0.0.1:0', ...(transport === 'tls' ? { tls } : {}) });
  const reading = new LiveReading((around) => syslogInput({ source, fence: listenFenceOf(['127.0.0.1:*']), ...around }), systemClock);
  readings.push(reading);
  return reading;
}

async function log(port: number, args: readonly string[], words: string): Promise<void> {
  const sent = spawn('logger', ['-n', '127.0.0.1', '-P', String(port), '-p', 'auth.warning', '-t', 'door', ...args, '--', words]);
  const [code] = await once(sent, 'exit');
  expect(code).toBe(0);
}

const rfc3164 = /^<36>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ door(\[\d+\])?: it opened$/;
const rfc5424 = /^<36>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S+ \S+ door - - (-|\[timeQuality .+\]) it opened$/;

describe.runIf(hasLogger)('logger (absent: apt-get install bsdutils)', () => {
  test.each<['udp' | 'tcp', string[], RegExp]>([
    ['udp', ['-d', '--rfc3164'], rfc3164],
    ['udp', ['-d', '--rfc5424'], rfc5424],
    ['tcp', ['-T', '--rfc3164'], rfc3164],
    ['tcp', ['-T', '--rfc5424'], rfc5424],
    ['tcp', ['-T', '--rfc3164', '--octet-count'], rfc3164],
    ['tcp', ['-T', '--rfc5424', '--octet-count'], rfc5424],
  ])('over %s with %j is heard as it is', async (transport, args, form) => {
    const reading = listening(transport);

    await log(await reading.port(), args, 'it opened');
    await reading.untilLines(1);

    expect(reading.lines).toMatchObject([{ text: expect.stringMatching(form), path: '127.0.0.1', isCut: false }]);
  });
});

interface Daemon {
  say(text: string): Promise<void>;
}

/** An rsyslogd in the foreground that reads a pipe of ours and sends what comes to the port. */
async function rsyslog(name: string, action: string): Promise<Daemon> {
  const home = join(folder, name);
  mkdirSync(home);
  const socket = join(home, 'log.sock');
  writeFileSync(
    join(home, 'rsyslog.conf'),
    [
      `global(workDirectory="${home}" defaultNetstreamDriverCAFile="${folder}/ca.crt"`,
      `  defaultNetstreamDriverCertFile="${folder}/client.crt" defaultNetstreamDriverKeyFile="${folder}/client.key")`,
      `module(load="imuxsock" sysSock.use="off")`,
      `input(type="imuxsock" socket="${socket}" createPath="on" rateLimit.interval="0")`,
      `*.* action(type="omfwd" target="127.0.0.1" ${action})`,
    ].join('\n'),
  );
  const daemon = spawn('rsyslogd', ['-n', '-f', join(home, 'rsyslog.conf'), '-i', join(home, 'pid')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  daemons.push(daemon);
  let said = '';
  daemon.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  while (!existsSync(socket)) {
    if (daemon.exitCode !== null) throw new Error(`rsyslogd ended: ${said}`);
    await systemClock.sleep(5);
  }
  return {
    say: async (text) => {
      const saying = spawn('logger', ['-u', socket, '-t', 'app', '--socket-errors=on'], { stdio: ['pipe', 'ignore', 'inherit'] });
      saying.stdin.end(text);
      expect(await once(saying, 'exit')).toEqual([0, null]);
    },
  };
}

async function everyMessage(transport: 'udp' | 'tcp' | 'tls', action: string): Promise<void> {
  const reading = listening(transport);
  const daemon = await rsyslog(`${transport}-${action.length}`, `port="${await reading.port()}" ${action}`);
  const count = 300;

  await daemon.say(Array.from({ length: count }, (_, i) => `message ${i} of ${count}\n`).join(''));
  await reading.untilLines(count);

  expect(reading.texts.map((text) => Number(/message (\d+) of/.exec(text)?.[1]))).toEqual(Array.from({ length: count }, (_, i) => i));
  for (const text of reading.texts) expect(text).toMatch(/^<13>1 \S+ \S+ app - - - +message \d+ of 300$|^<13>.+ app: +message \d+ of 300$/);
  expect(reading.lines.every(({ path, isCut }) => path === '127.0.0.1' && !isCut)).toBe(true);
}

describe.runIf(hasRsyslog && hasLogger)('rsyslogd (absent: apt-get install rsyslog): every message once, in order', () => {
  test.each<['udp' | 'tcp', string]>([
    ['udp', 'protocol="udp"'],
    ['udp', 'protocol="udp" template="RSYSLOG_SyslogProtocol23Format"'],
    ['tcp', 'protocol="tcp"'],
    ['tcp', 'protocol="tcp" tcpFraming="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'],
  ])('over %s with %s', everyMessage);
});

describe.runIf(hasGnutls && hasLogger)('rsyslogd over TLS (absent: apt-get install rsyslog-gnutls): every message once, in order', () => {
  test.each(['', 'tcpFraming="octet-counted"'])('with %s', (framing) =>
    everyMessage('tls', `protocol="tcp" streamDriver="gtls" streamDriverMode="1" streamDriverAuthMode="anon" ${framing}`),
  );
});
