// A whole hub from start to stop: rooms, pipeline, agents' port, console; stopped in reverse, each under a deadline.
// Promises: nothing is acknowledged before the journal stands; at a stop the agents are sent away first, then what the
// journal holds is brought in as far as the deadline allows, the rest is worked at the next start.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BlockKeeper } from './store/blocks.ts';
import { writeLedgerFile } from './store/native/ledger-file.ts';
import { runAlertOutbox } from './alert/alert-outbox.ts';
import { noteAgentClocks } from './agent-clocks.ts';
import { openAgentsDoor, type AgentsDoor } from './agents-door.ts';
import { consolePorts } from './console-ports.ts';
import { HubCounters } from './counters.ts';
import { Gateway } from './gateway/gateway.ts';
import { runHousekeeping } from './housekeeping.ts';
import { IntakeLag } from './intake-lag.ts';
import { listenLocally } from './local-answers.ts';
import type { Address } from './listen-on.ts';
import { openConsole, tellFirstPassword, type OpenedConsole } from './open-console.ts';
import { openRooms, type HubSurroundings, type Rooms } from './open-rooms.ts';
import { HubPipeline } from './pipeline.ts';
import { Rates } from './rates.ts';
import { WorkerPool } from './worker-pool.ts';
import { aborted } from '../proto/runtime/until-stopped.ts';

export interface HubStart extends HubSurroundings {
  readonly version: string;
  readonly console: Address;
  readonly agents: Address;
  readonly signal: AbortSignal;
  readonly isTerminal: boolean;
  /** Lines for the person who started it. */
  readonly tell: (text: string) => void;
}

/** Work in hand gets this long when the hub is asked to stop. */
const stopMsMax = 20_000;

export async function runHub(start: HubStart): Promise<void> {
  const { dataFolder, log, signal } = start;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const answers = await listenLocally(dataFolder);
  try {
    const rooms = await openRooms(start);
    try {
      await runOn(start, rooms, answers.serve);
    } finally {
      await rooms.close();
    }
  } finally {
    await answers.close();
    log.info({ reason: signal.aborted ? 'asked to stop' : 'failed' }, 'hub stopped');
  }
}

async function runOn(start: HubStart, rooms: Rooms, serve: Awaited<ReturnType<typeof listenLocally>>['serve']): Promise<void> {
  const { signal, version, dataFolder } = start;
  const { journal, clock, log, identity, config } = rooms;
  const counters = new HubCounters();
  const pool = openPool(rooms);
  const pipeline = buildPipeline(rooms, pool, counters);
  const credit = (): number => creditOf(journal.status().bytes, config.journal.maxBytes);
  const gateway = new Gateway({ journal, clock, log, ...identity, credit });
  const ends = new Ends();
  try {
    const door = await openAgentsDoor(rooms, gateway, start.agents, ends.agents.signal);
    ends.add(() => door.close());
    const rates = new Rates(counters, clock);
    const enrolUrl = `wss://${door.calledName}:${door.address.port}`;
    const ports = consolePorts({ rooms, gateway, pipeline, rates, enrolUrl, version });
    const console = await openConsole(rooms, ports, start.console);
    ends.add(() => console.close());
    serve({ rooms, ports, pipeline, gateway, version, console: console.url, agents: enrolUrl });
    await tellStart(start, rooms, { door, console });
    const loops = startLoops({ rooms, gateway, pipeline, rates, door, ends });
    log.info(
      { console: console.url, agents: door.address.port, data: dataFolder, rules: rooms.compiled.ruleset.rules.length, version },
      'hub started',
    );
    await Promise.race([aborted(signal), loops]);
    await ends.stop(log);
    await loops;
  } finally {
    await ends.close();
    await pool.close();
  }
}

function openPool({ config, folders, rules, clock }: Rooms): WorkerPool {
  return new WorkerPool({ count: config.detection.workers, blocksFolder: folders.blocks, rules, clock });
}

