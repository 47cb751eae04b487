// Events as they become searchable, for one watcher: the store is asked again and again, because what a person sees live
// must be what a search would find. Promises: each event once; at most `perPollMax` each time, what is beyond is counted
// as skipped; memory bounded by the ids remembered. An event whose own time lies further back than the look-back does not
// show here; a search finds it. A failing search is said and tried again.
import type { Clock } from '../../../proto/runtime/clock.ts';
import type { EventStore, SearchNode, StoredEvent } from '../../ports.ts';

export const tailLimits = {
  /** A block waits half a second already; together a line is seen about a second after it was written. */
  pollIntervalMs: 400,
  lookBackMs: 10 * 60_000,
  /** Hosts with a clock ahead of ours. */
  lookAheadMs: 5 * 60_000,
  perPollMax: 200,
  rememberedMax: 5_000,
  heartbeatMs: 10_000,
  watchersMax: 12,
  watchersPerUserMax: 3,
} as const;

/** What was there before the watcher came is context, and only a little of it. */
const contextMs = 5_000;

export type TailMessage =
  | { readonly is: 'events'; readonly events: readonly StoredEvent[]; readonly isSkipping: boolean }
  | { readonly is: 'heartbeat' }
  | { readonly is: 'problem'; readonly detail: string };

export interface TailPorts {
  readonly clock: Clock;
  readonly events: Pick<EventStore, 'search'>;
}

export async function* liveTail(ports: TailPorts, where: SearchNode, signal: AbortSignal): AsyncGenerator<TailMessage> {
  const { clock } = ports;
  const seen = new Set<string>();
  const startedMs = clock.nowMs();
  let saidMs = clock.monotonicMs();
  while (!signal.aborted) {
    const message = await poll(ports, where, { seen, startedMs, signal });
    if (signal.aborted) return;
    if (message || clock.monotonicMs() - saidMs >= tailLimits.heartbeatMs) {
      saidMs = clock.monotonicMs();
      yield message ?? { is: 'heartbeat' };
    }
    try {
      await clock.sleep(tailLimits.pollIntervalMs, signal);
    } catch {
      return;
    }
  }
}

interface Poll {
  readonly seen: Set<string>;
  readonly startedMs: number;
  readonly signal: AbortSignal;
}

async function poll({ clock, events }: TailPorts, where: SearchNode, { seen, startedMs, signal }: Poll): Promise<TailMessage | undefined> {
  const nowMs = clock.nowMs();
  try {
    const answer = await events.search(
      {
        where: { is: 'and', of: [where, { is: 'field', field: 'event.ingested', op: 'gte', value: String(startedMs - contextMs) }] },
        sinceMs: nowMs - tailLimits.lookBackMs,
        untilMs: nowMs + tailLimits.lookAheadMs,
        limit: tailLimits.perPollMax,
        newestFirst: true,
      },
      signal,
    );
    const fresh = answer.events.filter(({ id, ingestedMs }) => !seen.has(id) && ingestedMs >= startedMs - contextMs);
    for (const { id } of fresh) remember(seen, id);
    if (fresh.length === 0) return undefined;
    return { is: 'events', events: fresh.reverse(), isSkipping: fresh.length >= tailLimits.perPollMax };
  } catch (error) {
    if (signal.aborted) return undefined;
    return { is: 'problem', detail: error instanceof Error ? error.message : String(error) };
  }
}

function remember(seen: Set<string>, id: string): void {
  seen.add(id);
  if (seen.size <= tailLimits.rememberedMax) return;
  const oldest = seen.values().next();
  if (!oldest.done) seen.delete(oldest.value);
}
