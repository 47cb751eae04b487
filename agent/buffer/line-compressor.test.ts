import { randomBytes } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { LineCompressor } from './line-compressor.ts';

const copied = (frame: Buffer): Buffer => Buffer.from(frame);

test('batches handed in together come back as frames of their own, in order, whatever their size', async () => {
  const compressor = new LineCompressor(1);
  const batches = [10, 3_000_000, 1, 600_000, 100_000].map((length) => Buffer.concat([randomBytes(length), Buffer.alloc(length, 'x')]));

  const frames = await Promise.all(batches.map((batch) => compressor.compress(batch, copied)));

  expect(frames.map((frame) => zstdDecompressSync(frame).equals(batches[frames.indexOf(frame)] ?? Buffer.alloc(0)))).toEqual(
    batches.map(() => true),
  );
});

test('lines that repeat come out smaller, in the later batches too', async () => {
  const compressor = new LineCompressor(1);
  const lines = Buffer.from('Nov 24 10:00:00 web1 sshd[811]: Failed password for root\n'.repeat(10_000));

  const [first, second] = [await compressor.compress(lines, copied), await compressor.compress(lines, copied)];

  expect(first.length).toBeLessThan(lines.length / 50);
  expect(second.equals(first)).toBe(true);
});

test('memory of frames is given back while others are made', async () => {
  const compressor = new LineCompressor(1);
  const seen: Buffer[] = [];

  for (let batch = 0; batch < 8; batch++) await compressor.compress(randomBytes(300_000), (frame) => void seen.push(frame));

  expect(seen.filter(({ length }) => length > 0).length).toBeLessThan(3);
});
