// The kernel's log read from the real device where that may be read (skipped elsewhere: run as root on a host with
// /dev/kmsg), and from a ring that behaves like it where a reboot or an overrun is needed.
import { accessSync, closeSync, constants, openSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { policySchema } from '../../config/policy/policy.ts';
import type { KmsgSource } from '../../config/policy/sources/sources.ts';
import { systemClock, systemRandom, type Clock } from '../../proto/runtime/clock.ts';
import type { LineBlock, StreamPosition } from '../ports.ts';
import { systemKernelLog, type KernelLog, type KernelRead } from './kernel-device.ts';
import { KernelInput } from './kernel-input.ts';
import { noCounters } from './file-tail.ts';
import { hastyClock } from './testing/followed-folder.ts';

function sourceOf(startAt: 'start' | 'end'): KmsgSource {
  const [source] = policySchema.parse({
    kind: 'Policy',
    version: 1,
    sources: [{ id: 'k', type: 'kmsg', timeZone: 'UTC', startAt }],
  }).sources;
  if (source?.type !== 'kmsg') throw new Error('no kmsg source');
  return source;
}

/** Waits are short, and the time of day stands, as the ring's own does. */
function steadyClock(): Clock {
  return { ...hastyClock(), nowMs: () => Date.UTC(2026, 10, 24, 10) };
}

class Reader {
  readonly lines: string[] = [];
  readonly dropped: Record<string, number> = {};
  readonly warnings: string[] = [];
  readonly input: KernelInput;
  position: StreamPosition | undefined;
  readonly #stop = new AbortController();

  constructor(kernelLog: KernelLog, { startAt = 'start', clock = steadyClock() }: { startAt?: 'start' | 'end'; clock?: Clock } = {}) {
    const log = { debug: () => undefined, info: () => undefined, warn: (_: object, text: string) => void this.warnings.push(text) };
    this.input = new KernelInput({ source: sourceOf(startAt), kernelLog, clock, random: systemRandom, log });
  }

  /** Reads until the fact is so after a block. */
  async until(isSo: (reader: this) => boolean, resume: readonly StreamPosition[] = [], seen?: () => void): Promise<this> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(20_000)]);
    for await (const block of this.input.read(resume, signal)) {
      this.#take(block);
      seen?.();
      if (isSo(this)) this.#stop.abort();
    }
    expect(isSo(this)).toBe(true);
    return this;
  }

  #take(block: LineBlock): void {
    for (let i = 0; i < block.count; i++) this.lines.push(block.bytes.toString('utf8', block.starts[i], block.ends[i]));
    for (const [reason, count] of Object.entries(block.dropped ?? {})) this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
    const { stream, endOffset: offset, endLineNumber: lineNumber, tailHash, tailBytes, cursor } = block;
    this.position = { stream, offset, lineNumber, tailHash, tailBytes, cursor, counters: noCounters };
  }

  get texts(): string[] {
    return this.lines.map((line) => line.replace(/^.*?\] /, ''));
  }
}

/** Keeps the newest `size` records, as the kernel's ring does. */
class Ring implements KernelLog {
  readonly #size: number;
  #records: { readonly sequence: number; readonly text: string }[] = [];
  #sequence = 0;
  boot = 'boot-1';
  us = 10_000_000;

  constructor(size = 100) {
    this.#size = size;
  }

  write(...texts: readonly string[]): void {
    for (const text of texts) this.#records.push({ sequence: this.#sequence++, text });
    this.#records = this.#records.slice(-this.#size);
  }

  reboot(): void {
    this.boot = 'boot-2';
    this.#records = [];
    this.#sequence = 0;
    this.us = 0;
  }

  open(): ReturnType<KernelLog['open']> {
    let next = this.#records[0]?.sequence ?? this.#sequence;
    const read = (into: Buffer): KernelRead => {
      const oldest = this.#records[0]?.sequence ?? next;
      if (next < oldest) {
        next = oldest;
        return { is: 'overwritten' };
      }
      const record = this.#records.find(({ sequence }) => sequence === next);
      if (!record) return { is: 'nothing' };
      next += 1;
      return { is: 'record', byteLength: into.write(`6,${record.sequence},${this.us},-;${record.text}\n`) };
    };
    return { read, close: () => undefined };
  }

  bootId(): string {
    return this.boot;
  }

  nowUs(): number {
    return this.us;
  }
}

test('after a restart it goes on behind the last record, in the same stream, with the same time of zero', async () => {
  const ring = new Ring();
  ring.write('one', 'two');
  const first = await new Reader(ring).until(({ lines }) => lines.length === 2);
  ring.write('three');

  const second = await new Reader(ring).until(({ lines }) => lines.length === 1, [first.position!]);

  expect(first.texts).toEqual(['one', 'two']);
  expect(second.texts).toEqual(['three']);
  expect(second.position?.stream.streamId).toBe(first.position?.stream.streamId);
  expect(second.position).toMatchObject({ lineNumber: 3 });
  expect(second.position?.cursor.split(';')[2]).toBe(first.position?.cursor.split(';')[2]);
  expect(second.position?.offset).toBe(3);
  expect(second.dropped).toEqual({});
});

