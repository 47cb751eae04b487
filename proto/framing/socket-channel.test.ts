// A socket as a channel: back-pressure, bounds and ends, on a socket that the test plays.
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { socketChannel } from './socket-channel.ts';

class PlayedSocket extends EventEmitter {
  readyState = 1;
  bufferedAmount = 0;
  isPaused = false;
  closedWith: { code: number; reason: string } | undefined;
  readonly sent: { data: Uint8Array; done: (error?: Error | null) => void }[] = [];

  send(data: Uint8Array, _options: { binary: boolean }, done: (error?: Error | null) => void): void {
    this.sent.push({ data, done });
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
  }

  terminate(): void {}

  arrive(...frames: string[]): void {
    for (const frame of frames) this.emit('message', Buffer.from(frame), true);
  }
}

const limits = { framesMax: 3, bytesMax: 1_000, framesHardMax: 5 };

test('a reader that does not pull pauses the socket, and pulling lets it go on', async () => {
  const socket = new PlayedSocket();
  const channel = socketChannel(socket, limits);
  socket.arrive('1', '2');
  expect(socket.isPaused).toBe(false);
  socket.arrive('3');
  expect(socket.isPaused).toBe(true);

  const first = await channel.frames()[Symbol.asyncIterator]().next();

  expect(String(first.value)).toBe('1');
  expect(socket.isPaused).toBe(false);
});

test('a few large frames pause the socket too', () => {
  const socket = new PlayedSocket();
  socketChannel(socket, limits);

  socket.arrive('x'.repeat(1_000));

  expect(socket.isPaused).toBe(true);
});

test('what a paused socket still delivers is bounded: beyond it the connection is closed', () => {
  const socket = new PlayedSocket();
  socketChannel(socket, limits);

  socket.arrive('1', '2', '3', '4', '5', '6');

  expect(socket.closedWith).toMatchObject({ code: 1008 });
  expect(socket.isPaused).toBe(false);
});

test('frames that came before the other end closed are still read', async () => {
  const socket = new PlayedSocket();
  const channel = socketChannel(socket, limits);
  socket.arrive('last words');
  socket.emit('close', 4001, Buffer.from('superseded'));

  const frames: string[] = [];
  for await (const frame of channel.frames()) frames.push(String(frame));

  expect(frames).toEqual(['last words']);
  expect(channel.closed.reason).toMatchObject({ closeCode: 4001 });
});

test('after our own close nothing more is read, and sending is refused', async () => {
  const socket = new PlayedSocket();
  const channel = socketChannel(socket, limits);
  socket.arrive('unread');

  channel.close(1000, 'done');
  channel.close(1002, 'again');

  for await (const _ of channel.frames()) expect.unreachable();
  await expect(channel.send(Buffer.from('x'))).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
  expect(socket.closedWith).toEqual({ code: 1000, reason: 'done' });
});

test('a text frame arrives as an empty frame, which no message is', async () => {
  const socket = new PlayedSocket();
  const channel = socketChannel(socket, limits);

  socket.emit('message', Buffer.from('text'), false);
  const first = await channel.frames()[Symbol.asyncIterator]().next();

  expect(first.value).toHaveLength(0);
});

test('send resolves when the transport took the frame, and rejects when it could not', async () => {
  const socket = new PlayedSocket();
  const channel = socketChannel(socket, limits);
  const taken = channel.send(Buffer.from('a'));
  const failed = channel.send(Buffer.from('b'));

  socket.sent[0]?.done();
  socket.sent[1]?.done(new Error('EPIPE'));

  await expect(taken).resolves.toBeUndefined();
  await expect(failed).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' });
});
