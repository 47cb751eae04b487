// A whole agent from start to stop: a delivery per hub (hub-delivery.ts), local socket, metrics, originals, service manager;
// started in this order and stopped in reverse, each under a deadline.
// Promises: what was read is buffered or read again; a hub that cannot be reached is waited for calmly while lines are
// buffered; nothing here ends the process but the signal, a data folder that cannot be used, or a missing enrolment at the
// first hub. One of the other hubs that is not enrolled is told, and the rest goes on.
import { mkdir } from 'node:fs/promises';
import { configPerHub, hubFolder, type AgentConfig, type HubConfig } from '../config/agent-config.ts';
import type { Source } from '../config/policy/sources/sources.ts';
import { systemClock, systemRandom, type Clock, type Random } from '../proto/runtime/clock.ts';
import { UsageError } from '../proto/runtime/errors.ts';
import { openLocalSocket } from '../proto/runtime/local-socket.ts';
import { serviceManager } from '../proto/runtime/service-manager.ts';
import { aborted } from '../proto/runtime/until-stopped.ts';
import { answersAbout } from './answers-about.ts';
import { buildInput } from './build-input.ts';
import { loadIdentity } from './control/identity.ts';
import { TapDesk } from './control/tap-desk.ts';
import { HubDelivery, type DeliveryParts } from './hub-delivery.ts';
import { commandFenceOf } from './inputs/command-fence.ts';
import { fenceOf } from './inputs/file-fence.ts';
import { listenFenceOf } from './inputs/listen-fence.ts';
import { SharedInputs } from './inputs/shared-inputs.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { openLog, type AgentLog } from './open-log.ts';
import { openOriginals } from './open-originals.ts';
import type { Originals } from './originals/originals.ts';
import type { Input } from './ports.ts';
import { reloadPolicy } from './reload-policy.ts';
import { ServiceLife } from './service-life.ts';
import { memoryCollector } from './sparing-memory.ts';
import { tellMetrics } from './tell-metrics.ts';
import { tellDelivery, tellStatus, type AgentStatus, type OtherHubStatus } from './tell-status.ts';
import { whenThereIsRoom } from './wait-for-room.ts';

export interface AgentStart {
  readonly config: AgentConfig;
  readonly dataFolder: string;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Reads the configuration anew, of which the policy then comes into force. Throws what is wrong with it. */
  readonly reread: () => AgentConfig;
}

interface Surroundings extends AgentStart {
  readonly clock: Clock;
  readonly random: Random;
  readonly agentLog: AgentLog;
  readonly originals: Originals;
  readonly tap: TapDesk;
  readonly service: ServiceLife;
  readonly deliveries: Deliveries;
}

/** By the name of the hub; the first one has none. In the order in which policies take effect and stop. */
type Deliveries = Map<string | undefined, HubDelivery>;

export async function runAgent(start: AgentStart): Promise<void> {
  const { dataFolder, signal } = start;
  const surroundings = surround(start);
  const { deliveries, agentLog } = surroundings;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  try {
    await openDeliveries(surroundings);
    if (!signal.aborted) await runOn(surroundings, firstOf(deliveries));
  } finally {
    for (const delivery of deliveries.values()) await delivery.close();
    if (deliveries.size > 0) agentLog.log.info({ reason: signal.aborted ? 'asked to stop' : 'failed' }, 'agent stopped');
  }
}

function surround(start: AgentStart): Surroundings {
  const { config, dataFolder } = start;
  const agentLog = openLog(config.log.level);
  const { log } = agentLog;
  const clock = systemClock;
  const around = { ...start, clock, random: systemRandom, agentLog };
  const deliveries: Deliveries = new Map();
  const originals = openOriginals(around);
  const sources = (): string[] =>
    firstOf(deliveries)
      .collector.sources()
      .map(({ sourceId }) => sourceId);
  const tap = new TapDesk({ consent: config.control.tap, clock, log, sources });
  const manager = serviceManager(process.env, (error) => log.warn({ error }, 'systemd was not told how the agent is'));
  const service = new ServiceLife({ manager, dataFolder, deliveries, tellStatus: () => tellInOneLine(deliveries), clock, log });
  return { ...around, originals, tap, service, deliveries };
}

async function openDeliveries(surroundings: Surroundings): Promise<void> {
  const { config, dataFolder, version, clock, random, agentLog, service, deliveries, originals, signal } = surroundings;
  const inputs = new SharedInputs(inputsOf(surroundings));
  const lead = (source: Source): Input => {
    originals.follow(source);
    return inputs.lead(source);
  };
  const collect = memoryCollector();
  for (const { name, config: own } of configPerHub(config)) {
    const folder = hubFolder(dataFolder, name);
    const identity = await loadIdentity(folder);
    if (!identity && name === undefined)
      throw new UsageError(`this agent has not enrolled: ${dataFolder} holds no identity; ${enrolRemedy(name)} first`);
    if (!identity) {
      agentLog.log.error(
        { otherHub: name },
        `nothing is collected for a hub that this agent has not enrolled with; ${enrolRemedy(name)} and restart`,
      );
      continue;
    }
    const log = name === undefined ? agentLog.log : agentLog.log.child({ otherHub: name });
    const onWriting = service.writingFor(name);
    const shared = { config: own, folder, identity, version, clock, random, log, collect, onWriting };
    const open = (): Promise<HubDelivery> =>
      name === undefined
        ? HubDelivery.open({ ...shared, inputOf: lead, onKept: lookingOn(surroundings) })
        : HubDelivery.open({ ...shared, inputOf: (source) => inputs.follow(source, { clock, random, log }) });
    const opened = await whenThereIsRoom(open, { folder, clock, log, signal, onWaiting: () => service.waiting('the disk is full') });
    if (!opened) return;
    deliveries.set(name, opened);
  }
}