test('a source that starts at the end passes over what is there, and remembers where that was', async () => {
  const ring = new Ring();
  ring.write('old', 'older');
  const first = await new Reader(ring, { startAt: 'end' }).until(({ position }) => position !== undefined);
  ring.write('new');

  const second = await new Reader(ring, { startAt: 'end' }).until(({ lines }) => lines.length > 0, [first.position!]);

  expect(first.lines).toEqual([]);
  expect(second.texts).toEqual(['new']);
});

test('where a stream begins is told before its first line, so that it can be read again from there', async () => {
  const ring = new Ring();
  ring.write('one');
  const begun = await new Reader(ring).until(({ position }) => position !== undefined);
  ring.write('two');

  const again = await new Reader(ring, { startAt: 'end' }).until(({ lines }) => lines.length === 2, [begun.position!]);

  expect(begun.lines).toEqual([]);
  expect(again.texts).toEqual(['one', 'two']);
});

test('records that were overwritten while nobody read are counted, and told', async () => {
  const ring = new Ring(3);
  ring.write('0');
  const first = await new Reader(ring).until(({ lines }) => lines.length === 1);
  ring.write('1', '2', '3', '4', '5');

  const second = await new Reader(ring).until(({ lines }) => lines.length === 3, [first.position!]);

  expect(second.texts).toEqual(['3', '4', '5']);
  expect(second.dropped).toEqual({ overwritten: 2 });
  expect(second.warnings).toEqual([expect.stringMatching(/overwritten before they were read.*log_buf_len/)]);
  expect(second.input.status()).toMatchObject({ linesRead: 3, linesDropped: { overwritten: 2 }, problem: '' });
});

test('records that are overwritten while it reads are counted too', async () => {
  const ring = new Ring(4);
  ring.write('0');
  let blocks = 0;

  const reader = await new Reader(ring).until(
    ({ lines }) => lines.length === 5,
    [],
    () => {
      blocks += 1;
      // The first tells where the stream begins, the second has the record.
      if (blocks === 2) ring.write('1', '2', '3', '4', '5', '6', '7');
    },
  );

  expect(reader.texts).toEqual(['0', '4', '5', '6', '7']);
  expect(reader.dropped).toEqual({ overwritten: 3 });
});

test('after a reboot the new log is read from its first record, whatever the source says of new ones', async () => {
  const ring = new Ring(3);
  ring.write('before');
  const first = await new Reader(ring, { startAt: 'end' }).until(({ position }) => position !== undefined);
  ring.reboot();
  ring.write('a', 'b', 'c', 'd');

  const second = await new Reader(ring, { startAt: 'end' }).until(({ lines }) => lines.length === 3, [first.position!]);

  expect(second.texts).toEqual(['b', 'c', 'd']);
  expect(second.dropped).toEqual({ overwritten: 1 });
  expect(second.position?.cursor).toMatch(/^s=boot-2;i=4;t=/);
  expect(second.position?.stream.streamId).not.toBe(first.position?.stream.streamId);
});

test('a device that is refused is told once, with the remedy, and read as soon as it may be', async () => {
  const ring = new Ring();
  ring.write('at last');
  let refusals = 3;
  const kernelLog: KernelLog = {
    bootId: () => ring.bootId(),
    nowUs: () => ring.nowUs(),
    open: () => {
      if (refusals-- > 0) throw Object.assign(new Error('refused'), { code: 'EPERM' });
      return ring.open();
    },
  };

  const reader = await new Reader(kernelLog).until(({ lines }) => lines.length === 1);

  expect(reader.warnings).toEqual([expect.stringMatching(/must not be read by this user; let the service: copy kernel-log\.conf/)]);
  expect(reader.input.status().problem).toBe('');
});

function mayUseDevice(): boolean {
  try {
    accessSync('/dev/kmsg', constants.R_OK | constants.W_OK);
    systemKernelLog.open().close();
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!mayUseDevice())('the real device: what is written to it comes once, at its time, and not again', async () => {
  const mark = `atalaia test ${process.pid} ${Math.random()}`;
  const write = (text: string): void => {
    const device = openSync('/dev/kmsg', 'w');
    writeSync(device, `<6>${mark} ${text}\n`);
    closeSync(device);
  };
  const isMarked = (line: string): boolean => line.includes(mark);
  const clock = systemClock;
  const begunMs = Date.now();
  const first = await new Reader(systemKernelLog, { startAt: 'end', clock }).until(({ position }) => position !== undefined);
  write('one');
  const second = await new Reader(systemKernelLog, { clock }).until(({ lines }) => lines.some(isMarked), [first.position!]);
  write('two');
  const third = await new Reader(systemKernelLog, { clock }).until(({ lines }) => lines.some(isMarked), [second.position!]);

  const mine = [...second.lines, ...third.lines].filter(isMarked);
  expect(mine.map((line) => line.slice(line.indexOf(mark)))).toEqual([`${mark} one`, `${mark} two`]);
  for (const line of mine) expect(Math.abs(Date.parse(line.split(' ')[1] ?? '') - begunMs)).toBeLessThan(60_000);
});
