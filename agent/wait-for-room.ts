// Opening what lies on a disk that has no room left: the agent waits and goes on by itself, instead of ending and being
// started again, which mends nothing and, without a service manager, needs a person twice.
// Promises: told once, and once more when there is room; nothing of the agent's runs meanwhile, as if it had not been started.
import type { Clock } from '../proto/runtime/clock.ts';
import { errorCode } from '../proto/runtime/errors.ts';

export interface RoomSurroundings {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: { error(fields: object, text: string): void; info(fields: object, text: string): void };
  /** While it waits, about every half minute. */
  readonly onWaiting: () => Promise<void>;
  readonly signal: AbortSignal;
}

const retryMs = 1_000;
const retriesPerSign = 30;

/** Undefined when the signal aborts; rejects with what `open` rejects with, apart from DISK_FULL. */
export async function whenThereIsRoom<T>(
  open: () => Promise<T>,
  { folder, clock, log, onWaiting, signal }: RoomSurroundings,
): Promise<T | undefined> {
  for (let retries = 0; !signal.aborted; retries++) {
    try {
      const opened = await open();
      if (retries > 0) log.info({ folder }, 'there is room on the disk again; the agent starts');
      return opened;
    } catch (error) {
      if (errorCode(error) !== 'DISK_FULL') throw error;
      if (retries === 0)
        log.error({ folder, error }, 'the disk is full; nothing is collected until room is made there, then the agent starts');
    }
    if (retries % retriesPerSign === 0) await onWaiting();
    await clock.sleep(retryMs, signal).catch(() => undefined);
  }
  return undefined;
}
