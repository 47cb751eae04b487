import { expect, test } from 'vitest';
import { systemClock } from '../proto/runtime/clock.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { whenThereIsRoom, type RoomSurroundings } from './wait-for-room.ts';

function scene(): { readonly told: string[]; readonly around: RoomSurroundings; readonly stop: AbortController } {
  const told: string[] = [];
  const stop = new AbortController();
  const log = { error: (_: object, text: string) => void told.push(text), info: (_: object, text: string) => void told.push(text) };
  const onWaiting = async (): Promise<void> => void told.push('still starting');
  const clock = { ...systemClock, sleep: () => Promise.resolve() };
  return { told, stop, around: { folder: '/data', clock, log, onWaiting, signal: stop.signal } };
}

const full = (): Promise<never> => Promise.reject(new AtalaiaError('DISK_FULL', 'no room', { isRetryable: true }));

test('a full disk is waited for and told once, until there is room', async () => {
  const { told, around } = scene();
  let tries = 0;

  const opened = await whenThereIsRoom(() => (++tries < 20 ? full() : Promise.resolve('open')), around);

  expect(opened).toBe('open');
  expect(told).toEqual([
    expect.stringMatching(/^the disk is full;.*room is made/),
    'still starting',
    expect.stringMatching(/^there is room/),
  ]);
});

test('a stop ends the waiting, and the service manager hears of it meanwhile', async () => {
  const { told, stop, around } = scene();
  let tries = 0;

  const opened = await whenThereIsRoom(() => {
    if (++tries === 65) stop.abort();
    return full();
  }, around);

  expect(opened).toBeUndefined();
  expect(told.filter((text) => text === 'still starting')).toHaveLength(3);
});

test('whatever else is wrong with the disk is not waited for', async () => {
  const { around } = scene();

  await expect(whenThereIsRoom(() => Promise.reject(new AtalaiaError('LOCKED', 'another process')), around)).rejects.toMatchObject({
    code: 'LOCKED',
  });
});
