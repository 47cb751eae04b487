// The agent as a service that systemd watches: ready, alive, stopping.
// Promises: the watchdog is fed only while the agent gets on: its event loop turns, the disk of its data folder answers,
// every lane answers in its turn, and no batch waits to become durable without a reason. A full buffer and a hub that
// cannot be reached are reasons: a restart would mend neither. What is found wanting is logged once.
import { stat } from 'node:fs/promises';
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import type { ServiceManager } from '../proto/runtime/service-manager.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import { aborted } from '../proto/runtime/until-stopped.ts';
import type { BatchBuffer } from './ports.ts';

/** What goes to one hub. */
export interface WatchedDelivery {
  readonly lanes: ReadonlyMap<LaneName, Pick<BatchBuffer, 'free' | 'status'>>;
  readonly isConnected: boolean;
}

export interface ServiceLifeOptions {
  readonly manager: ServiceManager;
  readonly dataFolder: string;
  /** By the name of the hub; the first one has none. */
  readonly deliveries: ReadonlyMap<string | undefined, WatchedDelivery>;
  /** One line for `systemctl status`. */
  readonly tellStatus: () => string;
  readonly clock: Clock;
  readonly log: { error(fields: object, text: string): void };
}

/** A batch of a lane that is neither full nor waiting for the hub is written in well under a second. */
const writingMsMax = 120_000;
/** Said again before it is over. */
const startMsMore = 90_000;
/** Two of three may be late before the manager loses patience. */
const feedsPerWatchdog = 3;

export class ServiceLife {
  readonly #options: ServiceLifeOptions;
  readonly #writing = new Map<Promise<void>, { readonly hub: string | undefined; readonly lane: LaneName; readonly sinceMs: number }>();

  constructor(options: ServiceLifeOptions) {
    this.#options = options;
  }

  /** To be told of every batch for a hub from sealing until it is durable. */
  writingFor(hub: string | undefined): (lane: LaneName, task: Promise<void>) => void {
    return (lane, task) => {
      this.#writing.set(task, { hub, lane, sinceMs: this.#options.clock.monotonicMs() });
      const forget = (): void => void this.#writing.delete(task);
      task.then(forget, forget);
    };
  }

  /** The start takes longer, and would not get on by being begun anew. */
  waiting(why: string): Promise<void> {
    return this.#options.manager.tell(`EXTEND_TIMEOUT_USEC=${startMsMore * 1_000}`, `STATUS=not started yet: ${why}`);
  }

  ready(): Promise<void> {
    return this.#options.manager.tell('READY=1', `STATUS=${this.#options.tellStatus()}`);
  }

  stopping(): Promise<void> {
    return this.#options.manager.tell('STOPPING=1', 'STATUS=stopping: what was read is being buffered');
  }

  /** Feeds the watchdog until the signal aborts; ends at once where nobody watches. */
  async run(signal: AbortSignal): Promise<void> {
    const { manager, clock, log, tellStatus } = this.#options;
    if (manager.watchdogMs === undefined) return;
    let told = '';
    for await (const _ of ticks(manager.watchdogMs / feedsPerWatchdog, { clock, signal })) {
      // A disk that never answers must not hold up the stop; without an answer there is no feeding.
      const stalled = await Promise.race([this.#stalled(), aborted(signal)]);
      if (signal.aborted) return;
      if (stalled === undefined) await manager.tell('WATCHDOG=1', `STATUS=${tellStatus()}`);
      else if (stalled !== told) log.error({ stalled }, 'no progress; the watchdog is not fed and the service will be restarted');
      told = stalled ?? '';
    }
  }

  async #stalled(): Promise<string | undefined> {
    const { dataFolder, deliveries, clock } = this.#options;
    try {
      // Through the same threads that read, compress and write.
      await stat(dataFolder);
      // Frees nothing, but takes its turn behind whatever the lane is doing.
      for (const { lanes } of deliveries.values()) for (const buffer of lanes.values()) await buffer.free(0);
    } catch (error) {
      return `${dataFolder} cannot be used (${error instanceof Error ? error.message : String(error)})`;
    }
    for (const { hub, lane, sinceMs } of this.#writing.values()) {
      const delivery = deliveries.get(hub);
      const isExcused = delivery?.isConnected !== true || delivery.lanes.get(lane)?.status().isFull === true;
      if (!isExcused && clock.monotonicMs() - sinceMs > writingMsMax)
        return `a batch of lane ${lane}${hub === undefined ? '' : ` for ${hub}`} does not become durable`;
    }
    return undefined;
  }
}
