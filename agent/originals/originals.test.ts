import { createWriteStream, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { blockOf, fileStream, KeptRings, peerStream } from './testing/kept-rings.ts';

let rings = new KeptRings();
afterEach(() => {
  rings.remove();
  rings = new KeptRings();
});

const files = (): string[] =>
  readdirSync(rings.folder)
    .filter((name) => name !== 'limits.json')
    .sort();
const noise = (place: number): string =>
  Array.from({ length: 40 }, (_, i) => ((place * 7919 + i * 104_729) % 1_000_003).toString(36)).join('');

test('lines come out as they were read: bytes, order, place and time, whatever was made of them afterwards', async () => {
  const strange = Buffer.from([0x66, 0xff, 0x00, 0x80]);
  const originals = rings.open();
  await rings.running(originals, () => {
    const block = blockOf(['GET /é', '', strange], { readAtMs: rings.nowMs });
    originals.note(block);
    block.bytes.fill(0);
    originals.note(blockOf(['message'], { stream: peerStream, readAtMs: rings.nowMs + 5 }));
  });

  const at = {
    is: 'line',
    readAtMs: Date.UTC(2026, 10, 24, 10),
    isCut: false,
    stream: { streamId: fileStream.streamId, path: '/var/log/web.log' },
  };
  expect(await rings.read()).toMatchObject([
    { ...at, offset: 0, text: 'GET /Ã©' },
    { ...at, offset: 8, text: '' },
    { ...at, offset: 9, text: strange.toString('latin1') },
    { ...at, readAtMs: at.readAtMs + 5, stream: { path: '192.0.2.7' }, offset: 0, text: 'message' },
  ]);
});

test('a window gives what was read in it and opens only the segments that it needs', async () => {
  const begun = rings.nowMs;
  const originals = rings.open({ keep: '10m', maxBytes: '64MiB' });
  await rings.running(originals, async (tick) => {
    for (let second = 0; second < 120; second++) {
      originals.note(blockOf([`line ${second}`], { offset: second * 10, readAtMs: rings.nowMs }));
      await tick();
    }
  });
  expect(files().length).toBeGreaterThan(2);
  // A segment that is opened all the same would be told as damaged.
  const [oldest = ''] = files();
  writeFileSync(join(rings.folder, oldest), 'x'.repeat(500));

  expect(await rings.read(begun + 100_000, begun + 103_000)).toMatchObject(
    ['line 100', 'line 101', 'line 102'].map((text) => ({ is: 'line', text })),
  );
  expect((await rings.read(begun, begun + 1_000)).map(({ is }) => is)).toEqual(['damaged']);
});

test('killed at any byte of its last write, a ring is cut there, and what is whole is read before and after the next start', async () => {
  const originals = rings.open();
  const seen: number[] = [];
  // What a kill leaves is what stands in the file: it is copied in the middle of the run.
  let left = Buffer.alloc(0);
  await rings.running(originals, async (tick) => {
    for (let frame = 0; frame < 5; frame++) {
      originals.note(blockOf([`frame ${frame}`, noise(frame)], { offset: frame * 1_000, readAtMs: rings.nowMs }));
      await tick();
      left = readFileSync(join(rings.folder, '0000000001.open'));
      seen.push(left.length);
    }
  });

  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: left.length }), async (length) => {
      for (const name of files()) rmSync(join(rings.folder, name));
      writeFileSync(join(rings.folder, '0000000001.open'), left);
      truncateSync(join(rings.folder, '0000000001.open'), length);
      const whole = seen.filter((end) => end <= length).length;
      const expected = Array.from({ length: whole }, (_, frame) => [`frame ${frame}`, noise(frame)]).flat();

      expect(await rings.texts()).toEqual(expected);
      const again = rings.open();
      await rings.running(again, async (tick) => {
        again.note(blockOf(['afterwards'], { offset: 9_000, readAtMs: rings.nowMs }));
        await tick();
      });
      expect((await rings.read()).map(({ is, text }) => text ?? is)).toEqual([...expected, 'afterwards']);
    }),
    { numRuns: 60 },
  );
});

