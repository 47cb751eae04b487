import { expect, test } from 'vitest';
import { settle, SteppedClock } from '../../proto/runtime/testing/stepped-clock.ts';
import { holdInDoubt } from './hold-in-doubt.ts';
import type { BufferStatus, Input, LineBlock, StreamInfo } from '../ports.ts';

const status: BufferStatus = {
  lane: 'normal',
  batches: 0,
  bytes: 0,
  bytesMax: 1,
  isFull: false,
  ackedSequence: 0,
  nextSequence: 1,
  lostBatches: 0,
};

function blockOf(file: StreamInfo['file'], cursor = ''): LineBlock {
  const stream = { sourceId: 'web', streamId: 's', file, path: '', typeHint: '', timeZone: '', labels: {} };
  const none = new Uint32Array(0);
  const place = { baseOffset: 0, endOffset: 0, endLineNumber: 0, tailHash: new Uint8Array(0), tailBytes: 0, cursor, bytesRead: 0 };
  return { stream, readAtMs: 0, bytes: Buffer.alloc(0), count: 0, starts: none, ends: none, sourceStarts: none, cut: [], ...place };
}

function inputOf(block: LineBlock): Input {
  return {
    async *read() {
      yield block;
    },
    status: () => ({ sourceId: 'web', type: 'file', linesRead: 0, bytesRead: 0, lagBytes: 0, lastReadMs: 0, problem: '' }),
  };
}

const file = { device: 1, inode: 2, fingerprint: new Uint8Array(0), fingerprintBytes: 0 };

test.each([
  ['a file', blockOf(file), 0],
  ['a journal', blockOf(undefined, 's=1'), 0],
  ['a datagram', blockOf(undefined), 1],
])('while the places of a lane are in doubt, what came from %s waits or does not', async (_, block, atOnce) => {
  const clock = new SteppedClock();
  const buffer = { isInDoubt: true };
  const input = holdInDoubt(inputOf(block), { buffer: { status: () => ({ ...status, ...buffer }) }, clock, askEveryMs: 100 });
  const taken: LineBlock[] = [];
  const reading = (async () => {
    for await (const read of input.read([], new AbortController().signal)) taken.push(read);
  })();

  await settle();
  await clock.step(3_600_000);
  const takenInDoubt = taken.length;
  buffer.isInDoubt = false;
  await clock.step(100);
  await reading;

  expect([takenInDoubt, taken.length]).toEqual([atOnce, 1]);
});
