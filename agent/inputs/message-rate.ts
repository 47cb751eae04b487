// How many messages a second one sender may send: a bucket that fills at that rate and holds one second's worth.
// What is above it is dropped and counted, over TCP too: holding back a syslog daemon that writes without end makes the
// programs of its host wait for their own log calls, its sshd among them.
import type { Clock } from '../../proto/runtime/clock.ts';
import type { LiveStream } from './live-streams.ts';

/** True while the sender may. */
export type MessageRate = (stream: LiveStream) => boolean;

interface Bucket {
  left: number;
  filledMs: number;
}

/** Without a limit everybody may always. */
export function messageRate(perSecond: number | undefined, clock: Clock): MessageRate {
  if (perSecond === undefined) return () => true;
  const buckets = new WeakMap<LiveStream, Bucket>();
  return (stream) => {
    const nowMs = clock.monotonicMs();
    const bucket = buckets.get(stream) ?? { left: perSecond, filledMs: nowMs };
    buckets.set(stream, bucket);
    bucket.left = Math.min(perSecond, bucket.left + ((nowMs - bucket.filledMs) * perSecond) / 1_000);
    bucket.filledMs = nowMs;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  };
}
