// The hub's machine: disk, State and event store that outlive the process, and the hub's real modules on them, joined as
// run-hub.ts joins them: gateway, journal, pipeline with blocks, correlator and snapshot, alerts, outbox, tickets, webhooks.
// Promises: what dies does nothing afterwards; the store's engine goes with its hub; an end that is nobody's plan is blamed.
import { runAlertOutbox } from '../../hub/alert/alert-outbox.ts';
import { AlertStage } from '../../hub/alert/alert-stage.ts';
import { Detection } from '../../hub/detection.ts';
import { compileRules } from '../../hub/detect/engine/ruleset.ts';
import { Gateway } from '../../hub/gateway/gateway.ts';
import { openHubIdentity } from '../../hub/hub-identity.ts';
import { LevelJournal } from '../../hub/journal/level-journal.ts';
import { Notifier } from '../../hub/notify/notifier.ts';
import { secretSeal } from '../../hub/notify/secret-seal.ts';
import type { LineWorkers } from '../../hub/pipeline-ports.ts';
import { HubPipeline } from '../../hub/pipeline.ts';
import { hubActor, type EventStore, type Journal, type State } from '../../hub/ports.ts';
import { memoryState, type MemoryState, type MemoryStateImage } from '../../hub/state/memory-state.ts';
import { BlockKeeper, highestBlockWrite } from '../../hub/store/blocks.ts';
import { MemoryStore, type InsertFault, type StoreImage } from '../../hub/store/testing/memory-store.ts';
import { InProcessLines } from '../../hub/testing/in-process-lines.ts';
import { Tickets } from '../../hub/ticket/tickets.ts';
import { faultyDisk, type DiskImage, type FaultyDisk } from '../../proto/durable/faulty-disk.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { isOurMistake, processLog, type ProcessLog } from './blame.ts';
import type { BrokenRules } from './broken-rules.ts';
import type { HubWatch } from './hub-watch.ts';
import { processDisk } from './process-disk.ts';
import { processState, processStore } from './process-ports.ts';
import { Life, type WallClock, type World } from './turns.ts';

export interface HubImage {
  readonly state: MemoryStateImage;
  readonly disk: DiskImage;
  /** Undefined: the store is left as it is, newer than the rest. */
  readonly store: StoreImage | undefined;
}

export interface HubSettings {
  readonly journalBytes: number;
  readonly generationBytes: number;
  /** A webhook receiver that fails. */
  readonly webhookFailures: number;
  readonly insertTimeouts: number;
}

export interface HubSurroundings {
  readonly world: World;
  readonly rules: BrokenRules;
  readonly watch: HubWatch;
  readonly onDeath: (life: Life) => void;
}

interface HubProcess {
  readonly life: Life;
  readonly gateway: Gateway;
  readonly journal: Journal;
  readonly alerts: AlertStage;
  readonly tickets: Tickets;
  readonly notifier: Notifier;
  readonly stop: AbortController;
}

export const attackId = '5a1c2f64-8d0e-4b1f-9c57-0d7e3a2b4c61';
export const manyId = 'c2b7e0d9-13a4-4f68-8e2d-6b9f50a17d34';
const correlation = `
title: Attack
id: ${attackId}
name: attack
logsource: { product: simulation }
detection:
  words: [ATTACK]
  condition: words
level: high
---
title: Many attacks
id: ${manyId}
level: critical
correlation:
  type: event_count
  rules: [attack]
  group-by: [source.ip]
  timespan: 31d
  condition: { gte: 3 }
  generate: true
`;
const { ruleset, refused } = compileRules([{ file: 'simulation.yml', text: correlation }]);
const snapshotPath = 'snapshot';
const slowInserts = 0.15;
const slowInsertMsMax = 8_000;
const neverDrains = 400 * 86_400_000;

export class HubMachine {
  readonly disk: FaultyDisk;
  readonly wall: WallClock = { aheadMs: 0 };
  readonly webhooks = new Set<string>();
  readonly settings: HubSettings;
  insertFaults: InsertFault[] = [];
  isStoreDown = false;
  /** Receivers and engine answer again. */
  isHealed = false;
  state: MemoryState;
  readonly store: MemoryStore;
  process: HubProcess | undefined;
  /** While a backup runs, nothing is freed (DELIVERY.md 22). */
  holdsBackFreeing = false;
  readonly #around: HubSurroundings;
  #life: Life | undefined;
  #engine = new Life('engine');
  #starts = 0;

