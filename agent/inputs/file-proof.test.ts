import { mkdtemp, open, rm, truncate, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StreamPosition } from '../ports.ts';
import { fingerprintOf, isProven, tailHashOf } from './file-proof.ts';
import { KnownStreams } from './known-streams.ts';

const content = Buffer.from('first line\nsecond line\nthird line\n');
const behindFirst = 'first line\n'.length;
let folder: string;
let path: string;
let handle: FileHandle;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atalaia-proof-'));
  path = join(folder, 'app.log');
  await writeFile(path, content);
  handle = await open(path, 'r');
});
afterEach(async () => {
  await handle.close();
  await rm(folder, { recursive: true });
});

function position(proof: Pick<StreamPosition, 'tailHash' | 'tailBytes'>, inode = 7): StreamPosition {
  const file = { device: 1, inode, fingerprint: fingerprintOf(content), fingerprintBytes: content.length };
  const counters = {
    linesRead: 1,
    linesFiltered: 0,
    linesTrimmed: 0,
    linesCut: 0,
    bytesRead: behindFirst,
    bytesKept: 10,
    linesDropped: {},
  };
  return {
    stream: { sourceId: 'app', streamId: 's1', file, path, typeHint: '', timeZone: '', labels: {} },
    offset: behindFirst,
    lineNumber: 1,
    ...proof,
    cursor: '',
    counters,
  };
}

const noTail = { tailHash: new Uint8Array(0), tailBytes: 0 };

test('a file is known by its beginning and by the bytes before the place', async () => {
  const tail = content.subarray(0, behindFirst);

  expect(await isProven(handle, position({ tailHash: tailHashOf(tail), tailBytes: tail.length }))).toBe(true);
  expect(await isProven(handle, position({ tailHash: tailHashOf(Buffer.from('other line\n')), tailBytes: tail.length }))).toBe(false);
});

test('a place that a batch ended at inside a block, and so has no tail hash, is gone on from after a crash', async () => {
  const found = await new KnownStreams([position(noTail)]).find(handle, { device: 1, inode: 7 });

  expect(found?.offset).toBe(behindFirst);
});

test('without a tail hash a file with another beginning is still another file', async () => {
  await writeFile(path, Buffer.from('other line\nsecond line\nthird line\n'));

  expect(await isProven(handle, position(noTail))).toBe(false);
});

test('without a tail hash a file that was cut behind its beginning is not gone on from', async () => {
  const long = { ...position(noTail), offset: content.length + 5 };

  expect(await isProven(handle, long)).toBe(false);
  await truncate(path, 0);
  expect(await isProven(handle, position(noTail))).toBe(false);
});

test('a claim of tail bytes without their hash proves nothing', async () => {
  expect(await isProven(handle, position({ tailHash: new Uint8Array(0), tailBytes: 4 }))).toBe(false);
});

test('of several streams that a file continues the furthest is gone on from', async () => {
  const near = position(noTail);
  const far = { ...near, stream: { ...near.stream, streamId: 's2' }, offset: content.length };

  expect(await new KnownStreams([far, near]).find(handle, { device: 1, inode: 7 })).toMatchObject({ stream: { streamId: 's2' } });
});
