// Searching. search.needle: a word that three of all stored events hold, from the question to the answer.
import { inHub, openLoadOn } from './hub-run.ts';
import { percentile, rounded, type BenchWish, type Scenario, type ScenarioResult } from './scenario.ts';
import { measureBeside } from './search-beside-intake.ts';

export const searchScenarios: readonly Scenario[] = [
  { name: 'search.needle', run: async (wish) => [await measureNeedle(wish)] },
  { name: 'search.beside-intake', run: async (wish) => [await measureBeside(wish, 'search.beside-intake', 1)] },
  { name: 'search.crowd', run: async (wish) => [await measureBeside(wish, 'search.crowd', 10)] },
];

const needle = 'quokka7351';
const needles = 3;
const searches = 40;

async function measureNeedle(wish: BenchWish): Promise<ScenarioResult> {
  return inHub(wish, async (run) => {
    const load = await openLoadOn(run, { events: wish.events, needle, needleEvery: Math.ceil(wish.events / needles) });
    try {
      wish.tell('search.needle: storing …');
      load.allow(1);
      await run.hub.stored(load.events);
    } finally {
      await load.close();
    }
    const times: number[] = [];
    for (let turn = 0; turn < searches; turn++) {
      const { events, ms } = await run.hub.search(needle, 100);
      if (events !== needles) throw new Error(`${events} events hold the needle; ${needles} were stored`);
      times.push(ms);
    }
    const first = times[0] ?? Number.NaN;
    return {
      scenario: 'search.needle',
      p50_ms: rounded(percentile(times, 0.5)),
      p99_ms: rounded(percentile(times, 0.99)),
      notes: `${needles} of ${load.events} events, ${searches} times; the first took ${rounded(first)} ms`,
    };
  });
}