  constructor(settings: HubSettings, around: HubSurroundings) {
    this.settings = settings;
    this.#around = around;
    const { world } = around;
    if (refused.length > 0) throw new Error(`the simulation's rules were refused: ${JSON.stringify(refused)}`);
    this.disk = faultyDisk(world.random);
    this.state = this.#stateFrom(undefined);
    this.store = new MemoryStore({
      insertFault: () => this.insertFaults.shift() ?? 'none',
      isDown: () => this.isStoreDown,
      latency: () => this.#insertTime(),
    });
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  get isDrained(): boolean {
    const process = this.process;
    if (!process) return false;
    const { oldest, next } = process.journal.status();
    const isTold = process.notifier.list().every(({ waitingCount }) => waitingCount === 0);
    return oldest === next && isTold && process.alerts.status().pending === 0 && this.#areOutboxesEmpty();
  }

  /** What is being passed on is neither pending nor done: the documents know. */
  #areOutboxesEmpty(): boolean {
    for (const { key, json } of this.state.image().rows.values())
      if (key.startsWith('alert/') && !json.includes('"outbox":[]')) return false;
    return true;
  }

  start(): void {
    if (this.isRunning) return;
    const { world } = this.#around;
    const life = new Life(`hub.${++this.#starts}`);
    this.#life = life;
    world.tell?.(`  ${life.name} starts`);
    // DELIVERY.md 20: the old engine is ended and waited for.
    this.store.hubDied(this.#around.rules.engineAfterHub);
    this.#run(life).catch((error: unknown) => this.#failed(life, error));
  }

  kill(): void {
    const life = this.#life;
    if (!life) return;
    const { world, onDeath, rules } = this.#around;
    world.tell?.(`  ${life.name} is killed`);
    this.store.hubDied(rules.engineAfterHub);
    if (rules.engineAfterHub === 'gone') {
      world.end(this.#engine, 0);
      this.#engine = new Life('engine');
    }
    this.state = this.state.crash(world.chance(0.5) ? 'kept' : 'lost');
    world.end(life, 0.5);
    this.disk.crash();
    this.#life = undefined;
    this.process = undefined;
    this.holdsBackFreeing = false;
    onDeath(life);
  }

  stopGently(): void {
    this.process?.stop.abort();
  }

  restore(image: HubImage): void {
    this.kill();
    this.disk.restore(image.disk);
    this.state = this.#stateFrom(image.state);
    // The embedded store keeps no tokens (hub/store/DECISION-tokens.md): numbers may be given again after a restore.
    this.store.restore({ ...(image.store ?? this.store.image()), tokens: new Set() });
  }

  /** Merges hold an insert up for seconds now and then. */
  async #insertTime(): Promise<void> {
    const { world } = this.#around;
    const engine = this.#engine;
    if (!this.isHealed && world.chance(slowInserts)) await world.clockOf(engine, this.wall).sleep(world.below(slowInsertMsMax));
    await world.park(engine, 'inserts');
  }

  #stateFrom(image: MemoryStateImage | undefined): MemoryState {
    const { world } = this.#around;
    const latency = (): Promise<void> => world.park(this.#life ?? new Life('nobody'), 'write state');
    return memoryState(image ? { latency, from: image } : { latency });
  }

  #failed(life: Life, error: unknown): void {
    if (!life.isAlive) return;
    const { world } = this.#around;
    if (isOurMistake(error)) world.blame(`${life.name} ended by itself: ${error instanceof Error ? error.stack : String(error)}`);
    world.tell?.(`  ${life.name} ended: ${String(error)}`);
    this.kill();
  }

