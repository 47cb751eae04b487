// What a page shows while it asks: the last good answer, what went wrong since, and when it was asked.
// Promises: an answer that a newer question has overtaken is dropped; a repeat waits for the one before it and stops
// while the window is hidden; old content stays on the screen while a new answer is on its way.
import { useEffect, useRef } from 'preact/hooks';
import { useSignal, type Signal } from '@preact/signals';
import type { ProblemView } from '../api/shapes.ts';
import { problemFrom } from './api.ts';

export interface Loaded<T> {
  readonly value: Signal<T | undefined>;
  readonly problem: Signal<ProblemView | undefined>;
  readonly isLoading: Signal<boolean>;
  readonly reload: () => void;
}

export interface LoadOptions {
  /** Asked again when this changes. */
  readonly key: string;
  readonly everyMs?: number;
}

export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, { key, everyMs = 0 }: LoadOptions): Loaded<T> {
  const value = useSignal<T | undefined>(undefined);
  const problem = useSignal<ProblemView | undefined>(undefined);
  const isLoading = useSignal(true);
  const turn = useSignal(0);
  const newest = useRef(load);
  newest.current = load;
  useEffect(() => {
    const leaving = new AbortController();
    let timer: number | undefined;
    const ask = async (): Promise<void> => {
      if (!document.hidden || value.peek() === undefined) {
        isLoading.value = true;
        try {
          const answer = await newest.current(leaving.signal);
          if (leaving.signal.aborted) return;
          value.value = answer;
          problem.value = undefined;
        } catch (error) {
          if (leaving.signal.aborted) return;
          problem.value = problemFrom(error);
        }
        isLoading.value = false;
      }
      if (everyMs > 0) timer = window.setTimeout(() => void ask(), everyMs);
    };
    void ask();
    return () => {
      leaving.abort();
      window.clearTimeout(timer);
    };
  }, [key, everyMs, turn.value]);
  return { value, problem, isLoading, reload: () => (turn.value += 1) };
}
