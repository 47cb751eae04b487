import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { isAddressAllowed } from './address-guard.ts';
import { webhookSender } from './send-webhook.ts';
import type { SendOutcome, SenderOptions } from './send-webhook.ts';
import { newSecret, signMessage, verifySignature } from './signature.ts';

const secret = newSecret(systemRandom);
const body = '{"type":"test"}';
let connections = 0;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(answer: RequestListener): Promise<number> {
  const server: Server = createServer(answer);
  server.on('connection', () => void connections++);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function send(
  url: string,
  { allowPrivate = true, ...options }: SenderOptions & { allowPrivate?: boolean } = {},
): Promise<SendOutcome> {
  const sender = webhookSender({ timeoutMs: 500, ...options });
  closers.push(() => sender.close());
  const headers = signMessage({ id: 'msg_1', body, secret, nowMs: Date.now() });
  return await sender.send({ url, allowPrivate, headers, body }, new AbortController().signal);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request) text += String(part);
  return text;
}

test('a receiver gets the message and can verify the signature', async () => {
  const got = Promise.withResolvers<boolean>();
  const port = await listen((request, response) => {
    void (async () => {
      const text = await textOf(request);
      got.resolve(verifySignature({ headers: request.headers, body: text, secret, nowMs: Date.now() }).ok);
      response.writeHead(204).end();
    })();
  });

  expect(await send(`http://127.0.0.1:${port}/hook`)).toEqual({ status: 204, problem: '', retryAfterMs: 0 });

  expect(await got.promise).toBe(true);
});

test('a redirect is not followed and is told', async () => {
  let visits = 0;
  const port = await listen((_, response) => {
    visits++;
    response.writeHead(302, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
  });

  expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 302, problem: /redirects are not followed/ });

  expect(visits).toBe(1);
});

test('a receiver that asks for a pause is heard', async () => {
  const port = await listen((_, response) => void response.writeHead(429, { 'retry-after': '120' }).end());

  expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 429, retryAfterMs: 120_000 });
});

test('a receiver that never answers costs the time-out and no more', async () => {
  const port = await listen(() => undefined);

  expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 0, problem: 'no answer within 0.5 s' });
});

test('an endless answer is cut off; the status it began with counts', async () => {
  const port = await listen((_, response) => {
    response.writeHead(200);
    const pour = (): void => {
      while (response.write('x'.repeat(65_536)));
    };
    response.on('drain', pour);
    pour();
  });

  expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 200, problem: '' });
});

test('a closed port is a problem, not a crash', async () => {
  const port = await listen(() => undefined);
  await closers.pop()?.();

  expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 0, problem: /ECONNREFUSED/ });
});

test('an address that is not public is not even connected to, by number and by name', async () => {
  connections = 0;
  const port = await listen(() => undefined);
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];

  expect(await send(`http://127.0.0.1:${port}/`, { allowPrivate: false })).toMatchObject({ status: 0, problem: /not a public address/ });
  expect(await send(`http://intranet.example:${port}/`, { allowPrivate: false, resolve })).toMatchObject({
    problem: /intranet.example \(127.0.0.1\) is not a public address/,
  });
  expect(await send(`http://[::1]:${port}/`, { allowPrivate: false })).toMatchObject({ problem: /not a public address/ });

  expect(connections).toBe(0);
});

test('a name that changes its answer is asked once per connection, and a private one among public ones is refused', async () => {
  let asked = 0;
  const rebinding = async () => {
    asked++;
    return asked === 1 ? [{ address: '198.18.0.1', family: 4 }] : [{ address: '127.0.0.1', family: 4 }];
  };
  const mixed = async () => [
    { address: '1.1.1.1', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ];

  expect(await send('https://rebind.example/', { allowPrivate: false, resolve: rebinding })).toMatchObject({ problem: /198.18.0.1/ });
  expect(await send('https://mixed.example/', { allowPrivate: false, resolve: mixed })).toMatchObject({ problem: /10.0.0.1/ });

  expect(asked).toBe(1);
});

test.each([
  ['8.8.8.8', true, true],
  ['2606:4700:4700::1111', true, true],
  ['10.1.2.3', false, true],
  ['127.0.0.1', false, true],
  ['::1', false, true],
  ['::ffff:127.0.0.1', false, true],
  ['100.64.0.1', false, true],
  ['fd12::1', false, true],
  ['169.254.169.254', false, false],
  ['::ffff:169.254.169.254', false, false],
  ['fe80::1%eth0', false, false],
  ['fd00:ec2::254', false, false],
  ['168.63.129.16', false, false],
  ['100.100.100.200', false, false],
  ['64:ff9b::7f00:1', false, false],
  ['2002:7f00:1::', false, false],
  ['::7f00:1', false, false],
  ['224.0.0.1', false, false],
  ['ff02::1', false, false],
  ['0.0.0.0', false, false],
  ['255.255.255.255', false, false],
  ['240.0.0.1', false, false],
  ['not an address', false, false],
])('%s: public %s, with private ones allowed %s', (address, isPublic, isPrivate) => {
  expect([isAddressAllowed(address, false), isAddressAllowed(address, true)]).toEqual([isPublic, isPrivate]);
});
