// A buffer whose sizes the operator changes holds what it held: on real files, over a stop as a reboot makes it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { levelDisk } from '../../proto/durable/level-disk.ts';
import { decodeAgentFrame } from '../../proto/framing/decode-agent-frame.ts';
import { systemClock, systemRandom } from '../../proto/runtime/clock.ts';
import type { SealedBody, StreamPosition } from '../ports.ts';
import { LaneBuffer } from './lane-buffer.ts';
import type { WhenFull } from './lane-store.ts';

const never = new AbortController().signal;
const bodyBytes = 2_000;
const held = 40;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'changed-sizes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Sizes {
  readonly bytesMax: number;
  readonly generationBytes: number;
  readonly reserveBytes: number;
}

function open({ whenFull = 'block', ...sizes }: Sizes & { readonly whenFull?: WhenFull }): Promise<LaneBuffer> {
  const around = { disk: levelDisk(), clock: systemClock, random: systemRandom };
  return LaneBuffer.open({ ...around, folder: join(folder, 'lane'), lane: 'normal', whenFull, ...sizes });
}

function sealed(number: number): SealedBody {
  const counters = {
    linesRead: number,
    linesFiltered: 0,
    linesTrimmed: 0,
    linesCut: 0,
    bytesRead: number,
    bytesKept: number,
    linesDropped: {},
  };
  const stream = { sourceId: 'udp', streamId: 'a', file: undefined, path: '', typeHint: '', timeZone: '', labels: {} };
  const position: StreamPosition = {
    stream,
    offset: number,
    lineNumber: number,
    tailHash: new Uint8Array(0),
    tailBytes: 0,
    cursor: '',
    counters,
  };
  return { body: Buffer.from(String(number).padEnd(bodyBytes)), lineCount: 1, rawBytes: 10, positions: [position] };
}

/** Numbers of the batches behind `after`, and reasons of what is said as lost, up to the end. */
async function everything(lane: LaneBuffer, after = 0): Promise<(number | string)[]> {
  const found: (number | string)[] = [];
  for (let last = after; last + 1 < lane.status().nextSequence;) {
    const stored = await lane.next(last, AbortSignal.timeout(10_000));
    if (!stored) throw new Error(`nothing behind ${last}`);
    const frame = decodeAgentFrame(stored.frame);
    if (frame.ok && frame.value.is === 'batch') found.push(Number(Buffer.from(frame.value.batch.body).toString()));
    if (frame.ok && frame.value.is === 'lost') found.push(frame.value.lost.reason);
    last = stored.sequence;
  }
  return found;
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const first = { bytesMax: 1_000_000, generationBytes: 20_000, reserveBytes: 20_000 };

async function filled(): Promise<void> {
  const lane = await open(first);
  for (const number of numbers(1, held)) await lane.append(sealed(number), never);
  await lane.close();
}

test.each<[string, Sizes]>([
  ['is larger', { bytesMax: 50_000_000, generationBytes: 5_000_000, reserveBytes: 1_000_000 }],
  ['has smaller generations', { bytesMax: 1_000_000, generationBytes: 5_000, reserveBytes: 20_000 }],
  ['is smaller, with room for what it holds', { bytesMax: 120_000, generationBytes: 10_000, reserveBytes: 1_000 }],
])('a buffer that %s at the next start gives back all it held, in its order, and takes more', async (_, sizes) => {
  await filled();

  const lane = await open(sizes);
  for (const number of numbers(held + 1, held + 5)) await lane.append(sealed(number), never);

  expect(await everything(lane)).toEqual(numbers(1, held + 5));
  await lane.close();
  const again = await open(first);
  expect(await everything(again)).toEqual(numbers(1, held + 5));
  await again.close();
});

test('a buffer that is smaller than what it holds keeps all of it, and takes more once the hub has committed some', async () => {
  await filled();
  const lane = await open({ bytesMax: 30_000, generationBytes: 10_000, reserveBytes: 1_000 });

  const waiting = lane.append(sealed(held + 1), never);

  expect(lane.status().isFull).toBe(true);
  expect((await everything(lane)).slice(0, held)).toEqual(numbers(1, held));
  await lane.free(held);
  await waiting;
  expect(await everything(lane, held)).toEqual([held + 1]);
  await lane.close();
});

test('a buffer that is smaller than what it holds, where the oldest may go, says how much of it went', async () => {
  await filled();
  const lane = await open({ bytesMax: 50_000, generationBytes: 10_000, reserveBytes: 1_000, whenFull: 'drop-oldest' });

  await lane.append(sealed(held + 1), never);

  const found = await everything(lane);
  const kept = found.filter((one) => typeof one === 'number');
  expect(found.filter((one) => typeof one === 'string')).toEqual(['drop_oldest']);
  expect(kept).toEqual(numbers(held + 2 - kept.length, held + 1));
  expect(kept.length + lane.status().lostBatches).toBe(held + 1);
  await lane.close();
});
