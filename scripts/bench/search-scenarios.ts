// Searching. search.needle: a word that three of all stored events hold, from the question to the answer.
// search.beside-intake: the same load in turns without and with a search that never finds anything and reads everything,
// over and over; the ratio of both rates in one run is what counts.
import { inHub, openLoadOn, type HubRun, type MeasuredLoad } from './hub-run.ts';
import { percentile, rounded, type BenchWish, type Scenario, type ScenarioResult } from './scenario.ts';

export const searchScenarios: readonly Scenario[] = [
  { name: 'search.needle', run: async (wish) => [await measureNeedle(wish)] },
  { name: 'search.beside-intake', run: async (wish) => [await measureBeside(wish)] },
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

/** Every row is read and no word index helps. */
const runaway = '*zq*7x*qz*';
const turns = 4;

async function measureBeside(wish: BenchWish): Promise<ScenarioResult> {
  return inHub(wish, async (run) => {
    const load = await openLoadOn(run, { events: wish.events });
    const seconds = { alone: 0, beside: 0 };
    let searched = 0;
    try {
      for (let turn = 1; turn <= turns; turn++) {
        const name = turn % 2 === 1 ? 'alone' : 'beside';
        wish.tell(`search.beside-intake: part ${turn} of ${turns}, ${name === 'alone' ? 'no search' : 'a search that runs away'} …`);
        const part = await onePart(run, { load, turn, isSearching: name === 'beside' });
        seconds[name] += part.seconds;
        searched += part.searched;
      }
    } finally {
      await load.close();
    }
    const rate = (spent: number): number => Math.round(load.events / 2 / spent);
    return {
      scenario: 'search.beside-intake',
      events_per_s: rate(seconds.beside),
      notes: `${rate(seconds.alone)} events/s without the search: ratio ${rounded(seconds.alone / seconds.beside)}; ${searched} searches ended`,
    };
  });
}

async function onePart(
  { hub }: HubRun,
  { load, turn, isSearching }: { readonly load: MeasuredLoad; readonly turn: number; readonly isSearching: boolean },
): Promise<{ readonly seconds: number; readonly searched: number }> {
  const stop = new AbortController();
  const searching = isSearching ? searchUntil(hub, stop.signal) : Promise.resolve(0);
  const before = load.acked();
  const rowsBefore = (await hub.status()).store.rows;
  const begunMs = performance.now();
  load.allow(turn / turns);
  // Batches are whole: what a part holds is known when all of it is acknowledged.
  const acked = await quietAcked(load, before);
  const seconds = ((await hub.stored(rowsBefore + acked - before)) - begunMs) / 1_000;
  stop.abort();
  return { seconds, searched: await searching };
}

async function quietAcked(load: MeasuredLoad, before: number): Promise<number> {
  for (let last = before; ;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (load.acked() === last && last > before) return last;
    last = load.acked();
  }
}

async function searchUntil(hub: HubRun['hub'], signal: AbortSignal): Promise<number> {
  let ended = 0;
  while (!signal.aborted) {
    await hub.search(runaway, 10);
    ended++;
  }
  return ended;
}