test('damage anywhere costs the frames that it touched, is told, and ends nothing', async () => {
  const originals = rings.open();
  await rings.running(originals, async (tick) => {
    for (let frame = 0; frame < 20; frame++) {
      originals.note(blockOf([`frame ${frame}`, noise(frame)], { offset: frame * 1_000, readAtMs: rings.nowMs }));
      await tick();
    }
  });
  const [name = ''] = files();
  const whole = readFileSync(join(rings.folder, name));

  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), fc.integer({ min: 1, max: 40 }), async (at, length) => {
      const damaged = Buffer.from(whole);
      for (let i = at; i < Math.min(at + length, whole.length); i++) damaged[i] = (damaged[i] ?? 0) ^ 0x5a;
      writeFileSync(join(rings.folder, name), damaged);

      const read = await rings.read();

      expect(read.some(({ is }) => is === 'damaged')).toBe(true);
      expect(read.filter(({ is }) => is === 'line').length).toBeGreaterThanOrEqual(34);
    }),
    { numRuns: 60 },
  );
});

test('the oldest segments go by size, and the ring stays within it', async () => {
  const originals = rings.open({ keep: '1h', maxBytes: '1MiB' });
  await rings.running(originals, async (tick) => {
    for (let batch = 0; batch < 400; batch++) {
      const lines = Array.from({ length: 100 }, (_, place) => noise(batch * 100 + place) + noise(batch * 31 + place));
      originals.note(blockOf([`batch ${batch}`, ...lines], { offset: batch * 100_000, readAtMs: rings.nowMs }));
      await tick();
      const bytes = files().reduce((sum, file) => sum + statSync(join(rings.folder, file)).size, 0);
      expect(bytes).toBeLessThanOrEqual(1024 * 1024 + 100_000);
    }
  });
  const batches = (await rings.texts()).filter((text) => text.startsWith('batch')).map((text) => Number(text.slice(6)));

  expect(batches.at(-1)).toBe(399);
  expect(batches[0]).toBeGreaterThan(100);
  expect(batches).toEqual(Array.from({ length: batches.length }, (_, place) => 400 - batches.length + place));
});

test('what is too old goes, also when nothing new is read', async () => {
  const originals = rings.open({ keep: '1m', maxBytes: '64MiB' });
  await rings.running(originals, async (tick) => {
    originals.note(blockOf(['old'], { readAtMs: rings.nowMs }));
    for (let second = 0; second < 75; second++) await tick();
    expect(files()).toEqual([]);
    originals.note(blockOf(['new'], { offset: 10, readAtMs: rings.nowMs }));
    await tick();
  });

  expect(await rings.texts()).toEqual(['new']);
});

test('a disk that fails is told once and counted, delivery is not told of it, and the window says what is missing', async () => {
  const path = join(rings.root, 'web');
  createWriteStream(path).end();
  const originals = rings.open();
  await rings.running(originals, async (tick) => {
    for (let line = 0; line < 12; line++) {
      originals.note(blockOf([`lost ${line}`], { offset: line * 10, readAtMs: rings.nowMs }));
      await tick();
    }
    expect(originals.status()).toMatchObject([
      { sourceId: 'web', linesKept: 0, linesMissed: 12, problem: expect.stringMatching(/EEXIST|ENOTDIR/) },
    ]);
    rmSync(path);
    for (let second = 0; second < 31; second++) await tick();
    originals.note(blockOf(['kept'], { offset: 500, readAtMs: rings.nowMs }));
    await tick();
    expect(originals.status()).toMatchObject([{ linesKept: 1, linesMissed: 12, problem: '' }]);
  });

  expect(await rings.read()).toMatchObject([
    { is: 'missed', lines: 12 },
    { is: 'line', text: 'kept' },
  ]);
  expect(rings.told).toEqual([expect.stringMatching(/^warn: originals are not kept; delivery goes on/), 'info: originals are kept again']);
});

test('a ring leaves free what the buffer may need', async () => {
  const originals = rings.open({ keep: '1h', maxBytes: '64MiB' }, 2 ** 60);
  await rings.running(originals, async (tick) => {
    originals.note(blockOf(['line'], { readAtMs: rings.nowMs }));
    await tick();
  });

  expect(originals.status()).toMatchObject([{ linesMissed: 1, problem: expect.stringMatching(/are left to the buffer; make room/) }]);
  expect(files()).toEqual([]);
});

