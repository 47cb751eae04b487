// What every State must do, as one suite that runs on LevelDB, on the memory of tests, and later on a JetStream bucket.
// The caller says how to open one, how to open the same one again, and how to take it away.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { State, StateChange } from '../ports.ts';

export interface StateUnderTest {
  readonly state: State;
  /** Closes and opens again on the same documents. */
  reopen(): Promise<State>;
  dispose(): Promise<void>;
}

export function stateContract(name: string, open: () => Promise<StateUnderTest>): void {
  describe(`state contract: ${name}`, () => {
    let subject: StateUnderTest;
    beforeEach(async () => void (subject = await open()));
    afterEach(async () => await subject.dispose());
    documents(() => subject);
    concurrency(() => subject);
    lists(() => subject);
    watching(() => subject);
  });
}

function documents(subject: () => StateUnderTest): void {
  test('a document put is read back, also after a restart', async () => {
    const revision = await subject().state.put('ticket/1', { title: 'olá' }, 0);

    const reopened = await subject().reopen();

    expect(await reopened.get('ticket/1')).toEqual({ value: { title: 'olá' }, revision });
    expect(await reopened.get('ticket/2')).toBeUndefined();
  });

  test('an outdated revision is refused and changes nothing', async () => {
    const { state } = subject();
    const first = await state.put('a', 1, 0);
    const second = await state.put('a', 2, first);

    await expect(state.put('a', 3, first)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await expect(state.put('a', 3, 0)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await expect(state.remove('a', first)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await expect(state.put('b', 3, 1)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });

    expect(await state.get('a')).toEqual({ value: 2, revision: second });
  });

  test('a revision never goes back, even when the document was removed and the store restarted', async () => {
    const first = await subject().state.put('a', 1, 0);
    await subject().state.remove('a', first);
    const reopened = await subject().reopen();

    expect(await reopened.get('a')).toBeUndefined();
    expect(await reopened.put('a', 2, 0)).toBeGreaterThan(first);
    await expect(reopened.put('a', 3, first)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });

  test('a document above 256 KiB is refused with its size and the limit', async () => {
    const { state } = subject();
    const atLimit = 'x'.repeat(256 * 1024 - 2);

    await state.put('fits', atLimit, 0);

    await expect(state.put('big', `${atLimit}x`, 0)).rejects.toMatchObject({ code: 'STATE_TOO_LARGE', message: /262145 bytes.*262144/ });
    await expect(state.put('big', 'é'.repeat(131_072), 0)).rejects.toMatchObject({ code: 'STATE_TOO_LARGE' });
    expect(await state.get('big')).toBeUndefined();
  });

  test('a key that not every engine takes is refused', async () => {
    const { state } = subject();
    for (const key of ['', 'a b', 'ä', 'a:b', '.a', 'a.', 'a'.repeat(513), 'a\u0000', 'a*']) {
      await expect(state.put(key, 1, 0)).rejects.toMatchObject({ code: 'STATE_KEY' });
      await expect(state.get(key)).rejects.toMatchObject({ code: 'STATE_KEY' });
    }
  });

  test('a closed store refuses everything with a clear code', async () => {
    const { state } = subject();
    await state.close();

    await expect(state.put('a', 1, 0)).rejects.toMatchObject({ code: 'STATE_CLOSED' });
    await expect(state.get('a')).rejects.toMatchObject({ code: 'STATE_CLOSED' });
    await expect(state.list('a')).rejects.toMatchObject({ code: 'STATE_CLOSED' });
  });
}

function concurrency(subject: () => StateUnderTest): void {
  test('of many writers with the same revision exactly one wins', async () => {
    const { state } = subject();
    const revision = await state.put('a', 'start', 0);

    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => state.put('a', at, revision)));

    const won = outcomes.flatMap((outcome, at) => (outcome.status === 'fulfilled' ? [at] : []));
    expect(won).toHaveLength(1);
    expect((await state.get('a'))?.value).toBe(won[0]);
  });

  test('a counter that many raise by read and put loses nothing', async () => {
    const { state } = subject();
    await state.put('counter', 0, 0);
    const raise = async (): Promise<void> => {
      for (;;) {
        const current = await state.get<number>('counter');
        const isDone = await state.put('counter', (current?.value ?? 0) + 1, current?.revision ?? 0).then(
          () => true,
          () => false,
        );
        if (isDone) return;
      }
    };

    await Promise.all(Array.from({ length: 8 }, raise));

    expect((await state.get('counter'))?.value).toBe(8);
  });

  test('puts to many keys at once are all there after a restart', async () => {
    const keys = Array.from({ length: 700 }, (_, at) => `many/${at}`);
    const revisions = await Promise.all(keys.map((key) => subject().state.put(key, key, 0)));

    const reopened = await subject().reopen();

    expect(new Set(revisions).size).toBe(700);
    expect(await reopened.list('many/')).toHaveLength(700);
  });
}

function lists(subject: () => StateUnderTest): void {
  test('a list is in key order and can be paged', async () => {
    const { state } = subject();
    for (const key of ['x/b', 'x/a', 'x/c', 'xx/a', 'w/z']) await state.put(key, key, 0);

    expect((await state.list('x/')).map(({ key }) => key)).toEqual(['x/a', 'x/b', 'x/c']);
    expect((await state.list('x/', { limit: 2 })).map(({ key }) => key)).toEqual(['x/a', 'x/b']);
    expect((await state.list('x/', { after: 'x/b', limit: 2 })).map(({ key }) => key)).toEqual(['x/c']);
    expect((await state.list('x/', { after: 'a' })).map(({ key }) => key)).toEqual(['x/a', 'x/b', 'x/c']);
    expect(await state.list('x/', { after: 'x/c' })).toEqual([]);
    expect(await state.list('')).toHaveLength(5);
  });
}

function watching(subject: () => StateUnderTest): void {
  test('a watcher sees every change of its prefix from the call on, in order', async () => {
    const { state } = subject();
    const stop = new AbortController();
    await state.put('w/a', 'before', 0);
    const changes = state.watch('w/', stop.signal);

    const first = await state.put('w/b', 1, 0);
    const second = await state.put('w/b', 2, first);
    await state.put('v/b', 'elsewhere', 0);
    await state.remove('w/b', second);

    const seen: StateChange[] = [];
    for await (const change of changes) {
      seen.push(change);
      if (seen.length === 3) stop.abort();
    }
    expect(seen.map(({ key, value }) => [key, value])).toEqual([
      ['w/b', 1],
      ['w/b', 2],
      ['w/b', undefined],
    ]);
    expect(seen[0]?.revision).toBe(first);
    expect(seen[2]?.revision).toBeGreaterThan(second);
  });

  test('a refused put is not told to watchers', async () => {
    const { state } = subject();
    const stop = new AbortController();
    const changes = state.watch('', stop.signal)[Symbol.asyncIterator]();

    await Promise.allSettled([state.put('a', 1, 0), state.put('a', 2, 0), state.put('b', 3, 0)]);

    expect((await changes.next()).value).toMatchObject({ key: 'a', value: 1 });
    expect((await changes.next()).value).toMatchObject({ key: 'b', value: 3 });
    stop.abort();
    expect((await changes.next()).done).toBe(true);
  });

  test('a watcher that stops reading is ended with a clear code and slows nobody', async () => {
    const { state } = subject();
    const changes = state.watch('flood/', new AbortController().signal)[Symbol.asyncIterator]();

    for (let round = 0; round < 11; round++) {
      await Promise.all(Array.from({ length: 1_000 }, (_, at) => state.put(`flood/${round}-${at}`, at, 0)));
    }

    await expect(changes.next()).rejects.toMatchObject({ code: 'STATE_WATCH_OVERFLOW' });
  });

  test('closing the store ends its watchers', async () => {
    const { state } = subject();
    const waiting = state.watch('', new AbortController().signal)[Symbol.asyncIterator]().next();

    await state.close();

    expect((await waiting).done).toBe(true);
  });
}
