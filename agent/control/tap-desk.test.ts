import { beforeEach, describe, expect, test } from 'vitest';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { policySchema } from '../../config/policy/policy.ts';
import { createLineKeeper } from '../filter/keep-lines.ts';
import { LineBuffers } from '../inputs/line-buffers.ts';
import { linesAsBlock } from '../lines-as-block.ts';
import { TapDesk } from './tap-desk.ts';

const policy = policySchema.parse({
  kind: 'Policy',
  version: 1,
  sources: [{ id: 'web', type: 'file', paths: ['/var/log/web.log'] }],
  filter: [{ drop: { where: { text: '*health*' } } }, { collapse: { where: { text: 'again' }, within: '1h' } }],
  trim: [{ source: 'web', format: 'json', drop: ['card'] }],
});
let clock: SteppedClock;
let told: string[];
let left: AbortController;
beforeEach(() => {
  clock = new SteppedClock();
  told = [];
  left = new AbortController();
});

function desk(consent: 'off' | 'trimmed' | 'all' = 'all'): TapDesk {
  return new TapDesk({ consent, clock, sources: () => ['web'], log: { info: (_, text) => void told.push(text) } });
}

function pass(to: TapDesk, lines: readonly (string | Buffer)[], sourceId = 'web'): void {
  const buffers = new LineBuffers();
  const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
  buffers.growTo(bytes.length);
  bytes.copy(buffers.bytes);
  buffers.split(0, bytes.length);
  const block = linesAsBlock(buffers, 1_000);
  const named = { ...block, stream: { ...block.stream, sourceId } };
  to.see(named, createLineKeeper(policy, 'web').keep(named));
  // The block's memory is the input's again.
  buffers.bytes.fill(0);
}

async function next(answer: AsyncGenerator<object>, count: number): Promise<object[]> {
  const got: object[] = [];
  for (let one = await answer.next(); !one.done; one = await answer.next()) if (got.push(one.value) === count) break;
  return got;
}

const given = ['{"a":1,"card":"4111"}', 'GET /health', 'again', 'again'];

describe('each stage shows its own', () => {
  test.each([
    [
      'read',
      [
        { source: 'web', path: '-', readAt: '1970-01-01T00:00:01.000Z', line: given[0] },
        { line: 'GET /health', dropped: 'filtered' },
        { line: 'again' },
        { line: 'again', dropped: 'collapsed' },
      ],
    ],
    ['filtered', [{ line: given[0] }, { line: 'again' }]],
    ['trimmed', [{ line: '{"a":1}' }, { line: 'again' }]],
  ])('%s', async (stage, lines) => {
    const taps = desk();
    const answer = taps.open({ stage }, left.signal);
    await answer.next();

    pass(taps, given);

    expect(await next(answer, lines.length)).toMatchObject(lines);
    await answer.return(undefined);
  });
});

test('a source, a condition or both choose what is shown; bytes that are no text come as base64', async () => {
  const taps = desk();
  const answer = taps.open({ source: 'web', where: ['evil'] }, left.signal);
  await answer.next();

  pass(taps, ['evil elsewhere'], 'mail');
  pass(taps, ['good', 'evil one', Buffer.from('evil \xff', 'latin1')]);

  expect(await next(answer, 2)).toMatchObject([
    { line: 'evil one' },
    { lineBase64: Buffer.from('evil \xff', 'latin1').toString('base64') },
  ]);
  await answer.return(undefined);
});

test('a reader that does not read costs bounded memory, and is told what it missed', async () => {
  const taps = desk();
  const answer = taps.open({}, left.signal);
  await answer.next();
  for (let i = 0; i < 50; i++)
    pass(
      taps,
      Array.from({ length: 1_000 }, () => 'a line'),
    );

  const got = await next(answer, 4_097);

  expect(got.slice(0, 4_096).every((one) => 'line' in one)).toBe(true);
  expect(got.at(-1)).toEqual({ missed: 50_000 - 4_096 });
  await answer.return(undefined);
});

test('a tap that takes its share of the time looks no further until the next window', async () => {
  // Every look at the clock finds a millisecond gone.
  let now = 0;
  const busy = { nowMs: () => 0, monotonicMs: () => now++, sleep: () => Promise.resolve() };
  const taps = new TapDesk({ consent: 'all', clock: busy, sources: () => [], log: { info: () => undefined } });
  const answer = taps.open({ where: ['nothing'] }, left.signal);
  await answer.next();

  pass(
    taps,
    Array.from({ length: 1_000 }, () => 'a line'),
  );

  expect(await next(answer, 1)).toEqual([{ missed: 1_000 - 5 * 32 }]);
  await answer.return(undefined);
});

test('what may be seen is what agent.yaml says', async () => {
  await expect(desk('off').open({}, left.signal).next()).rejects.toThrow(/control.tap of this agent is off; set it to trimmed or all/);
  await expect(desk('trimmed').open({ stage: 'read' }, left.signal).next()).rejects.toThrow(/is trimmed; set it to all/);
  await expect(desk('trimmed').open({ stage: 'trimmed' }, left.signal).next()).resolves.toMatchObject({ value: { tap: 'open' } });
});

test.each([
  [{ source: 'wbe' }, /there is no source wbe; known: web/],
  [{ where: { 'text|contians': 'x' } }, /--where: text\|contians: .*unknown modifier/],
  [{ stage: 'all' }, /a tap of another version/],
])('a wish that makes no sense is refused: %j', async (wish, message) => {
  await expect(desk().open(wish, left.signal).next()).rejects.toThrow(message);
});

test('taps are few, are told to the log, and cost nothing when they are closed', async () => {
  const taps = desk();
  const open = Array.from({ length: 4 }, () => taps.open({}, left.signal));
  for (const answer of open) await answer.next();

  await expect(taps.open({}, left.signal).next()).rejects.toThrow(/4 taps are open already; close one/);
  const ends = open.map((answer) => answer.next());
  left.abort();

  expect((await Promise.all(ends)).every(({ done }) => done)).toBe(true);
  expect(taps.isOpen).toBe(false);
  expect(told.filter((text) => text === 'tap closed')).toHaveLength(4);
});