test('more lines than a disk takes are missed, not waited for, and told once', async () => {
  const originals = rings.open();
  const lines = Array.from({ length: 1_000 }, (_, place) => noise(place));
  await rings.running(originals, async (tick) => {
    // All in one turn: nothing can have been written meanwhile.
    for (let block = 0; block < 200; block++) originals.note(blockOf(lines, { offset: block * 1_000_000, readAtMs: rings.nowMs }));
    await tick();
    await tick();
  });
  const [status] = originals.status();
  const { linesKept, linesMissed } = status ?? { linesKept: 0, linesMissed: 0 };

  expect(linesKept + linesMissed).toBe(200_000);
  expect(linesMissed).toBeGreaterThan(100_000);
  expect(await rings.texts()).toHaveLength(linesKept);
  expect(rings.told.filter((told) => told.startsWith('warn'))).toHaveLength(1);
});

test('lines that a file was read for again come once; equal messages of a peer are two messages', async () => {
  const originals = rings.open();
  await rings.running(originals, async (tick) => {
    for (let time = 0; time < 2; time++) {
      originals.note(blockOf(['a', 'b', 'b'], { readAtMs: rings.nowMs }));
      originals.note(blockOf(['m'], { stream: peerStream, readAtMs: rings.nowMs }));
      await tick();
    }
    originals.note(blockOf(['c'], { offset: 6, readAtMs: rings.nowMs }));
    await tick();
  });

  expect(await rings.texts()).toEqual(['a', 'b', 'b', 'm', 'm', 'c']);
});

test('sealed originals show nothing, and open with their key alone', async () => {
  rings.remove();
  rings = new KeptRings(new Uint8Array(32).fill(1));
  const originals = rings.open();
  await rings.running(originals, async (tick) => {
    originals.note(blockOf(['password=hunter2'], { readAtMs: rings.nowMs }));
    await tick();
    for (const name of readdirSync(rings.folder))
      expect(readFileSync(join(rings.folder, name)).toString('latin1')).not.toMatch(/hunter2|web\.log/);
    expect(await rings.texts()).toEqual(['password=hunter2']);
  });

  await expect(new KeptRings(new Uint8Array(32).fill(2), rings.root).texts()).rejects.toMatchObject({ code: 'KEY_MISSING' });
  await expect(new KeptRings(undefined, rings.root).texts()).rejects.toMatchObject({ code: 'KEY_MISSING' });
});

test('files are closed to others', async () => {
  const originals = rings.open();
  await rings.running(originals, async (tick) => {
    originals.note(blockOf(['line'], { readAtMs: rings.nowMs }));
    await tick();

    expect(statSync(rings.folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(rings.folder)) expect(statSync(join(rings.folder, name)).mode & 0o777).toBe(0o600);
  });
});

test('a policy that is taken while the agent runs begins a ring, changes its limits and ends it', async () => {
  const originals = rings.open(null);
  const kept = (keep: number): { id: string; originals: { keep: number; maxBytes: number } } => ({
    id: 'web',
    originals: { keep, maxBytes: 2 ** 26 },
  });
  await rings.running(originals, async (tick) => {
    const note = (text: string, offset: number): void => originals.note(blockOf([text], { offset, readAtMs: rings.nowMs }));
    note('before', 0);
    await tick();
    originals.follow(kept(3_600_000));
    note('one', 10);
    await tick();
    originals.follow(kept(60_000));
    note('two', 20);
    await tick();
    expect(JSON.parse(readFileSync(join(rings.folder, 'limits.json'), 'utf8'))).toMatchObject({ keep: 60_000 });
    originals.follow({ id: 'web' });
    note('after', 30);
    await tick();
    expect(await rings.texts()).toEqual(['one', 'two']);
    expect(originals.status()).toEqual([]);
    for (let second = 0; second < 75; second++) await tick();
    expect(readdirSync(rings.root)).toEqual([]);
    originals.follow(kept(60_000));
    note('again', 40);
    await tick();
  });

  expect(await rings.texts()).toEqual(['again']);
});

test('a ring whose source keeps none any more ages out as it was promised, and its folder goes', async () => {
  const before = rings.open({ keep: '1m', maxBytes: '64MiB' });
  await rings.running(before, async (tick) => {
    before.note(blockOf(['line'], { readAtMs: rings.nowMs }));
    await tick();
  });
  const after = rings.open(null);
  await rings.running(after, async (tick) => {
    after.note(blockOf(['not kept'], { readAtMs: rings.nowMs }));
    await tick();
    expect(await rings.texts()).toEqual(['line']);
    for (let second = 0; second < 75; second++) await tick();
  });

  expect(readdirSync(rings.root)).toEqual([]);
});
