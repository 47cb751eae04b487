import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { LiveStreams } from './live-streams.ts';
import { ReceivedLines } from './received-lines.ts';

const clock = new SteppedClock();
const source = { id: 's', typeHint: '', timeZone: 'UTC', labels: {} };
const newStreams = (): LiveStreams => new LiveStreams({ source, path: 'own', peersMax: 64, clock, random: systemRandom });

function valve(): { isPaused: boolean; pause(): void; resume(): void } {
  return {
    isPaused: false,
    pause() {
      this.isPaused = true;
    },
    resume() {
      this.isPaused = false;
    },
  };
}

type Act =
  | { readonly is: 'add' | 'drop'; readonly peer: string; readonly length: number; readonly isCut: boolean }
  | { readonly is: 'pull' };

const peer = fc.constantFrom('a', 'b', 'c');
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ is: fc.constant('add' as const), peer, length: fc.nat(300), isCut: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('add' as const),
      peer,
      length: fc.integer({ min: 200_000, max: 600_000 }),
      isCut: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('drop' as const), peer, length: fc.integer({ min: 1, max: 9 }), isCut: fc.constant(false) }),
  },
  { weight: 2, arbitrary: fc.constant({ is: 'pull' as const }) },
);

test('whatever comes in whatever order: each stream keeps its lines, their order, their offsets and its drops', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const lines = new ReceivedLines(clock, 8 * 1024 * 1024);
      const streams = newStreams();
      const expected = new Map<string, { text: string; isCut: boolean }[]>();
      const found = new Map<string, { text: string; isCut: boolean }[]>();
      const offsets = new Map<string, number>();
      let [droppedIn, droppedOut, number] = [0, 0, 0];
      const pull = (): void => {
        for (const block of lines.blocks()) {
          const { path } = block.stream;
          expect(block.baseOffset).toBe(offsets.get(path) ?? 0);
          for (const count of Object.values(block.dropped ?? {})) droppedOut += count;
          const list = found.get(path) ?? [];
          for (let i = 0; i < block.count; i++) {
            const text = block.bytes.toString('latin1', block.starts[i], block.ends[i]);
            list.push({ text, isCut: block.cut.includes(i) });
          }
          found.set(path, list);
          offsets.set(path, block.endOffset);
          expect(block.endLineNumber).toBe(list.length);
          expect(block.endOffset).toBe(list.reduce((sum, { text }) => sum + text.length, 0));
        }
      };
      for (const one of acts) {
        if (one.is === 'pull') pull();
        else if (one.is === 'drop') {
          lines.drop(streams.of(one.peer), 'kernel', one.length);
          droppedIn += one.length;
        } else {
          const text = `${number++} ${'x'.repeat(one.length)}`;
          lines.add(streams.of(one.peer), Buffer.from(text), one.isCut);
          expected.set(one.peer, [...(expected.get(one.peer) ?? []), { text, isCut: one.isCut }]);
        }
      }
      pull();

      expect(Object.fromEntries([...found].filter(([, list]) => list.length > 0))).toEqual(Object.fromEntries(expected));
      expect(droppedOut).toBe(droppedIn);
      expect(lines.isEmpty).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('when memory is full everything that can wait is paused, what comes later too, and goes on at half', () => {
  const lines = new ReceivedLines(clock, 8 * 1024 * 1024);
  const stream = newStreams().own();
  const [early, gone] = [valve(), valve()];
  lines.attach(early);
  lines.attach(gone);
  lines.detach(gone);

  while (!lines.isFull) lines.add(stream, Buffer.alloc(50_000), false);
  const late = valve();
  lines.attach(late);
  const whileFull = [early.isPaused, late.isPaused, gone.isPaused];
  let pulled = 0;
  for (const _ of lines.blocks()) if (++pulled === 20) break;

  expect(whileFull).toEqual([true, true, false]);
  expect([early.isPaused, late.isPaused, lines.isFull]).toEqual([false, false, false]);
});
