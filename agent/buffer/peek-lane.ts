// What a lane holds, read beside its sender: for `buffer export`, from a running agent and from a folder that nobody runs on.
// Promises: nothing is changed, freed or noted; every sequence asked for comes out as a batch or as what became of it. A page
// has at least one item, and no more batches than fit pageBytesMax after the first.
import { join } from 'node:path';
import type { LaneName } from '../../proto/delivery.ts';
import { GenerationLog } from '../../proto/durable/generation-log.ts';
import { lookingDisk } from '../../proto/durable/looking-disk.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import type { LogItem } from '../../proto/durable/read-generation.ts';
import type { Seal } from '../../proto/durable/sealing.ts';
import { decodeMemory, type LaneMemory } from './lane-memory.ts';
import { pendingLostLines } from './lost-lines.ts';
import { decodeStored } from './stored-body.ts';

export interface LaneBounds {
  readonly lane: LaneName;
  /** Hexadecimal; sequences count within it. */
  readonly epoch: string;
  /** Lowest sequence that may still be read. */
  readonly oldest: number;
  /** The hub has committed everything up to here. */
  readonly acked: number;
  readonly newest: number;
}

/** `body` is an encoded BatchBody. `gone`: the reasons of a Lost, `damaged`, or `committed` (and destroyed meanwhile). */
export type PeekedItem =
  | { readonly is: 'batch'; readonly sequence: number; readonly body: Uint8Array }
  | { readonly is: 'gone'; readonly from: number; readonly to: number; readonly reason: string };

export interface PeekedPage extends LaneBounds {
  /** In order from the sequence asked for on, without gaps; empty above `newest`. */
  readonly items: readonly PeekedItem[];
}

export interface PeekedLane {
  bounds(): LaneBounds;
  page(from: number): Promise<PeekedPage>;
}

const pageBytesMax = 1024 * 1024;
const readAtOnce = 4;

export async function peekLane(
  lane: LaneName,
  log: GenerationLog,
  { memory, from }: { memory: LaneMemory; from: number },
): Promise<PeekedPage> {
  const items: PeekedItem[] = [];
  let bytes = 0;
  let next = from + memory.base;
  while (bytes < pageBytesMax && next <= log.tail) {
    const hole = memory.holes.find((known) => known.from <= next && known.to >= next);
    const read = hole ? [{ is: 'hole', from: next, to: hole.to, reason: 'missing' } as const] : await log.read(next, readAtOnce);
    // It was freed while we read.
    if (read.length === 0) break;
    for (const item of read) {
      const peeked = peekedOf(item, memory);
      if (peeked.is === 'batch') bytes += peeked.body.length;
      items.push(peeked);
      next = item.is === 'record' ? item.number + 1 : item.to + 1;
      if (bytes >= pageBytesMax) break;
    }
  }
  return { ...boundsOf(lane, log, memory), items };
}

export function boundsOf(lane: LaneName, log: GenerationLog, { epoch, base, acked }: LaneMemory): LaneBounds {
  return {
    lane,
    epoch: Buffer.from(epoch).toString('hex'),
    oldest: Math.max(log.oldest - base, 1),
    acked: acked - base,
    newest: log.tail - base,
  };
}

/**
 * A lane of an agent that does not run. Rejects with LOCKED when one does, KEY_MISSING without the key; undefined when there
 * is nothing of this lane.
 */
export async function lookAtLane(
  disk: Disk,
  { root, lane, seal }: { readonly root: string; readonly lane: LaneName; readonly seal: Seal },
): Promise<(PeekedLane & { close(): Promise<void> }) | undefined> {
  const folder = join(root, lane);
  if (!(await disk.list(folder)).includes('state')) return undefined;
  const log = await GenerationLog.open({
    disk: lookingDisk(disk),
    folder,
    seal,
    generationBytes: Infinity,
    reserveBytes: 0,
    snapshot: () => new Uint8Array(0),
  });
  const memory = decodeMemory(log.state) ?? forgotten(log);
  return {
    bounds: () => boundsOf(lane, log, memory),
    page: (from) => peekLane(lane, log, { memory, from }),
    close: () => log.close(),
  };
}

/** The state file is gone: sequences count from the oldest record that is there. */
function forgotten({ oldest }: GenerationLog): LaneMemory {
  const none = new Uint8Array(0);
  const base = oldest - 1;
  const numbers = { base, carriedUpTo: base, acked: base, lostBatches: 0 };
  return { ...numbers, epoch: none, ackedHash: none, damaged: true, holes: [], unsaid: [], lost: pendingLostLines };
}

function peekedOf(item: LogItem, { base, acked, holes }: LaneMemory): PeekedItem {
  if (item.is === 'hole') {
    const known = holes.find(({ from, to }) => from <= item.from && to >= item.from);
    const reason = known?.reason ?? (item.to <= acked ? 'committed' : 'damaged');
    return { is: 'gone', from: item.from - base, to: item.to - base, reason };
  }
  const { is, body } = decodeStored(item.bytes);
  const sequence = item.number - base;
  return is === 'batch' ? { is, sequence, body } : { is: 'gone', from: sequence, to: sequence, reason: 'drop_newest' };
}
