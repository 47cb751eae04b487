import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../proto/runtime/clock.ts';
import { listenFenceOf } from './listen-fence.ts';
import { syslogInput } from './syslog-input.ts';
import { hastyClock } from './testing/followed-folder.ts';
import { LiveReading, sourceOf } from './testing/live-reading.ts';

const readings: LiveReading[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const reading of readings.splice(0)) await reading.stop();
});

function listening(written: Record<string, unknown>, { fence = ['127.0.0.1:*'], clock = systemClock } = {}): LiveReading {
  const source = sourceOf('syslog', { transport: 'tcp', listen: '127.0.0.1:0', ...written });
  const reading = new LiveReading((around) => syslogInput({ source, fence: listenFenceOf(fence), ...around }), clock);
  readings.push(reading);
  return reading;
}

async function connected(reading: LiveReading): Promise<Socket> {
  const socket = connect(await reading.port(), '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function sendDatagrams(port: number, datagrams: readonly (string | Buffer)[], address = '127.0.0.1'): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  for (const datagram of datagrams) await new Promise((resolve) => socket.send(datagram, port, address, resolve));
  socket.close();
}

describe('UDP', () => {
  test('a datagram is a message, as it came, and its sender is the stream', async () => {
    const reading = listening({ transport: 'udp' });
    const port = await reading.port();

    await sendDatagrams(port, ['<13>Nov 24 10:00:00 fw1 kernel: DROP\n', '', '\0', '<34>1 - - - - - - a\nb', Buffer.from([0x3c, 0xff, 0])]);
    await reading.untilLines(3);

    expect(reading.texts).toEqual(['<13>Nov 24 10:00:00 fw1 kernel: DROP', '<34>1 - - - - - - a\nb', '<\xff']);
    expect(reading.lines.map(({ path, offset }) => [path, offset])).toEqual([
      ['127.0.0.1', 0],
      ['127.0.0.1', 36],
      ['127.0.0.1', 57],
    ]);
    expect(reading.input.status()).toMatchObject({ sourceId: 'live', type: 'syslog', linesRead: 3, bytesRead: 59 });
  });

  test('a sender over IPv4 is the same sender at an IPv6 socket', async () => {
    const reading = listening({ transport: 'udp', listen: '[::]:0' }, { fence: ['[::]:*'] });
    const port = await reading.port();

    await sendDatagrams(port, ['<13>four']);
    await sendDatagrams(port, ['<13>six'], '::1');
    await reading.untilLines(2);

    expect(reading.lines.map(({ path }) => path)).toEqual(['127.0.0.1', '::1']);
  });

  test('a message beyond the limit is cut and marked', async () => {
    const reading = listening({ transport: 'udp', maxMessageBytes: '480B' });

    await sendDatagrams(await reading.port(), ['x'.repeat(2_000), 'y'.repeat(480)]);
    await reading.untilLines(2);

    expect(reading.lines.map(({ text, isCut }) => [text.length, isCut])).toEqual([
      [480, true],
      [480, false],
    ]);
  });

  test('what a sender sends above its rate is dropped and counted, for it alone', async () => {
    const reading = listening({ transport: 'udp', maxMessagesPerSecond: 3 }, { clock: stillClock() });

    await sendDatagrams(
      await reading.port(),
      Array.from({ length: 10 }, (_, i) => `<13>${i}`),
    );
    await reading.until(() => reading.input.status().linesRead === 10, 'ten messages');
    await reading.stop();

    expect(reading.texts).toEqual(['<13>0', '<13>1', '<13>2']);
    expect(reading.dropped).toEqual({ 'rate-limit': 7 });
    expect(reading.input.status().linesDropped).toEqual({ 'rate-limit': 7 });
  });

  test('while the pipeline stands still memory is bounded: the newest are dropped and counted, none is lost in silence', async () => {
    const reading = listening({ transport: 'udp', receiveBuffer: '1MiB' });
    const port = await reading.port();
    const sender = createSocket('udp4');
    const datagram = Buffer.alloc(60_000, 'x');
    let sent = 0;
    const send = async (): Promise<void> => {
      await new Promise((resolve) => sender.send(datagram, port, '127.0.0.1', resolve));
      await turn();
      sent += 1;
    };

    reading.isHeld = true;
    while ((reading.input.status().linesDropped?.['receive-memory'] ?? 0) < 20) await send();
    sender.close();
    reading.isHeld = false;
    await reading.stop();

    const { 'receive-memory': memory = 0, kernel = 0 } = reading.dropped;
    expect(reading.lines.length + memory + kernel).toBe(sent);
    expect(reading.lines.length * datagram.length).toBeLessThan(10 * 1024 * 1024);
  });

  test.runIf(process.platform === 'linux')('what the kernel dropped because nobody read in time is counted', async () => {
    const reading = listening({ transport: 'udp', receiveBuffer: '64KiB' });
    const port = await reading.port();
    const sender = createSocket('udp4');
    await new Promise<void>((resolve) => sender.bind(0, resolve));

    // Sent in one turn of the event loop, in which the input cannot read.
    const sent = 1_000;
    const sends = Array.from(
      { length: sent },
      () => new Promise((resolve) => sender.send(Buffer.alloc(1_000, 'x'), port, '127.0.0.1', resolve)),
    );
    await Promise.all(sends);
    sender.close();
    await reading.stop();

    expect(reading.dropped.kernel).toBeGreaterThan(0);
    expect(reading.lines.length + (reading.dropped.kernel ?? 0)).toBe(sent);
    expect([...reading.streams.values()].map(({ path }) => path)).toContain('udp 127.0.0.1:0');
  });

  test('a kernel that gives less receive buffer than asked is told with the setting to raise', async () => {
    const reading = listening({ transport: 'udp', receiveBuffer: '1GiB' });

    await reading.untilTold(/gave a receive buffer of [\d.]+ MiB .*asks for 1024.*sysctl -w net.core.rmem_max=1073741824/);
  });

  test('beyond maxPeers senders share one stream without their address, and that is told', async () => {
    const reading = listening({ transport: 'udp', maxPeers: 2, receiveBuffer: '64KiB' });
    const port = await reading.port();

    for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.2', '127.0.0.5']) {
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.bind(0, address, resolve));
      await new Promise((resolve) => socket.send(`<13>${address}`, port, '127.0.0.1', resolve));
      socket.close();
    }
    await reading.untilLines(5);

    const pathOf = new Map(reading.lines.map(({ text, path }) => [text, path]));
    expect([...pathOf.values()]).toEqual(['127.0.0.2', '127.0.0.3', 'udp 127.0.0.1:0', 'udp 127.0.0.1:0']);
    expect(reading.streams.size).toBe(3);
    expect(reading.warnings).toEqual([expect.stringMatching(/more than 2 senders.*raise maxPeers/)]);
  });
});

