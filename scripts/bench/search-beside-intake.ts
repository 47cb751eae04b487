// search.beside-intake and search.crowd: one steady load in parts, some alone and some beside searches that never find
// anything and read everything, over and over. What counts is the ratio of both rates in one run.
// The load is fed so that the hub always has lines waiting, and never many: every part has the same work from the wire to
// the store. The parts are ordered so that neither a steady nor a growing drift (larger tables, merges, other work on the
// machine) favours a side, and the first, in which everything is compiled and cached, counts for nobody.
import { setTimeout as delay } from 'node:timers/promises';
import type { ConsoleSession } from '../programs/console-session.ts';
import { searchBy } from './console-client.ts';
import { inHub, openLoadOn, type MeasuredLoad } from './hub-run.ts';
import type { MeasuredHub } from './measured-hub.ts';
import { percentile, rounded, type BenchWish, type ScenarioResult } from './scenario.ts';

const sides = ['alone', 'beside', 'beside', 'alone', 'beside', 'alone', 'alone', 'beside'] as const;
/** A block is 50,000 rows; parts are long enough for ten of them. */
const eventsTimes = 3;
const aheadMax = 200_000;
const pollMs = 100;
const standstillMs = 60_000;

interface Part {
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: { readonly hub: number; readonly engine: number };
  /** Searches that ended in it: milliseconds, how many answered in part or not at all. */
  readonly searched: Searched;
}

interface Searched {
  readonly wholeMs: number[];
  partial: number;
  refused: number;
}

interface Run {
  readonly hub: MeasuredHub;
  readonly load: MeasuredLoad;
  readonly session: ConsoleSession;
}

/** `searchers` people search at the same time, each again as soon as an answer is there. */
export async function measureBeside(wish: BenchWish, scenario: string, searchers: number): Promise<ScenarioResult> {
  return inHub(wish, async (hubRun) => {
    const { hub } = hubRun;
    const load = await openLoadOn(hubRun, { events: wish.events * eventsTimes });
    const run = { hub, load, session: await hub.signIn() };
    const parts = { warm: [] as Part[], alone: [] as Part[], beside: [] as Part[] };
    // The last lines are left: a hub that runs dry is slower.
    const eventsPerPart = Math.floor((load.events - aheadOf(load)) / (sides.length + 1));
    try {
      for (const [at, side] of (['warm', ...sides] as const).entries()) {
        const searching = side === 'beside' ? searchers : 0;
        wish.tell(`${scenario}: part ${at + 1} of ${sides.length + 1}, ${searching === 0 ? 'no search' : `${searching} searching`} …`);
        parts[side].push(await onePart(run, eventsPerPart * (at + 1), searching));
      }
      load.allow(1);
      await hub.stored(load.events);
    } finally {
      await load.close();
    }
    const idle: Searched = { wholeMs: [], partial: 0, refused: 0 };
    await oneSearch(run.session, idle);
    return resultOf(scenario, parts, idle);
  });
}

async function onePart({ hub, load, session }: Run, target: number, searchers: number): Promise<Part> {
  const stop = new AbortController();
  const searched: Searched = { wholeMs: [], partial: 0, refused: 0 };
  const searching = Promise.all(Array.from({ length: searchers }, () => searchUntil(session, searched, stop.signal)));
  const rowsBefore = (await hub.status()).store.rows;
  if (rowsBefore >= target) throw new Error('the parts are smaller than a block of the store; give more --events');
  const before = await hub.figures();
  const begunMs = performance.now();
  const rows = await fed(hub, load, target);
  const seconds = (performance.now() - begunMs) / 1_000;
  const after = await hub.figures();
  stop.abort();
  await searching;
  const cpuSeconds = {
    hub: after.hub.cpuSeconds - before.hub.cpuSeconds,
    engine: after.engine.cpuSeconds - before.engine.cpuSeconds,
  };
  return { events: rows - rowsBefore, seconds, cpuSeconds, searched };
}

/** Lets lines go so that some always wait, until so many rows are stored. */
async function fed(hub: MeasuredHub, load: MeasuredLoad, target: number): Promise<number> {
  for (let [rows, movedMs] = [-1, performance.now()]; ;) {
    const found = (await hub.status()).store.rows;
    if (found >= target) return found;
    if (found !== rows) [rows, movedMs] = [found, performance.now()];
    if (performance.now() - movedMs > standstillMs) throw new Error(`storing stopped at ${rows} of ${target}\n${hub.tail}`);
    load.allow(Math.min(1, (rows + aheadOf(load)) / load.events));
    await delay(pollMs);
  }
}

function aheadOf({ events }: MeasuredLoad): number {
  return Math.min(aheadMax, Math.ceil(events / sides.length));
}

async function searchUntil(session: ConsoleSession, searched: Searched, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await oneSearch(session, searched, signal);
}

/** No word index helps, and the engine has not seen just this search before and kept its outcome. */
let searches = 0;
async function oneSearch(session: ConsoleSession, searched: Searched, signal?: AbortSignal): Promise<void> {
  const begunMs = performance.now();
  try {
    const found = await searchBy(session, `*zq*7x${searches++}*qz*`, signal);
    if (!found) searched.refused++;
    else if (found.isPartial) searched.partial++;
    else searched.wholeMs.push(performance.now() - begunMs);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

function resultOf(
  scenario: string,
  { alone, beside }: Readonly<Record<'alone' | 'beside', readonly Part[]>>,
  idle: Searched,
): ScenarioResult {
  const pairs = alone.map((part, at) => rateOf([beside[at] ?? part]) / rateOf([part]));
  const times = [0, ...beside.flatMap(({ searched }) => searched.wholeMs)];
  const of = (key: 'partial' | 'refused'): number => sum(beside.map(({ searched }) => searched[key]));
  const cpu = (parts: readonly Part[], whose: 'hub' | 'engine'): string =>
    `${rounded((sum(parts.map(({ cpuSeconds }) => cpuSeconds[whose])) / sum(parts.map(({ events }) => events))) * 1e6)} µs`;
  return {
    scenario,
    events_per_s: Math.round(rateOf(beside)),
    notes:
      `${Math.round(rateOf(alone))} events/s without searching: ratio ${rounded(rateOf(beside) / rateOf(alone))} ` +
      `(in pairs ${pairs.map((pair) => pair.toFixed(2)).join(' ')}); CPU of hub and engine an event ${cpu(alone, 'hub')} + ${cpu(alone, 'engine')} ` +
      `alone, ${cpu(beside, 'hub')} + ${cpu(beside, 'engine')} beside; ${times.length - 1} searches answered whole, the slowest in ` +
      `${rounded(Math.max(...times))} ms, ${of('partial')} in part, ${of('refused')} refused; afterwards, over everything and without intake, ` +
      `one took ${rounded(percentile(idle.wholeMs, 0.5))} ms`,
  };
}

function rateOf(parts: readonly Part[]): number {
  return sum(parts.map(({ events }) => events)) / sum(parts.map(({ seconds }) => seconds));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
