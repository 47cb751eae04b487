// Searching events. Query, range, selection and the live tail stand in the address: q, range, event, tail.
import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { EventPage, EventView, HistogramView, ProblemView } from '../../api/shapes.ts';
import { get, problemFrom } from '../api.ts';
import { count } from '../format.ts';
import { useListKeys } from '../keyboard.ts';
import { useLoaded } from '../loading.ts';
import { Bars } from '../parts/bars.tsx';
import { EventDrawer } from '../parts/event-drawer.tsx';
import { EventList } from '../parts/event-list.tsx';
import { SearchBar } from '../parts/search-bar.tsx';
import { Empty, ProblemBox } from '../parts/small-parts.tsx';
import { param, setParams } from '../router.ts';
import { rangeDefault, readRange, type TimeRange } from '../time-range.ts';
import { useTail } from '../tail.ts';

const pageLimit = 200;
const listMax = 20_000;

export function EventsPage() {
  const query = param('q');
  const rangeText = param('range', rangeDefault);
  const isTailing = param('tail') === '1';
  const asked = useSignal(0);
  // The range is fixed when the question is asked, or the pages of one answer would not fit together.
  const range = useMemo(() => readRange(rangeText, Date.now()), [rangeText, query, asked.value]);
  const tail = useTail(query, isTailing);
  const found = useFound(query, range);
  const events = isTailing ? tail.events.value : found.events.value;
  const open = (event: EventView | undefined): void => setParams({ event: event?.id ?? '' });
  const at = useComputed(() => (isTailing ? tail.events.value : found.events.value).findIndex(({ id }) => id === param('event')));
  useListKeys({
    move: (step) => open(events[Math.min(events.length - 1, Math.max(0, at.value + step))]),
    open: () => open(events[Math.max(0, at.value)]),
    back: () => open(undefined),
  });
  return (
    <>
      <div class="title">
        <h1>Events</h1>
        <span class="end small muted" aria-live="polite">
          {isTailing ? tail.state.value : found.summary.value}
        </span>
      </div>
      <SearchBar query={query} rangeText={rangeText} isTailing={isTailing} onSearch={() => (asked.value += 1)} />
      {isTailing ? <ProblemBox problem={tail.problem.value} /> : <Over query={query} range={range} />}
      <ProblemBox problem={isTailing ? undefined : found.problem.value} />
      <Results events={events} isTailing={isTailing} isDone={found.isDone.value} onOpen={open} onMore={found.more} />
    </>
  );
}

interface ResultsProps {
  readonly events: readonly EventView[];
  readonly isTailing: boolean;
  readonly isDone: boolean;
  readonly onOpen: (event: EventView | undefined) => void;
  readonly onMore: () => void;
}

function Results({ events, isTailing, isDone, onOpen, onMore }: ResultsProps) {
  const id = param('event');
  const listed = events.find((event) => event.id === id);
  const alone = useLoaded(
    (signal) => (id === '' || listed ? Promise.resolve(undefined) : get<EventView>(`events/${encodeURIComponent(id)}`, signal)),
    { key: id },
  );
  const selected = id === '' ? undefined : (listed ?? alone.value.value);
  return (
    <div class={`split ${selected ? 'open' : ''}`}>
      <section class="card" aria-label="Results">
        {events.length > 0 && (
          <EventList events={events} selectedId={id} onOpen={onOpen} onNearEnd={isTailing ? () => undefined : onMore} />
        )}
        {events.length === 0 && isTailing && (
          <Empty title="Waiting for the next event">
            <p>What arrives from now on and matches is shown here.</p>
          </Empty>
        )}
        {events.length === 0 && !isTailing && isDone && (
          <Empty title="No event matches in this time range">
            <p>Choose a longer range, take a term out, or look at the agents if nothing arrives at all.</p>
            <div class="row" style={{ justifyContent: 'center' }}>
              <button type="button" onClick={() => setParams({ range: '7d' })}>
                Last 7 days
              </button>
              <a href="/agents">Agents</a>
            </div>
          </Empty>
        )}
      </section>
      {selected && <EventDrawer event={selected} onClose={() => onOpen(undefined)} />}
    </div>
  );
}

function Over({ query, range }: { readonly query: string; readonly range: TimeRange }) {
  const path = `events/histogram?${new URLSearchParams({ query, since: String(range.sinceMs), until: String(range.untilMs), buckets: '80' }).toString()}`;
  const { value } = useLoaded((signal) => get<HistogramView>(path, signal), { key: path });
  return (
    <section class="card" aria-label="Events over time">
      <div class="body">{value.value ? <Bars histogram={value.value} /> : <div style={{ height: '87px' }} />}</div>
    </section>
  );
}

/** The pages of one question, one after the other. */
function useFound(query: string, range: TimeRange) {
  const events = useSignal<readonly EventView[]>([]);
  const last = useSignal<EventPage | undefined>(undefined);
  const problem = useSignal<ProblemView | undefined>(undefined);
  const isDone = useSignal(false);
  const ask = useMemo(() => new AbortController(), [query, range]);
  const load = async (cursor: string): Promise<void> => {
    const params = { query, since: String(range.sinceMs), until: String(range.untilMs), limit: String(pageLimit), cursor };
    try {
      const page = await get<EventPage>(`events?${new URLSearchParams(params).toString()}`, ask.signal);
      if (ask.signal.aborted) return;
      events.value = cursor === '' ? page.events : [...events.value, ...page.events];
      last.value = page;
      problem.value = undefined;
    } catch (error) {
      if (ask.signal.aborted) return;
      problem.value = problemFrom(error);
      if (cursor === '') events.value = [];
    }
    isDone.value = true;
  };
  useEffect(() => {
    isDone.value = false;
    last.value = undefined;
    void load('');
    return () => ask.abort();
  }, [ask]);
  const more = (): void => {
    const cursor = last.peek()?.cursor ?? '';
    if (cursor === '' || events.peek().length >= listMax) return;
    last.value = undefined;
    void load(cursor);
  };
  const summary = useComputed(() => {
    if (!isDone.value) return 'Searching…';
    const page = last.value;
    const shown = `${count(events.value.length)}${page?.cursor === '' ? '' : '+'} events`;
    return page ? `${shown} · ${Math.round(page.tookMs)} ms${page.isPartial ? ` · partial: ${page.reason}` : ''}` : shown;
  });
  return { events, problem, isDone, more, summary };
}
