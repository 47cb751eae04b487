import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemRandom } from '../runtime/clock.ts';
import { faultyDisk, type FaultyDisk } from './faulty-disk.ts';
import { GenerationLog } from './generation-log.ts';
import { createSeal, plainSeal, sealedWith, type Seal, type SealingKeys } from './sealing.ts';
import { seededRandom } from './seeded-random.ts';

const key = new Uint8Array(32).fill(7);
const otherKey = new Uint8Array(32).fill(8);
const sealOf = (keys: SealingKeys, log = 'normal'): Seal => createSeal(keys, log, systemRandom);
const bytes = fc.uint8Array({ maxLength: 300 });

function openLog(disk: FaultyDisk, seal: Seal): Promise<GenerationLog> {
  const snapshot = (): Uint8Array => Buffer.from('snapshot of carol');
  return GenerationLog.open({ disk: disk.attach(), folder: '/log', generationBytes: 100, reserveBytes: 64, snapshot, seal });
}

async function appended(log: GenerationLog, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const tag = new Uint8Array(32).fill(0x41);
    await log.append([{ parts: [Buffer.from(`the secret of alice ${log.tail + 1}`)], tag }], 'state of bob');
  }
}

async function readAll(log: GenerationLog): Promise<string[]> {
  const read: string[] = [];
  for (let next = log.oldest; next <= log.tail;) {
    for (const item of await log.read(next, 5)) {
      read.push(item.is === 'record' ? Buffer.from(item.bytes).toString() : `hole ${item.from}-${item.to} ${item.reason}`);
      next = item.is === 'record' ? item.number + 1 : item.to + 1;
    }
  }
  return read;
}

/** Everything that the disk holds, as one text. */
function contents(disk: FaultyDisk): string {
  const { folders, files } = disk.image();
  const values = [...folders.values()].flatMap((folder) => [...folder.values()]);
  return Buffer.concat([...values, ...files.values()]).toString('latin1');
}

test('what was sealed opens again in its place, and nothing of it shows', () => {
  fc.assert(
    fc.property(bytes, fc.string(), (value, place) => {
      const sealed = sealOf({ current: key }).seal(value, place);

      expect(Buffer.from(sealOf({ current: key }).open(sealed, place) ?? [])).toEqual(Buffer.from(value));
      if (value.length >= 8) expect(Buffer.from(sealed).includes(value)).toBe(false);
    }),
  );
});

test('a value opens in no other place, under no other log, and not after any byte of it changed', () => {
  const sealed = sealOf({ current: key }).seal(Buffer.from('line'), 'generation 1 07');

  expect(sealOf({ current: key }).open(sealed, 'generation 2 07')).toBeUndefined();
  expect(sealOf({ current: key }, 'first').open(sealed, 'generation 1 07')).toBeUndefined();
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    // With its magic gone it is taken for a plain value, which the record's own checksum refuses.
    const opened = sealOf({ current: key }).open(changed, 'generation 1 07');
    if (at >= 8) expect(opened).toBeUndefined();
    else expect(Buffer.from(opened ?? [])).toEqual(Buffer.from(changed));
  }
});

test('a machine that is cloned while it runs never uses a key and nonce for two values', () => {
  const [one, clone] = [seededRandom(5), seededRandom(5)].map((random) => createSeal({ current: key }, 'normal', random));
  const a = Buffer.from(one?.seal(Buffer.from('line of one life'), 'generation 1 07') ?? []);
  const b = Buffer.from(clone?.seal(Buffer.from('line of the other'), 'generation 1 07') ?? []);

  const saltOf = (sealed: Buffer): string => sealed.toString('hex', 16, 40);
  expect(saltOf(a)).not.toBe(saltOf(b));
});

test('nothing that was handed in is found on the disk, whether records, snapshot, state or hashes', async () => {
  const disk = faultyDisk(seededRandom(1));
  const log = await openLog(disk, sealOf({ current: key }));
  await appended(log, 12);
  await log.close();

  const found = contents(disk);
  for (const secret of ['alice', 'bob', 'carol', 'AAAAAAAA']) expect(found).not.toContain(secret);
});

test('sealing is turned on, its key is changed, and it is turned off again without a record lost', async () => {
  const disk = faultyDisk(seededRandom(2));
  const phases: SealingKeys[] = [
    {},
    { current: key },
    { current: otherKey, previous: [key] },
    { previous: [key, otherKey] },
    { current: key, previous: [otherKey] },
  ];
  for (const [phase, keys] of phases.entries()) {
    const log = await openLog(disk, sealOf(keys));
    await appended(log, 5);
    const read = await readAll(log);
    expect(read).toEqual(Array.from({ length: 5 * (phase + 1) }, (_, i) => `the secret of alice ${i + 1}`));
    for (const { first, keyId } of log.generations) expect(keyId).toBe(sealOf(phases[Math.floor((first - 1) / 5)] ?? {}).keyId);
    await log.close();
  }
});

