import { expect, test } from 'vitest';
import { systemClock, type Clock } from '../../../proto/runtime/clock.ts';
import type { SearchAnswer, StoredEvent } from '../../ports.ts';
import { memoryConsole, signInAs } from '../testing/memory-console.ts';
import { liveTail, tailLimits, type TailMessage } from './live-tail.ts';

/** A clock whose sleeps pass at once, moving time on. */
function steppingClock(): Clock {
  let nowMs = 1_795_500_000_000;
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
  };
}

function eventAt(id: string, timeMs: number): StoredEvent {
  return { id, timeMs, createdMs: timeMs, ingestedMs: timeMs, fields: {}, raw: id };
}

function answerOf(events: readonly StoredEvent[]): SearchAnswer {
  return { events, isPartial: false, reason: '', tookMs: 1, rowsRead: 1 };
}

async function take(messages: AsyncIterable<TailMessage>, count: number): Promise<TailMessage[]> {
  const taken: TailMessage[] = [];
  for await (const message of messages) {
    taken.push(message);
    if (taken.length === count) break;
  }
  return taken;
}

test('each event is shown once, oldest first, although every look finds it again', async () => {
  const clock = steppingClock();
  const stored: StoredEvent[] = [];
  const search = async () => {
    stored.unshift(eventAt(`e${stored.length}`, clock.nowMs()));
    if (stored.length === 1) stored.unshift(eventAt('e1', clock.nowMs() + 1));
    return answerOf(stored);
  };

  const messages = await take(liveTail({ clock, events: { search } }, { is: 'all' }, new AbortController().signal), 2);

  expect(messages.map((message) => message.is === 'events' && message.events.map(({ id }) => id))).toEqual([['e0', 'e1'], ['e2']]);
});

test('what was stored before the watcher came is not shown', async () => {
  const clock = steppingClock();
  const search = async () => answerOf([eventAt('old', 1_795_500_000_000 - 60_000)]);

  const [message] = await take(liveTail({ clock, events: { search } }, { is: 'all' }, new AbortController().signal), 1);

  expect(message).toEqual({ is: 'heartbeat' });
});

test('a failing store is told to the watcher and asked again', async () => {
  const clock = steppingClock();
  let calls = 0;
  const search = async () => {
    calls += 1;
    if (calls === 1) throw new Error('the store is restarting');
    return answerOf([eventAt('e', clock.nowMs())]);
  };

  const messages = await take(liveTail({ clock, events: { search } }, { is: 'all' }, new AbortController().signal), 2);

  expect(messages[0]).toEqual({ is: 'problem', detail: 'the store is restarting' });
  expect(messages[1]).toMatchObject({ is: 'events' });
});

test('over HTTP a person has at most three live tails, and a closed one makes room', async () => {
  const { app } = await memoryConsole();
  const { cookie } = await signInAs(app, 'viewer');
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const closers: AbortController[] = [];
  const open = async (): Promise<Response> => {
    const closer = new AbortController();
    closers.push(closer);
    return fetch(`${address}/api/v1/events/tail?query=sshd`, { headers: { cookie }, signal: closer.signal });
  };

  const answers = [await open(), await open(), await open(), await open()];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(answers[0]?.headers.get('content-type')).toContain('text/event-stream');

  const first = await answers[0]?.body?.getReader().read();
  expect(new TextDecoder().decode(first?.value)).toContain('retry:');
  closers[0]?.abort();
  let status = 429;
  for (let tries = 0; status === 429 && tries < 50; tries++) {
    await systemClock.sleep(tailLimits.pollIntervalMs / 10);
    ({ status } = await open());
  }
  expect(status).toBe(200);
  for (const closer of closers) closer.abort();
  await app.close();
});