  async #run(life: Life): Promise<void> {
    const { world, rules, watch } = this.#around;
    const clock = world.clockOf(life, this.wall);
    const log = processLog(world, life);
    const disk = rules.hubDisk(processDisk(world, life, this.disk));
    const state = rules.statePort(processState(life, this.state));
    const timeouts = (): number => (this.isHealed ? 0 : this.settings.insertTimeouts);
    const store = rules.storePort(processStore({ world, life, clock, timeouts }, this.store));
    const alerts = await AlertStage.open({ state, clock, drainMsOf: () => neverDrains });
    const { tickets, notifier } = await this.#openPeople(life, state, clock);
    const floor = Math.max(await Detection.highestWrite(disk, snapshotPath), await highestBlockWrite(state), alerts.highestWrite);
    const opened = await LevelJournal.open({
      disk,
      folder: 'journal',
      clock,
      numberFloor: floor,
      bytesMax: this.settings.journalBytes,
      generationBytes: this.settings.generationBytes,
      reserveBytes: 2_048,
      slotBytes: 8 * 1024,
      onHole: ({ from, to, reason }) => world.blame(`journal writes ${from} to ${to} are gone (${reason}), though no disk was damaged`),
    });
    const journal = await watch.journalPort(life, opened, () => this.holdsBackFreeing);
    const identity = await openHubIdentity(state, world.random);
    const gateway = new Gateway({ journal: rules.journalPort(journal), clock, log, ...identity, credit: () => 1 });
    const stop = world.controller();
    if (!life.isAlive) return;
    this.process = { life, gateway, journal, alerts, tickets, notifier, stop };
    await this.#loops(this.process, { state, store, disk, clock, log });
    await journal.close();
    if (life.isAlive) this.kill();
  }

  async #openPeople(life: Life, state: State, clock: Clock): Promise<Pick<HubProcess, 'tickets' | 'notifier'>> {
    const { world } = this.#around;
    const { random } = world;
    const audit = { record: () => Promise.resolve() };
    const sender = {
      send: async ({ headers }: { readonly headers: { readonly 'webhook-id': string } }) => {
        await world.park(life, 'send a webhook');
        const isHeard = !world.chance(this.isHealed ? 0 : this.settings.webhookFailures);
        // A receiver may have heard although the answer was lost.
        if (isHeard || world.chance(0.5)) this.webhooks.add(headers['webhook-id']);
        return isHeard ? { status: 204, problem: '', retryAfterMs: 0 } : { status: 503, problem: 'busy', retryAfterMs: 0 };
      },
      close: () => Promise.resolve(),
    };
    const tickets = await Tickets.open({ state, clock, random, audit });
    const notifier = await Notifier.open({
      state,
      clock,
      random,
      audit,
      sender,
      seal: secretSeal(new Uint8Array(32), random),
      onFailure: () => undefined,
    });
    if (notifier.list().length === 0)
      await notifier.create({ name: 'all', url: 'https://hooks.example/', isEnabled: true, minimumLevel: 'informational' }, hubActor);
    return { tickets, notifier };
  }

  async #loops({ gateway, journal, alerts, tickets, notifier, stop, life }: HubProcess, ports: HubPorts): Promise<void> {
    const { world, rules } = this.#around;
    const { state, store, disk, clock, log } = ports;
    const detection = { disk, path: snapshotPath, ruleset, alerts: rules.alertsPort(alerts, () => clock.sleep(3_000)), clock, log };
    const pipeline = new HubPipeline({
      journal,
      state,
      clock,
      log,
      lines: attackLines(this.store),
      openKeeper: () => new BlockKeeper({ state, store, clock, log }),
      openDetection: (oldest, signal) => Detection.open(detection, oldest, signal),
      writeLedger: async (block, rows) => {
        const file = `ledger-${life.name}-${block}`;
        this.store.ledgerFiles.set(file, rows);
        return file;
      },
    });
    const [rest, deadline] = [world.controller(), world.controller()];
    const outbox = runAlertOutbox(
      {
        alerts,
        openTicket: async (alert) => (await tickets.fromAlert(alert)).id,
        enqueue: (notice) => notifier.enqueue(notice),
        audit: { record: () => Promise.resolve() },
        clock,
        random: world.random,
        onFailure: ({ cause }) => log.warn({ err: cause }, 'an alert could not be passed on'),
      },
      rest.signal,
    );
    const pipelineDone = pipeline.run({ stop: stop.signal, deadline: deadline.signal });
    void pipelineDone.then(() => rest.abort());
    await Promise.all([pipelineDone, outbox, gateway.run(stop.signal), notifier.run(rest.signal)]);
  }
}

/** The workers' findings under the id that the correlation reads. */
function attackLines(store: MemoryStore): LineWorkers {
  const lines = new InProcessLines(store);
  return {
    work: async (work, trying) => {
      const worked = await lines.work(work, trying);
      return { ...worked, findings: worked.findings.map((finding) => ({ ...finding, ruleId: attackId })) };
    },
    seal: (block) => lines.seal(block),
    reset: () => lines.reset(),
  };
}

interface HubPorts {
  readonly state: State;
  readonly store: EventStore;
  readonly disk: ReturnType<typeof processDisk>;
  readonly clock: Clock;
  readonly log: ProcessLog;
}
