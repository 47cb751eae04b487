// The live tail in the page: newest on top, a bounded number kept, the browser reconnects by itself.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { EventView, ProblemView } from '../api/shapes.ts';
import { loadSession, problemFrom } from './api.ts';

const keptMax = 2_000;

export function useTail(query: string, isOn: boolean) {
  const events = useSignal<readonly EventView[]>([]);
  const problem = useSignal<ProblemView | undefined>(undefined);
  const state = useSignal('');
  useEffect(() => {
    if (!isOn) return undefined;
    events.value = [];
    problem.value = undefined;
    state.value = 'Live: connecting';
    const source = new EventSource(`/api/v1/events/tail?${new URLSearchParams({ query }).toString()}`);
    source.addEventListener('open', () => {
      state.value = 'Live';
      problem.value = undefined;
    });
    source.addEventListener('events', (message: MessageEvent<string>) => {
      // Our own server's words, checked by its tests.
      const { events: fresh, isSkipping } = JSON.parse(message.data) as { events: EventView[]; isSkipping: boolean };
      events.value = [...fresh.toReversed(), ...events.value].slice(0, keptMax);
      state.value = isSkipping ? 'Live: more arrive than are shown' : 'Live';
    });
    source.addEventListener('problem', (message: MessageEvent<string>) => {
      problem.value = problemFrom(new Error((JSON.parse(message.data) as { detail: string }).detail));
    });
    source.addEventListener('error', () => {
      state.value = source.readyState === EventSource.CLOSED ? 'Live: ended' : 'Live: connecting again';
      if (source.readyState === EventSource.CLOSED) void loadSession().catch((error: unknown) => (problem.value = problemFrom(error)));
    });
    return () => source.close();
  }, [query, isOn]);
  return { events, problem, state };
}
