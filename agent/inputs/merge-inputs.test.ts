import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Input, LineBlock, StreamPosition } from '../ports.ts';
import { mergeInputs } from './merge-inputs.ts';

const status = { sourceId: '', type: 'file', linesRead: 0, bytesRead: 0, lagBytes: 0, lastReadMs: 0, problem: '' };

function blockOf(sourceId: string, number: number): LineBlock {
  const stream = { sourceId, streamId: sourceId, file: undefined, path: '', typeHint: '', timeZone: '', labels: {} };
  const none = new Uint32Array(0);
  const place = { baseOffset: 0, endOffset: 0, endLineNumber: number, tailHash: new Uint8Array(0), tailBytes: 0, cursor: '', bytesRead: 0 };
  return { stream, readAtMs: 0, bytes: Buffer.alloc(0), count: 0, starts: none, ends: none, sourceStarts: none, cut: [], ...place };
}

function counting(sourceId: string, count: number, seen: { pulled: number }): Input {
  return {
    status: () => status,
    async *read(_resume: readonly StreamPosition[], signal: AbortSignal) {
      for (let i = 0; i < count && !signal.aborted; i++) {
        await turn();
        seen.pulled += 1;
        yield blockOf(sourceId, i);
      }
    },
  };
}

test('blocks of several inputs come in fair turns, each in its own order', async () => {
  const inputs = ['a', 'b', 'c'].map((id) => counting(id, 50, { pulled: 0 }));
  const seen: string[] = [];

  for await (const { stream, endLineNumber } of mergeInputs(inputs, [], new AbortController().signal))
    seen.push(`${stream.sourceId}${endLineNumber}`);

  for (const id of ['a', 'b', 'c'])
    expect(seen.filter((name) => name.startsWith(id))).toEqual(Array.from({ length: 50 }, (_, i) => `${id}${i}`));
  expect(new Set(seen.slice(0, 6).map((name) => name.charAt(0))).size).toBe(3);
});

test('an input is not pulled while its block is being worked on', async () => {
  const seen = { pulled: 0 };
  const merged = mergeInputs([counting('a', 10, seen)], [], new AbortController().signal);

  await merged.next();
  for (let i = 0; i < 20; i++) await turn();
  const pulled = seen.pulled;
  await merged.return(undefined);

  expect(pulled).toBe(1);
});

test('stopping ends the sequence and the inputs, however many wait', async () => {
  const stop = new AbortController();
  let ended = 0;
  const waiting: Input = {
    status: () => status,
    async *read(_resume, signal) {
      yield blockOf('w', 0);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended += 1;
    },
  };
  const seen: number[] = [];

  for await (const block of mergeInputs([waiting, waiting, waiting], [], stop.signal)) {
    seen.push(block.endLineNumber);
    if (seen.length === 3) setImmediate(() => stop.abort());
  }

  expect([seen.length, ended]).toEqual([3, 3]);
});

test('an input that fails stops the whole with its error', async () => {
  const failing: Input = {
    status: () => status,
    read: async function* () {
      yield blockOf('f', 0);
      throw new Error('disk gone');
    },
  };
  const drain = async (): Promise<void> => {
    for await (const _ of mergeInputs([failing, counting('a', 1_000_000, { pulled: 0 })], [], new AbortController().signal));
  };

  await expect(drain()).rejects.toThrow('disk gone');
});
