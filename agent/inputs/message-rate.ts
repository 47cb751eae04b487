// How many messages a second one sender may send: a bucket that fills at that rate and holds one second's worth.
// What is above it is dropped and counted, over TCP too: holding back a syslog daemon that writes without end makes the
// programs of its host wait for their own log calls, its sshd among them.
import type { Clock } from '../../proto/runtime/clock.ts';
import type { LiveStream } from './live-streams.ts';

export type MessageRate = (stream: LiveStream) => boolean;

/** True while the sender may; without a limit always. */
export function messageRate(perSecond: number | undefined, clock: Clock): MessageRate {
  if (perSecond === undefined) return () => true;
  const filledMs = new WeakMap<LiveStream, number>();
  return (stream) => {
    const nowMs = clock.monotonicMs();
    const before = filledMs.get(stream);
    const left = before === undefined ? perSecond : stream.allowance + ((nowMs - before) * perSecond) / 1_000;
    filledMs.set(stream, nowMs);
    const allowance = Math.min(perSecond, left);
    stream.allowance = allowance >= 1 ? allowance - 1 : allowance;
    return allowance >= 1;
  };
}
