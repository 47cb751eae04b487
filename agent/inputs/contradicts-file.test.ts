import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StreamPosition } from '../ports.ts';
import { contradictsFile } from './contradicts-file.ts';
import { fenceOf } from './file-fence.ts';
import { fingerprintOf, tailHashOf } from './file-proof.ts';

const content = Buffer.from('first line\nsecond line\nthird line\n');
let folder: string;
let path: string;
let inode: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atalaia-lives-'));
  path = join(folder, 'app.log');
  await writeFile(path, content);
  inode = (await stat(path)).ino;
});
afterEach(() => rm(folder, { recursive: true }));

/** A place behind `lines` lines of a file that began like ours and went on with `bytes`. */
function placeIn(bytes: Buffer, lines: number): StreamPosition {
  let offset = 0;
  for (let line = 0; line < lines; line++) offset = bytes.indexOf('\n', offset) + 1;
  const head = content.subarray(0, 'first line\n'.length);
  const file = { device: 1, inode, fingerprint: fingerprintOf(head), fingerprintBytes: head.length };
  const counters = { linesRead: lines, linesFiltered: 0, linesTrimmed: 0, linesCut: 0, bytesRead: offset, bytesKept: 0, linesDropped: {} };
  return {
    stream: { sourceId: 'app', streamId: 's1', file, path, typeHint: '', timeZone: '', labels: {} },
    offset,
    lineNumber: lines,
    tailHash: tailHashOf(bytes.subarray(0, offset)),
    tailBytes: offset,
    cursor: '',
    counters,
  };
}

const contradicts = (told: StreamPosition, own: StreamPosition): Promise<boolean> => contradictsFile(told, own, fenceOf([`${folder}/**`]));

test('a place further on in the same file is believed', async () => {
  expect(await contradicts(placeIn(content, 3), placeIn(content, 1))).toBe(false);
});

test('a place behind lines that another life of the machine wrote is not', async () => {
  const otherLife = Buffer.from('first line\nanother second line\nanother third line\n');

  expect(await contradicts(placeIn(otherLife, 3), placeIn(content, 2))).toBe(true);
});

test('it is asked of the file that holds our place, under whatever name rotation gave it', async () => {
  const otherLife = Buffer.from('first line\nanother second line\n');
  await rename(path, `${path}.1`);
  await writeFile(path, 'a new file\n');

  expect(await contradicts(placeIn(otherLife, 2), placeIn(content, 2))).toBe(true);
  expect(await contradicts(placeIn(content, 3), placeIn(content, 2))).toBe(false);
});

test('a file that is gone or was rewritten contradicts nothing: the hub is believed', async () => {
  const otherLife = Buffer.from('first line\nanother second line\n');
  await writeFile(path, 'rewritten\n');

  expect(await contradicts(placeIn(otherLife, 2), placeIn(content, 2))).toBe(false);
  await rm(path);
  expect(await contradicts(placeIn(otherLife, 2), placeIn(content, 2))).toBe(false);
});
