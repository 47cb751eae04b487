import { expect, test } from 'vitest';
import { MemoryBuffer } from './uplink/testing/memory-buffer.ts';
import { sparingMemory, memoryCollector } from './sparing-memory.ts';

const { signal } = new AbortController();

test('memory is collected while batches are written, not at every one', async () => {
  let collections = 0;
  const buffer = sparingMemory(new MemoryBuffer('normal'), () => collections++);
  const sealed = { body: Buffer.from('body'), lineCount: 1, rawBytes: 1024 * 1024, positions: [] };

  for (let batch = 0; batch < 16; batch++) await buffer.append(sealed, signal);

  expect(collections).toBe(2);
});

test('memory is collected while a backlog is sent', async () => {
  let collections = 0;
  const held = new MemoryBuffer('normal');
  for (let batch = 0; batch < 16; batch++) held.put('x'.repeat(1024 * 1024));
  const buffer = sparingMemory(held, () => collections++);

  for (let after = 0; after < 16; after++) await buffer.next(after, signal);

  expect(collections).toBe(2);
});

test('a collection gives back buffers that nobody holds any more', () => {
  const collect = memoryCollector();
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 8; round++) Buffer.alloc(1024 * 1024);

  // The first finds what the stack of the loop above may still show to the collector.
  for (let turn = 0; turn < 40; turn++) collect();

  expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + 4 * 1024 * 1024);
});

test('buffers that were in use for long are given back too', () => {
  const collect = memoryCollector();
  let held = Array.from({ length: 8 }, () => Buffer.alloc(1024 * 1024));
  const before = process.memoryUsage().arrayBuffers;
  for (let turn = 0; turn < 4; turn++) collect();
  expect(held.length).toBe(8);
  held = [];

  for (let turn = 0; turn < 40; turn++) collect();

  expect(process.memoryUsage().arrayBuffers).toBeLessThan(before - 6 * 1024 * 1024);
});
