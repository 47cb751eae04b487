import { expect, test } from 'vitest';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { turnLimits, Turns } from './turns.ts';

const stays = new AbortController().signal;
const outcomeOf = (turn: Promise<number>): Promise<unknown> => turn.catch((error: unknown) => error);

test('searches beyond the connections wait and are served in the order of coming', async () => {
  const turns = new Turns(2, new SteppedClock());
  const [first, second] = [await turns.take(false, stays), await turns.take(false, stays)];
  const served: string[] = [];
  const third = turns.take(false, stays).then((connection) => served.push(`third on ${connection}`));
  const fourth = turns.take(false, stays).then((connection) => served.push(`fourth on ${connection}`));

  turns.give(second);
  await third;
  turns.give(first);
  await fourth;

  expect(served).toEqual([`third on ${second}`, `fourth on ${first}`]);
});

test('a brief look is served at once while every connection for long searches is taken and others wait for one', async () => {
  const turns = new Turns(2, new SteppedClock());
  await turns.take(false, stays);
  await turns.take(false, stays);
  void outcomeOf(turns.take(false, stays));

  expect(await turns.take(true, stays)).toBe(2);
});

test('long searches never get the connection that is kept for brief looks', async () => {
  const turns = new Turns(1, new SteppedClock());
  const long = await turns.take(false, stays);
  const brief = await turns.take(true, stays);
  const waits = turns.take(false, stays);

  turns.give(brief);
  turns.give(long);

  expect(await waits).toBe(long);
});

test('more than may wait are refused at once, with what to do', async () => {
  const turns = new Turns(1, new SteppedClock());
  await turns.take(false, stays);
  for (let waiting = 0; waiting < turnLimits.waitingMax; waiting++) void outcomeOf(turns.take(false, stays));

  expect(await outcomeOf(turns.take(false, stays))).toMatchObject({
    code: 'SEARCH_BUSY',
    isRetryable: true,
    message: '64 searches wait already; this search was not begun. Try again in a moment, or narrow those that run',
  });
});

test('who waits too long is refused with what to do, and leaves no gap', async () => {
  const clock = new SteppedClock();
  const turns = new Turns(1, clock);
  const first = await turns.take(false, stays);
  const late = outcomeOf(turns.take(false, stays));

  await clock.step(turnLimits.waitMsMax);

  expect(await late).toMatchObject({
    code: 'SEARCH_BUSY',
    message: expect.stringContaining('were busy for 30 s; this search was not begun'),
  });
  turns.give(first);
  expect(await turns.take(false, stays)).toBe(first);
});

test('a turn that comes in the moment in which its owner leaves goes to the next', async () => {
  const turns = new Turns(1, new SteppedClock());
  const first = await turns.take(false, stays);
  const leaving = new AbortController();
  const left = outcomeOf(turns.take(false, leaving.signal));
  const next = turns.take(false, stays);

  leaving.abort(new Error('left the page'));
  turns.give(first);

  expect(await left).toMatchObject({ message: 'left the page' });
  expect(await next).toBe(first);
});