function buildPipeline(
  { journal, state, clock, log, store, folders, openDetection }: Rooms,
  pool: WorkerPool,
  counters: HubCounters,
): HubPipeline {
  const lag = new IntakeLag(clock);
  store.heedIntake(() => lag.ms);
  return new HubPipeline({
    journal,
    state,
    clock,
    log,
    lines: lag.watching(pool),
    openKeeper: () => new BlockKeeper({ state, store, clock, log }),
    openDetection,
    writeLedger: async (block, rows) => {
      const file = join(folders.blocks, `${block}.ledger.native`);
      await writeLedgerFile(file, rows);
      return file;
    },
    onWorked: (write, worked) => counters.note(write, worked),
  });
}

/** The order in which a hub stops: agents are sent away, the pipeline finishes, then everything else. */
class Ends {
  readonly agents = new AbortController();
  readonly pipeline = new AbortController();
  readonly deadline = new AbortController();
  readonly rest = new AbortController();
  readonly #closers: (() => Promise<void>)[] = [];
  #pipelineDone: Promise<void> = Promise.resolve();

  add(closer: () => Promise<void>): void {
    this.#closers.push(closer);
  }

  watch(pipelineDone: Promise<void>): void {
    this.#pipelineDone = pipelineDone;
  }

  async stop(log: Rooms['log']): Promise<void> {
    this.agents.abort();
    this.pipeline.abort();
    const late = setTimeout(() => {
      log.warn({ afterMs: stopMsMax }, 'work in hand took too long; the journal keeps it for the next start');
      this.deadline.abort();
    }, stopMsMax);
    await this.#pipelineDone;
    clearTimeout(late);
    this.rest.abort();
  }

  async close(): Promise<void> {
    for (const controller of [this.agents, this.pipeline, this.deadline, this.rest]) controller.abort();
    await this.#pipelineDone;
    for (const closer of this.#closers.splice(0).reverse()) await closer();
  }
}

interface Loops {
  readonly rooms: Rooms;
  readonly gateway: Gateway;
  readonly pipeline: HubPipeline;
  readonly rates: Rates;
  readonly door: AgentsDoor;
  readonly ends: Ends;
}

async function startLoops({ rooms, gateway, pipeline, rates, door, ends }: Loops): Promise<void> {
  const { alerts, tickets, notifier, audit, clock, random, log } = rooms;
  const rest = ends.rest.signal;
  const pipelineDone = pipeline.run({ stop: ends.pipeline.signal, deadline: ends.deadline.signal });
  ends.watch(pipelineDone);
  const outbox = runAlertOutbox(
    {
      alerts,
      openTicket: async (alert) => (await tickets.fromAlert(alert)).id,
      enqueue: (notice) => notifier.enqueue(notice),
      audit,
      clock,
      random,
      onFailure: (failure) => log.warn({ ...failure }, 'an alert could not be passed on, trying again'),
    },
    rest,
  );
  await Promise.all([
    pipelineDone,
    outbox,
    gateway.run(ends.agents.signal),
    notifier.run(rest),
    rates.run(rest),
    runHousekeeping(rooms, door, rest),
    noteAgentClocks({ gateway, roster: rooms.roster, clock, log }, rest),
  ]);
}

async function tellStart(
  { tell, isTerminal }: HubStart,
  { folders }: Rooms,
  { door, console }: { door: AgentsDoor; console: OpenedConsole },
): Promise<void> {
  tell(`console   ${console.url}`);
  tell(`agents    port ${door.address.port}, as ${door.names.join(', ')}`);
  if (console.firstPassword !== undefined)
    tell(await tellFirstPassword(console.firstPassword, { isTerminal, file: folders.firstPassword }));
}

/** Agents get the whole window until the journal is a quarter full, and less from there on; a full one gives none. */
function creditOf(bytes: number, bytesMax: number): number {
  const relaxed = bytesMax / 4;
  return bytes <= relaxed ? 1 : Math.max(0, 1 - (bytes - relaxed) / (bytesMax - relaxed));
}