async function runOn(surroundings: Surroundings, first: HubDelivery): Promise<void> {
  const { config, dataFolder, version, signal, agentLog, service, originals, deliveries, tap } = surroundings;
  const { log } = agentLog;
  const status = statusOf(surroundings);
  const socket = await openLocalSocket(dataFolder, 'agent', { status, ...answersAbout(deliveries, tap) });
  // Outlives the collectors, so that the last batches may still be sent while they drain.
  const senders = new AbortController();
  const running = [
    ...[...deliveries.values()].map((delivery) => delivery.run(senders.signal)),
    metricsOf(surroundings, status, senders.signal),
    service.run(senders.signal),
    originals.run(senders.signal),
  ];
  try {
    await applyAll(surroundings, config);
    running.push(reloadPolicy(surroundings, (changed) => applyAll(surroundings, changed), senders.signal));
    const { agentId } = first.told();
    const otherHubs = [...deliveries.keys()].filter((name) => name !== undefined);
    const told = { agentId, hubs: first.hubs, ...(otherHubs.length > 0 ? { otherHubs } : {}), data: dataFolder };
    log.info({ ...told, sources: config.policy.sources.length, version }, 'agent started');
    await service.ready();
    await Promise.race([aborted(signal), Promise.all(running)]);
  } finally {
    const told = service.stopping();
    // The first one first: what its sources hand out last the others get too.
    await first.collector.stop();
    await Promise.all([...deliveries.values()].map(({ collector }) => collector.stop()));
    senders.abort();
    await Promise.all([...running, told]);
    await socket.close();
  }
}

/** The first hub's first: the others follow its sources. Rejects when that one is refused; another one's refusal is told. */
async function applyAll({ deliveries, agentLog: { log } }: Surroundings, config: AgentConfig): Promise<void> {
  const wanted = new Map(configPerHub(config).map(({ name, config: own }): [HubConfig['name'], AgentConfig] => [name, own]));
  for (const [name, delivery] of deliveries) {
    // One that the configuration names no more sends what it holds, until the next start.
    const policy = wanted.get(name)?.policy ?? { ...config.policy, sources: [], filter: [], trim: [], first: [], tests: [] };
    try {
      await delivery.apply(policy);
    } catch (error) {
      if (name === undefined) throw error;
      log.error({ otherHub: name, error }, 'what this hub gets was not taken: the earlier policy stays in force for it, or none');
    }
  }
}

function inputsOf({ config, clock, random, agentLog: { log } }: Surroundings): ConstructorParameters<typeof SharedInputs>[0] {
  const fence = fenceOf(config.fence.paths);
  const listenFence = listenFenceOf(config.fence.listen);
  const commandFence = commandFenceOf(config.fence.commands);
  return (source) => buildInput(source, { fence, listenFence, commandFence, clock, random, log });
}

/** What looks on while the first hub's lines are kept. */
function lookingOn({ config, originals, tap, agentLog: { log } }: Surroundings): DeliveryParts['onKept'] {
  return (block, kept) => {
    originals.note(block);
    if (tap.isOpen) tap.see(block, kept);
    if (!config.log.showLines) return;
    const { count, bytes, starts, ends } = kept;
    for (let i = 0; i < count; i++)
      log.debug({ source: block.stream.sourceId, line: bytes.toString('utf8', starts[i], ends[i]) }, 'line kept');
  };
}

function statusOf({ config, version, clock, agentLog, originals, deliveries }: Surroundings): () => AgentStatus {
  const startedMs = clock.nowMs();
  const about = { version, startedMs, lastError: () => agentLog.lastError(), originals: () => originals.status() };
  return () => {
    const otherHubs = config.otherHubs.map(({ name }): OtherHubStatus => {
      const delivery = deliveries.get(name);
      return delivery
        ? { name, problem: '', ...tellDelivery(delivery.told()) }
        : { name, problem: `not enrolled; ${enrolRemedy(name)} and restart` };
    });
    return tellStatus({ ...firstOf(deliveries).told(), ...about, otherHubs });
  };
}

/** Serves metrics where the configuration asks for them. */
async function metricsOf(
  { config, clock, agentLog: { log } }: Surroundings,
  status: () => AgentStatus,
  signal: AbortSignal,
): Promise<void> {
  if (config.metrics)
    await serveMetrics({ place: config.metrics.listen, tell: (format) => tellMetrics(status(), format), clock, log, signal });
  else await aborted(signal);
}

/** For `systemctl status`: where the connections stand, what is read and what waits. */
function tellInOneLine(deliveries: Deliveries): string {
  const states = [...deliveries].map(([name, { uplink }]) => `${name === undefined ? '' : `${name} `}${uplink.status().state}`);
  const sources = firstOf(deliveries).collector.sources();
  const lagBytes = sources.reduce((sum, source) => sum + source.lagBytes, 0);
  const ailing = sources.filter(({ problem }) => problem !== '').map(({ sourceId }) => sourceId);
  return `${states.join(', ')}; sources: ${sources.length}, ${lagBytes} bytes behind${ailing.length > 0 ? `; trouble with ${ailing.slice(0, 5).join(', ')}` : ''}`;
}

/** Opened before anything asks for it. */
function firstOf(deliveries: Deliveries): HubDelivery {
  const first = deliveries.get(undefined);
  if (!first) throw new Error('broken invariant: the first hub’s delivery is open while the agent runs');
  return first;
}

function enrolRemedy(name: string | undefined): string {
  return `run \`atalaia-agent enroll${name === undefined ? '' : ` --other-hub ${name}`} --hub URL --token-file F\``;
}
