// The heartbeats of one connection, and what their answers say of the time. They pass whatever else is held back.
import { timing } from '../../proto/delivery.ts';
import { encodeHeartbeat } from '../../proto/framing/encode-hello.ts';
import type { Clocks } from '../../proto/framing/messages.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import type { BatchBuffer } from '../ports.ts';
import type { HelloParts } from './uplink-status.ts';

export interface HeartbeatParts {
  readonly channel: FrameChannel;
  readonly lanes: readonly BatchBuffer[];
  readonly clock: Clock;
  readonly hello: () => HelloParts;
  /** The hub's time, and when (monotonic) what it answers was sent. */
  readonly heardClock: (hubClockMs: number, askedMs: number) => void;
}

export class Heartbeats {
  readonly #parts: HeartbeatParts;
  /** The last one: what it said the time was, and when it left. */
  #last: { readonly agentClockMs: number; readonly sentMs: number } | undefined;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
  }

  /** Until the signal aborts; none while `isGreeted` says that a Welcome is awaited. */
  async run(isGreeted: () => boolean, signal: AbortSignal): Promise<void> {
    const { clock, channel, hello, lanes } = this.#parts;
    for await (const _ of ticks(timing.heartbeatIntervalMs, { clock, signal })) {
      if (!isGreeted()) continue;
      const buffers = lanes.map((buffer) => buffer.status());
      const agentClockMs = clock.nowMs();
      this.#last = { agentClockMs, sentMs: clock.monotonicMs() };
      await channel.send(
        encodeHeartbeat({
          agentClockMs,
          sources: hello().sources,
          bufferedBatches: buffers.reduce((sum, { batches }) => sum + batches, 0),
          bufferedBytes: buffers.reduce((sum, { bytes }) => sum + bytes, 0),
        }),
      );
    }
  }

  /** An Ack or Busy told the clocks. What answers no heartbeat of ours, or an older one, measures nothing. */
  answered(clocks: Clocks | undefined): void {
    if (clocks && this.#last?.agentClockMs === clocks.agentClockMs) this.#parts.heardClock(clocks.hubClockMs, this.#last.sentMs);
  }
}
