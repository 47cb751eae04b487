// The hub, from mutual TLS to the store.
// hub.intake: agents with prepared batches send as fast as the hub lets them; measured from the first frame allowed until
// the last event is stored. hub.latency: half of that rate, and beside it a real agent whose file gets a line now and
// then that raises an alert: from the write of the line until the webhook's message arrives.
import { rounded, type BenchWish, type Scenario, type ScenarioResult } from './scenario.ts';
import { measureLatency } from './hub-latency.ts';
import { inHub, openLoadOn, type HubRun } from './hub-run.ts';

export const hubScenarios: readonly Scenario[] = [
  { name: 'hub.intake', run: async (wish) => [await measureIntake(wish)] },
  { name: 'hub.latency', run: async (wish) => [await measureLatency(wish)] },
];

async function measureIntake(wish: BenchWish): Promise<ScenarioResult> {
  return inHub(wish, async (run) => {
    const load = await openLoadOn(run, { events: wish.events });
    try {
      wish.tell(`hub.intake: ${load.events} events in ${load.batches} batches are ready; sending …`);
      const sent = await sendAll(run, load);
      const { hub, bytesOnDisk } = sent;
      return {
        scenario: 'hub.intake',
        events_per_s: Math.round(load.events / sent.seconds),
        mb_per_s: rounded(load.bytes / 1e6 / sent.seconds),
        cpu_us_per_event: rounded(((hub.cpuSeconds + sent.engine.cpuSeconds) / load.events) * 1e6),
        rss_mb: Math.round(hub.peakRssMb + sent.engine.peakRssMb),
        bytes_per_event: rounded(bytesOnDisk / load.events),
        notes: notesOf(run, sent, load),
      };
    } finally {
      await load.close();
    }
  });
}

type Load = Awaited<ReturnType<typeof openLoadOn>>;
type Sent = Awaited<ReturnType<typeof sendAll>>;

async function sendAll({ hub }: HubRun, load: Load) {
  const before = await hub.figures();
  const begunMs = performance.now();
  load.allow(1);
  const seconds = ((await hub.stored(load.events)) - begunMs) / 1_000;
  const after = await hub.figures();
  const { store } = await hub.status();
  const used = (name: 'hub' | 'engine') => ({ ...after[name], cpuSeconds: after[name].cpuSeconds - before[name].cpuSeconds });
  return { seconds, hub: used('hub'), engine: used('engine'), bytesOnDisk: store.bytesOnDisk, loadCpu: load.cpuSeconds() };
}

function notesOf({ rules }: HubRun, { seconds, hub, engine, loadCpu, bytesOnDisk }: Sent, { events, bytes }: Load): string {
  const share = (cpuSeconds: number): string => `${rounded((cpuSeconds / events) * 1e6)} µs`;
  return [
    `${events} events of ${rounded(bytes / events)} bytes in ${rounded(seconds)} s, ${rules} rules`,
    `CPU per event: hub ${share(hub.cpuSeconds)}, engine ${share(engine.cpuSeconds)}, load generator ${share(loadCpu)} (not counted)`,
    `RSS: hub ${Math.round(hub.peakRssMb)} MB, engine ${Math.round(engine.peakRssMb)} MB`,
    `disk per raw byte ${rounded(bytesOnDisk / bytes)}`,
  ].join('; ');
}