describe('TCP', () => {
  test('octet counting and lines come over the same port, each sender in its order', async () => {
    const reading = listening({});
    const [one, two] = [await connected(reading), await connected(reading)];

    one.write('7 <13>one<13>li');
    one.write('ne\n');
    two.end('<13>last');
    await reading.untilLines(3);

    expect(reading.texts.filter((text) => text !== '<13>last')).toEqual(['<13>one', '<13>line']);
    expect(reading.lines.map(({ path, isCut }) => [path, isCut])).toEqual(Array.from({ length: 3 }, () => ['127.0.0.1', false]));
  });

  test('a sender that breaks off leaves half a message, marked as cut', async () => {
    const reading = listening({});
    const socket = await connected(reading);

    socket.write('<13>whole\n30 <13>half');
    await reading.untilLines(1);
    socket.resetAndDestroy();
    await reading.untilLines(2);

    expect(reading.lines.map(({ text, isCut }) => [text, isCut])).toEqual([
      ['<13>whole', false],
      ['<13>half', true],
    ]);
  });

  test('a pipeline that stands still makes senders wait, and nothing is lost', async () => {
    const reading = listening({ maxMessageBytes: '64KiB' });
    const socket = await connected(reading);
    const line = `<13>${'x'.repeat(60_000)}\n`;
    let sent = 0;

    reading.isHeld = true;
    await reading.until(() => {
      if (socket.writableLength < 1_000_000) for (let i = 0; i < 20; i++, sent++) socket.write(line);
      return socket.writableLength >= 1_000_000 && reading.input.status().lagBytes > 1_500_000;
    }, 'a sender that waits');
    const { lagBytes } = reading.input.status();
    reading.isHeld = false;
    await reading.untilLines(sent);

    expect(lagBytes).toBeLessThan(3 * 1024 * 1024);
    expect(reading.dropped).toEqual({});
  });

  test('what has arrived when it is told to stop is still handed out', async () => {
    const reading = listening({});
    const socket = await connected(reading);
    reading.isHeld = true;

    for (let i = 0; i < 1_000; i++) socket.write(`<13>${i}\n`);
    await new Promise((resolve) => socket.write('<13>end\n', resolve));
    await reading.stop();

    expect(reading.texts).toEqual([...Array.from({ length: 1_000 }, (_, i) => `<13>${i}`), '<13>end']);
  });

  test('a message that is never finished is handed out cut after its time, and the connection is closed', async () => {
    const reading = listening({ messageTimeout: '30s' }, { clock: hastyClock() });
    const socket = await connected(reading);
    const closed = once(socket, 'close');

    socket.write('<13>slow');
    await reading.untilLines(1);
    await closed;

    expect(reading.lines).toMatchObject([{ text: '<13>slow', isCut: true }]);
  });

  test('a silent connection is closed after idleTimeout', async () => {
    const reading = listening({ idleTimeout: '1m' }, { clock: hastyClock() });
    const socket = await connected(reading);

    await once(socket, 'close');

    expect(reading.lines).toEqual([]);
  });

  test('ten thousand connections are refused, counted and told; who was there before goes on', async () => {
    const reading = listening({ maxConnections: 50, maxConnectionsPerPeer: 40 });
    const loyal = await connected(reading);
    loyal.write('<13>before\n');
    await reading.untilLines(1);
    const port = await reading.port();

    for (let round = 1; round <= 10; round++) {
      let gone = 0;
      const flood = Array.from({ length: 1_000 }, () => {
        const socket = connect(port, '127.0.0.1');
        return socket.on('error', () => undefined).on('close', () => void gone++);
      });
      await reading.until(() => gone >= flood.length - 39, 'refusals');
      for (const socket of flood) socket.destroy();
      loyal.write(`<13>${round}\n`);
      await reading.untilLines(1 + round);
    }
    await reading.untilTold(/connections refused: more than 50 at a time or 40 of one sender/);

    expect(reading.texts).toEqual(['<13>before', ...Array.from({ length: 10 }, (_, i) => `<13>${i + 1}`)]);
  });

  test('connections that never say anything make room for those that do', async () => {
    const reading = listening({ maxConnections: 5, maxConnectionsPerPeer: 64 }, { clock: hastyClock() });
    for (let i = 0; i < 5; i++) await connected(reading);

    await reading.until(() => {
      void connected(reading).then((socket) => socket.write('<13>let in\n'));
      return reading.lines.length > 0;
    }, 'a connection that is let in');

    expect(reading.texts[0]).toBe('<13>let in');
  });

  test('whatever strangers send, others are served', async () => {
    const reading = listening({ maxMessageBytes: '1KiB' });
    const hostile = ['99999999999999999999 <13>x', '9999999 <', '-1 <13>', '\0\0\0\0', '\xff\xfe', 'x'.repeat(100_000), '5 ', '0 <'];
    for (const bytes of hostile) (await connected(reading)).write(Buffer.from(bytes, 'latin1'));

    (await connected(reading)).end('<13>well\n');
    await reading.until(() => reading.texts.includes('<13>well'), 'the good line');
  });
});

describe('an address that cannot be had is told once, with the remedy', () => {
  test('outside the fence', async () => {
    const reading = listening({ listen: '0.0.0.0:5514' });

    await reading.untilTold(/fence does not allow listening on 0\.0\.0\.0:5514; add it to fence\.listen/);

    expect(reading.input.status().problem).toMatch(/fence/);
  });

  test('taken by another program, and had as soon as that is gone', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const reading = listening({ listen: `127.0.0.1:${port}` }, { clock: hastyClock() });

    await reading.untilTold(new RegExp(`cannot listen on tcp 127.0.0.1:${port}: another program has the port; .*ss -lnp`));
    other.close();
    await connected(reading);

    expect(reading.warnings).toHaveLength(1);
    expect(reading.input.status().problem).toBe('');
  });

  test('of another host', async () => {
    const reading = listening({ listen: '192.0.2.1:5514', transport: 'udp' }, { fence: ['*:5514'] });

    await reading.untilTold(/this host has no address 192\.0\.2\.1/);
  });
});

/** Time stands still for the rates; sleeping takes no time at all. */
function stillClock() {
  return { ...systemClock, monotonicMs: () => 0 };
}
