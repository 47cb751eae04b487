// The book of lines that ended the hub, on a state that takes its time: who is accused, and who is not.
import { expect, test } from 'vitest';
import { PoisonBook } from './poison-book.ts';
import { memoryState } from './state/memory-state.ts';

test('forgetting freed writes while the next one is being tried loses neither note', async () => {
  const state = memoryState();
  const book = await PoisonBook.open(state);
  await book.trying(1);
  const second = await PoisonBook.open(state);

  await Promise.all([second.trying(2), second.forget(1), second.trying(3)]);

  expect(second.isSuspect(1)).toBe(false);
  const third = await PoisonBook.open(state);
  expect([1, 2, 3].filter((write) => third.isSuspect(write))).toEqual([3]);
});

test('what was survived is not accused by an end that comes later', async () => {
  const state = memoryState();
  const book = await PoisonBook.open(state);
  await book.trying(7);
  await book.survived();

  expect((await PoisonBook.open(state)).isSuspect(7)).toBe(false);
});

test('the write in work at one end is suspect, a line in work at the next is in doubt, and at another end it is poison', async () => {
  const state = memoryState();
  const line = { entry: 0, index: 4 };
  await (await PoisonBook.open(state)).trying(7);
  const second = await PoisonBook.open(state);
  expect(second.isSuspect(7)).toBe(true);
  await second.trying(7, line);
  const third = await PoisonBook.open(state);
  expect(third.isSuspect(7)).toBe(true);
  expect(third.linesOf(7)).toEqual([]);
  await third.trying(7, line);

  expect((await PoisonBook.open(state)).linesOf(7)).toEqual([line]);
});

test('somebody who ends the hub again and again, each time at another line of one write, gets no line accused', async () => {
  const state = memoryState();
  await (await PoisonBook.open(state)).trying(7);
  for (let index = 0; index < 5; index++) await (await PoisonBook.open(state)).trying(7, { entry: 0, index });

  expect((await PoisonBook.open(state)).linesOf(7)).toEqual([]);
});