test('an earlier key is not needed any more once what it sealed was freed', async () => {
  const disk = faultyDisk(seededRandom(3));
  const before = await openLog(disk, sealOf({ current: key }));
  await appended(before, 5);
  await before.close();
  const rotated = await openLog(disk, sealOf({ current: otherKey, previous: [key] }));
  await appended(rotated, 5);
  await rotated.free(5);
  await rotated.close();

  const log = await openLog(disk, sealOf({ current: otherKey }));

  expect(await readAll(log)).toHaveLength(5);
});

test.each([
  ['without the key', plainSeal],
  ['with another key', sealOf({ current: otherKey })],
])('a sealed log opened %s is an error that names the key, and nothing on the disk changes', async (_, seal) => {
  const disk = faultyDisk(seededRandom(4));
  const log = await openLog(disk, sealOf({ current: key }));
  await appended(log, 7);
  await log.close();
  const before = contents(disk);

  await expect(openLog(disk, seal)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  await expect(openLog(disk, seal)).rejects.toThrow(sealOf({ current: key }).keyId);

  expect(contents(disk)).toBe(before);
  const again = await openLog(disk, sealOf({ current: key }));
  expect(await readAll(again)).toHaveLength(7);
});

test('a generation whose key is missing is told at the start, before it is read', async () => {
  const disk = faultyDisk(seededRandom(5));
  const log = await openLog(disk, sealOf({ current: key }));
  await appended(log, 5);
  await log.close();
  const rotated = await openLog(disk, sealOf({ current: otherKey, previous: [key] }));
  await appended(rotated, 5);
  await rotated.close();

  await expect(openLog(disk, sealOf({ current: otherKey }))).rejects.toThrow(/generation 1 in \/log is sealed with key/);
});

test('a generation that a crash left unlisted, and those of a lost state file, are still known by their key', async () => {
  const keyId = sealOf({ current: key }).keyId;
  let takenOver = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const disk = faultyDisk(seededRandom(seed));
    const log = await openLog(disk, sealOf({ current: key }));
    await appended(log, 5);
    // The generation is there, the slot file does not say so.
    disk.failWrites(1, 2);
    const appending = appended(log, 1).catch(() => undefined);
    await appending;
    disk.crash();
    const again = await openLog(disk, sealOf({ current: key }));
    if (again.generations.length > log.generations.length) takenOver++;
    expect(again.generations.map((generation) => generation.keyId)).toEqual(again.generations.map(() => keyId));
    await again.close();

    await disk.replaceFile('/log/state', new Uint8Array(512 * 1024).fill(7));
    await expect(openLog(disk, sealOf({ current: otherKey }))).rejects.toThrow(`is sealed with key ${keyId}`);
    const rebuilt = await openLog(disk, sealOf({ current: key }));
    expect(rebuilt.generations.map((generation) => generation.keyId)).toEqual(again.generations.map(() => keyId));
  }
  expect(takenOver).toBeGreaterThan(0);
});

test('records that somebody exchanged on the disk are holes, not each other', async () => {
  const disk = faultyDisk(seededRandom(6));
  const log = await openLog(disk, sealOf({ current: key }));
  await appended(log, 2);
  await log.close();
  const kv = await disk.openKv('/log/generation-0000000001');
  const [, one, two] = await kv.range({ gte: new Uint8Array(9), lt: new Uint8Array(9).fill(255), limit: 9 });
  if (!one || !two) throw new Error('two records were expected');
  await kv.write(
    [
      { key: one.key, value: two.value },
      { key: two.key, value: one.value },
    ],
    { sync: true },
  );
  await kv.close();

  const again = await openLog(disk, sealOf({ current: key }));

  expect(await readAll(again)).toEqual(['hole 1-2 changed']);
});

test('only whole envelopes say which key they need', () => {
  const sealed = sealOf({ current: key }).seal(Buffer.from('line'), 'x');
  const torn = sealed.subarray(0, 30);
  const changed = Uint8Array.from(sealed);
  changed[9] = (changed[9] ?? 0) ^ 1;

  expect(sealedWith(sealed)).toBe(sealOf({ current: key }).keyId);
  expect(sealedWith(Buffer.from('{"version":1}'))).toBe('');
  expect([sealedWith(torn), sealedWith(changed), plainSeal.open(torn, 'x')]).toEqual([undefined, undefined, undefined]);
});
