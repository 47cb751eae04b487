// Says when a lane's buffer is full and when there is room again (for ten seconds): once each in the log, and as the problem of every source
// of the lane for as long as it lasts, so that the hub shows it where people look.
// A buffer that reached `buffer.maxBytes` empties when the hub takes batches; a full disk needs a person.
import type { Source } from '../config/policy/sources/sources.ts';
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import type { BatchBuffer, BufferStatus, SourceStatus } from './ports.ts';

export interface FullBuffersLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type Buffers = ReadonlyMap<LaneName, Pick<BatchBuffer, 'status'>>;

const lookIntervalMs = 1_000;
/** A lane at its limit has room and is full again every second: that is one time of being full. */
const roomAgainLooks = 10;

/** Runs until the signal aborts. */
export async function tellFullBuffers(
  buffers: Buffers,
  {
    folder,
    clock,
    log,
    signal,
  }: { readonly folder: string; readonly clock: Clock; readonly log: FullBuffersLog; readonly signal: AbortSignal },
): Promise<void> {
  /** Looks at which there was room again, since it was full. */
  const full = new Map<LaneName, number>();
  for await (const _ of ticks(lookIntervalMs, { clock, signal })) {
    for (const [lane, buffer] of buffers) {
      const status = buffer.status();
      const { batches, bytes, bytesMax } = status;
      const before = full.get(lane);
      if (!status.isFull) {
        if (before === undefined) continue;
        full.set(lane, before + 1);
        if (before + 1 < roomAgainLooks) continue;
        full.delete(lane);
        log.info({ lane, batches, bytes }, 'buffer has room again');
        continue;
      }
      full.set(lane, 0);
      if (before !== undefined) continue;
      if (isAtLimit(status))
        log.warn({ lane, batches, bytes, bytesMax }, 'buffer full: buffer.maxBytes is reached until the hub takes batches');
      else log.error({ lane, batches, bytes, folder }, 'buffer full: the disk has no room left; make room and it goes on by itself');
    }
  }
}

/** The problem of a source whose lane is full; empty while there is room. */
export function fullBufferProblem(status: BufferStatus | undefined, source: Source | undefined): SourceStatus['problem'] {
  if (!status?.isFull) return '';
  const why = isAtLimit(status) ? "the agent's buffer is full until the hub takes batches" : "the agent's disk is full; make room there";
  if (source?.whenFull !== 'block') return `drops lines, counted: ${why}`;
  // Senders of datagrams are not made to wait by anybody.
  const isPassing = source.type === 'syslog' && source.transport === 'udp';
  return isPassing ? `waits, and the kernel loses what does not fit its buffer, counted: ${why}` : `waits, nothing is lost: ${why}`;
}

function isAtLimit({ bytes, bytesMax }: BufferStatus): boolean {
  return bytes >= bytesMax;
}
