import { expect, test } from 'vitest';
import { policySchema } from '../config/policy/policy.ts';
import { systemClock, type Clock } from '../proto/runtime/clock.ts';
import { fullBufferProblem, tellFullBuffers } from './full-buffers.ts';
import type { BufferStatus } from './ports.ts';

const megabyte = 1024 * 1024;
const status = (parts: Partial<BufferStatus>): BufferStatus => ({
  lane: 'normal',
  batches: 3,
  bytes: megabyte,
  bytesMax: 64 * megabyte,
  isFull: false,
  ackedSequence: 0,
  nextSequence: 1,
  lostBatches: 0,
  ...parts,
});

test('a full disk and room again are each told once, however long it lasts', async () => {
  const flapping = Array.from({ length: 40 }, (_, look) => look % 10 !== 9);
  const seen = [...flapping, ...Array.from({ length: 12 }, () => false)].map((isFull) => status({ isFull }));
  const stopping = new AbortController();
  const told: string[] = [];
  const note = (level: string) => (_: object, message: string) => void told.push(`${level}: ${message}`);
  const clock: Clock = { ...systemClock, sleep: async () => (seen.length === 0 ? stopping.abort() : undefined) };
  const buffer = { status: () => seen.shift() ?? status({}) };

  await tellFullBuffers(new Map([['normal', buffer]]), {
    folder: '/var/lib/atalaia',
    clock,
    log: { info: note('info'), warn: note('warn'), error: note('error') },
    signal: stopping.signal,
  });

  expect(told).toEqual([
    'error: buffer full: the disk has no room left; make room and it goes on by itself',
    'info: buffer has room again',
  ]);
});

const file = { type: 'file', paths: ['/var/log/a.log'], whenFull: 'block' };
const udp = { type: 'syslog', transport: 'udp', listen: '127.0.0.1:5514', whenFull: 'block' };
const full = { isFull: true };
const atLimit = { isFull: true, bytes: 64 * megabyte };

test.each([
  ['there is room', {}, file, ''],
  ['the disk is full', full, file, "waits, nothing is lost: the agent's disk is full; make room there"],
  [
    'the disk is full and senders do not wait',
    full,
    udp,
    "waits, and the kernel loses what does not fit its buffer, counted: the agent's disk is full; make room there",
  ],
  [
    'the limit is reached',
    atLimit,
    { ...file, whenFull: 'drop-oldest' },
    "drops lines, counted: the agent's buffer is full until the hub takes batches",
  ],
] as const)('a source says what becomes of its lines: %s', (_name, found, source, problem) => {
  const { sources } = policySchema.parse({ kind: 'Policy', version: 1, sources: [{ ...source, id: 's' }] });

  expect(fullBufferProblem(status(found), sources[0])).toBe(problem);
});
