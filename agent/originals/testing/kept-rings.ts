// Rings on a real folder under a clock that tests move, and blocks as inputs hand them out.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policySchema } from '../../../config/policy/policy.ts';
import { createSeal, plainSeal, type Seal } from '../../../proto/durable/sealing.ts';
import { systemClock, systemRandom, type Clock } from '../../../proto/runtime/clock.ts';
import type { LineBlock, StreamInfo } from '../../ports.ts';
import { Originals, sealName } from '../originals.ts';
import { readWindow, type WindowItem } from '../read-window.ts';

const file = { device: 1, inode: 2, fingerprint: new Uint8Array(32), fingerprintBytes: 32 };

export const fileStream: StreamInfo = {
  sourceId: 'web',
  streamId: 'f'.repeat(32),
  file,
  path: '/var/log/web.log',
  typeHint: '',
  timeZone: '',
  labels: {},
};
export const peerStream: StreamInfo = { ...fileStream, streamId: 'e'.repeat(32), file: undefined, path: '192.0.2.7' };

/** Lines that stand one after the other in their source from `offset` on. */
export function blockOf(
  lines: readonly (string | Buffer)[],
  { stream = fileStream, offset = 0, readAtMs = 0 }: { stream?: StreamInfo; offset?: number; readAtMs?: number } = {},
): LineBlock {
  const parts = lines.map((line) => Buffer.from(line));
  const starts = new Uint32Array(lines.length);
  const ends = new Uint32Array(lines.length);
  let at = 0;
  for (const [place, part] of parts.entries()) {
    starts[place] = at;
    at += part.length;
    ends[place] = at;
    at += 1;
  }
  return {
    stream,
    readAtMs,
    bytes: Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')])),
    count: lines.length,
    starts,
    ends,
    baseOffset: offset,
    sourceStarts: starts,
    cut: [],
    endOffset: offset + at,
    endLineNumber: 0,
    tailHash: new Uint8Array(16),
    tailBytes: 0,
    cursor: '',
    bytesRead: at,
  };
}

export class KeptRings {
  readonly root: string;
  nowMs = Date.UTC(2026, 10, 24, 10);
  readonly told: string[] = [];
  readonly sealOf: (log: string) => Seal;
  readonly clock: Clock = {
    ...systemClock,
    nowMs: () => this.nowMs,
    monotonicMs: () => this.nowMs,
    sleep: (_, signal) => this.#slept(signal),
  };
  #wake: (() => void) | undefined;
  #sleeping: Promise<void> = Promise.resolve();
  #asleep: (() => void) | undefined;

  constructor(key?: Uint8Array, root = mkdtempSync(join(tmpdir(), 'atalaia-originals-'))) {
    this.root = root;
    this.sealOf = key ? (log) => createSeal({ current: key }, log, systemRandom) : () => plainSeal;
  }

  open(kept: object | null = { keep: '1h', maxBytes: '64MiB' }, freeBytesMin = 0): Originals {
    const sources = policySchema.parse({
      kind: 'Policy',
      version: 1,
      sources: [{ id: 'web', type: 'file', paths: ['/var/log/web.log'], ...(kept ? { originals: kept } : {}) }],
    }).sources;
    const log = {
      info: (_: object, text: string) => void this.told.push(`info: ${text}`),
      warn: (fields: object, text: string) => void this.told.push(`warn: ${text} (${JSON.stringify(fields)})`),
    };
    const originals = new Originals({ root: this.root, sealOf: this.sealOf, freeBytesMin, clock: this.clock, log });
    for (const source of sources) originals.follow(source);
    return originals;
  }

  /** Runs rings until `work` is done; in it, `tick` lets a second pass and waits until what it brought is done. */
  async running(originals: Originals, work: (tick: () => Promise<void>) => Promise<void> | void): Promise<void> {
    const stop = new AbortController();
    this.#sleeping = new Promise((resolve) => (this.#asleep = resolve));
    const run = originals.run(stop.signal);
    await this.#sleeping;
    await work(async () => {
      this.#sleeping = new Promise((resolve) => (this.#asleep = resolve));
      this.nowMs += 1_000;
      this.#wake?.();
      await this.#sleeping;
    });
    stop.abort();
    await run;
  }

  async read(fromMs = -Infinity, toMs = Infinity): Promise<(Omit<WindowItem, 'bytes'> & { text?: string })[]> {
    const items: (Omit<WindowItem, 'bytes'> & { text?: string })[] = [];
    for await (const item of readWindow({ folder: this.folder, seal: this.sealOf(sealName('web')) }, { fromMs, toMs }))
      items.push(item.is === 'line' ? { ...item, text: item.bytes.toString('latin1') } : item);
    return items;
  }

  /** The lines alone. */
  async texts(fromMs = -Infinity, toMs = Infinity): Promise<string[]> {
    return (await this.read(fromMs, toMs)).flatMap(({ text }) => text ?? []);
  }

  get folder(): string {
    return join(this.root, 'web');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  #slept(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wake = resolve;
      signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      this.#asleep?.();
    });
  }
}
