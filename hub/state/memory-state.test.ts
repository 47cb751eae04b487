import { expect, test } from 'vitest';
import { memoryState } from './memory-state.ts';
import { stateContract } from './state-contract.ts';

stateContract('memory', async () => {
  let state = memoryState();
  return {
    state,
    async reopen() {
      state = state.crash();
      return state;
    },
    async dispose() {
      await state.close();
    },
  };
});

test('a write that fails before it took effect leaves nothing, one that fails after leaves the document', async () => {
  const state = memoryState();
  state.failNextPut('before');
  state.failNextPut('after');

  await expect(state.put('a', 1, 0)).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED', isRetryable: true });
  await expect(state.put('b', 1, 0)).rejects.toMatchObject({ code: 'STATE_WRITE_FAILED' });

  expect(await state.get('a')).toBeUndefined();
  expect((await state.get('b'))?.value).toBe(1);
});

test.each([
  ['lost' as const, undefined],
  ['kept' as const, 1],
])('a crash with a write in flight: %s', async (inFlight, expected) => {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const state = memoryState({
    latency: () => {
      reached.resolve();
      return gate.promise;
    },
  });
  const put = state.put('a', 1, 0);
  await reached.promise;

  const next = state.crash(inFlight);
  gate.resolve();

  await expect(put).rejects.toMatchObject({ code: 'STATE_CLOSED' });
  expect((await next.get('a'))?.value).toBe(expected);
});

test('puts of one turn are one synced write', async () => {
  const state = memoryState();

  await Promise.all(Array.from({ length: 100 }, (_, at) => state.put(`a/${at}`, at, 0)));

  expect(state.writes).toBe(1);
});
