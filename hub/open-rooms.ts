// The hub's rooms, opened in the order in which they need each other: state first, the journal after everything that
// remembers journal numbers, so that none is given twice (DELIVERY.md 1). Closed in reverse by `close`.
// Promises: when one cannot be opened, those before it are closed and the error says what to do.
import type { HubConfig } from '../config/hub-config.ts';
import { levelDisk } from '../proto/durable/level-disk.ts';
import { systemClock, systemRandom, type Clock, type Random } from '../proto/runtime/clock.ts';
import { AlertStage } from './alert/alert-stage.ts';
import { AuditTrail } from './console/api/audit-trail.ts';
import { Detection } from './detection.ts';
import { compileRules, type Compiled } from './detect/engine/ruleset.ts';
import { openAuthority, type Authority } from './fleet/authority.ts';
import { Roster } from './fleet/roster.ts';
import { TokenDesk } from './fleet/tokens.ts';
import { hubFolders, type HubFolders } from './hub-folders.ts';
import type { HubLog } from './hub-log.ts';
import { LevelJournal } from './journal/level-journal.ts';
import { Notifier } from './notify/notifier.ts';
import { openSecretSeal } from './notify/secret-seal.ts';
import { webhookSender } from './notify/send-webhook.ts';
import { openHubIdentity, type HubIdentity } from './hub-identity.ts';
import type { Journal, State } from './ports.ts';
import { openLevelState } from './state/open-level-state.ts';
import { highestBlockWrite } from './store/blocks.ts';
import { openChdbStore, type ChdbStore } from './store/chdb-store.ts';
import { Tickets } from './ticket/tickets.ts';
import type { RuleSource } from './work.ts';

export interface HubSurroundings {
  readonly config: HubConfig;
  readonly dataFolder: string;
  readonly log: HubLog;
  readonly rules: readonly RuleSource[];
}

export interface Rooms {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: HubLog;
  readonly config: HubConfig;
  readonly folders: HubFolders;
  readonly identity: HubIdentity;
  readonly state: State;
  readonly audit: AuditTrail;
  readonly authority: Authority;
  readonly roster: Roster;
  readonly tokens: TokenDesk;
  readonly compiled: Compiled;
  readonly rules: readonly RuleSource[];
  readonly alerts: AlertStage;
  readonly tickets: Tickets;
  readonly notifier: Notifier;
  readonly store: ChdbStore;
  readonly journal: Journal;
  readonly openDetection: (oldestWrite: number, signal: AbortSignal) => Promise<Detection>;
  close(): Promise<void>;
}

export async function openRooms({ config, dataFolder, log, rules }: HubSurroundings): Promise<Rooms> {
  const clock = systemClock;
  const random = systemRandom;
  const folders = hubFolders(dataFolder);
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const state = await openLevelState({ folder: folders.state });
    closers.push(() => state.close());
    const audit = new AuditTrail(state, clock, random);
    const people = await openPeople({ state, clock, random, audit, log, folders });
    const fleet = await openFleet({ state, clock, random, folders, config });
    const compiled = compileRules(rules);
    for (const { file, reason } of compiled.refused) log.warn({ file, reason }, 'a rule was refused; the others load');
    const store = await openStore({ config, folders, clock, log });
    closers.push(() => store.close());
    const disk = levelDisk();
    const snapshotWrite = await Detection.highestWrite(disk, folders.snapshot);
    const numberFloor = Math.max(snapshotWrite, await highestBlockWrite(state), people.alerts.highestWrite);
    const journal = await LevelJournal.open({
      disk,
      folder: folders.journal,
      clock,
      numberFloor,
      bytesMax: config.journal.maxBytes,
      generationBytes: config.journal.generationBytes,
      onHole: (hole) => log.error({ ...hole }, 'journal writes were damaged and are gone; what agents still hold is sent again'),
    });
    closers.push(() => journal.close());
    const detection = { disk, path: folders.snapshot, ruleset: compiled.ruleset, alerts: people.alerts, clock, log };
    const openDetection = (oldest: number, signal: AbortSignal): Promise<Detection> => Detection.open(detection, oldest, signal);
    const identity = await openHubIdentity(state, random);
    const base = { clock, random, log, config, folders, identity, state, audit, compiled, rules, store, journal };
    return { ...base, ...people, ...fleet, openDetection, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Base {
  readonly state: State;
  readonly clock: Clock;
  readonly random: Random;
}

async function openPeople({
  state,
  clock,
  random,
  audit,
  log,
  folders,
}: Base & Pick<Rooms, 'audit' | 'log' | 'folders'>): Promise<Pick<Rooms, 'alerts' | 'tickets' | 'notifier'>> {
  const alerts = await AlertStage.open({ state, clock });
  const tickets = await Tickets.open({ state, clock, random, audit });
  const onFailure = (failure: object): void =>
    log.warn({ ...failure }, 'a webhook attempt could not be written down; it is sent again under its id');
  const seal = await openSecretSeal(folders.secretsKey, random);
  const notifier = await Notifier.open({ state, clock, random, audit, seal, sender: webhookSender(), onFailure });
  const unreadable = notifier.unreadable();
  if (unreadable.length > 0)
    log.error(
      { webhooks: unreadable, key: folders.secretsKey },
      'secrets of webhooks were sealed with another key; restore the key file, or make new secrets',
    );
  return { alerts, tickets, notifier };
}

async function openFleet({
  state,
  clock,
  random,
  folders,
  config,
}: Base & Pick<Rooms, 'folders' | 'config'>): Promise<Pick<Rooms, 'authority' | 'roster' | 'tokens'>> {
  const authority = await openAuthority({ folder: folders.authority, clock, random, agentLifeMs: config.agents.certificateLife });
  const roster = await Roster.open(state, clock);
  const tokens = new TokenDesk({ state, clock, random, fingerprint: authority.fingerprint });
  return { authority, roster, tokens };
}

function openStore({ config, folders, clock, log }: Pick<Rooms, 'config' | 'folders' | 'clock' | 'log'>): Promise<ChdbStore> {
  const { searches } = config.store;
  return openChdbStore({
    folder: folders.store,
    clock,
    log,
    readers: searches.atOnce,
    readerLimits: { secondsMax: Math.ceil(searches.timeLimit / 1_000), memoryBytesMax: searches.memory },
  });
}
