// A whole agent from start to stop: buffers, local socket, collector, uplink, renewal; started in this order and stopped
// in reverse, each under a deadline.
// Promises: what was read is buffered or read again; a hub that cannot be reached is waited for calmly while lines are
// buffered; nothing here ends the process but the signal, a data folder that cannot be used, or a missing enrolment.
import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { AgentConfig } from '../config/agent-config.ts';
import type { LaneName } from '../proto/delivery.ts';
import { levelDisk } from '../proto/durable/level-disk.ts';
import { systemClock, systemRandom, type Clock, type Random } from '../proto/runtime/clock.ts';
import { UsageError } from '../proto/runtime/errors.ts';
import type { LaneBuffer } from './buffer/lane-buffer.ts';
import { buildInput } from './build-input.ts';
import { answerPeek, peekQuestion } from './buffer/peek-over-socket.ts';
import { Collector, type CollectorOptions } from './collector.ts';
import { renewWhenDue } from './control/enrol.ts';
import { TapDesk } from './control/tap-desk.ts';
import { loadIdentity, type Identity } from './control/identity.ts';
import { openLocalSocket, type Answers } from '../proto/runtime/local-socket.ts';
import { commandFenceOf } from './inputs/command-fence.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { fenceOf } from './inputs/file-fence.ts';
import { listenFenceOf } from './inputs/listen-fence.ts';
import { tellFullBuffers } from './full-buffers.ts';
import { openBuffers } from './open-buffers.ts';
import { openOriginals } from './open-originals.ts';
import type { Originals } from './originals/originals.ts';
import { ServiceLife } from './service-life.ts';
import { serviceManager } from '../proto/runtime/service-manager.ts';
import { openLog, type AgentLog } from './open-log.ts';
import type { BatchBuffer, HubWay } from './ports.ts';
import { RouteMemory } from './first/route-memory.ts';
import { StatusRates, type Sampled } from './status-rates.ts';
import { tellMetrics } from './tell-metrics.ts';
import { tellStatus, type AgentStatus } from './tell-status.ts';
import { hubDoors } from './uplink/hub-doors.ts';
import { hubWay } from './uplink/hub-way.ts';
import { RateLimit } from './uplink/rate-limit.ts';
import { Uplink } from './uplink/uplink.ts';
import type { HelloParts } from './uplink/uplink-status.ts';
import { sparingMemory, memoryCollector } from './sparing-memory.ts';
import { reloadPolicy } from './reload-policy.ts';
import { aborted } from '../proto/runtime/until-stopped.ts';

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
}

export async function runAgent(start: AgentStart): Promise<void> {
  const { config, dataFolder, signal } = start;
  const around = { ...start, clock: systemClock, random: systemRandom, agentLog: openLog(config.log.level) };
  const surroundings: Surroundings = { ...around, originals: openOriginals(around) };
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const identity = await loadIdentity(dataFolder);
  if (!identity) {
    throw new UsageError(
      `this agent has not enrolled: ${dataFolder} holds no identity; run \`atalaia-agent enroll --hub URL --token-file F\` first`,
    );
  }
  const buffers = await openBuffers(config, surroundings);
  try {
    await runOn(surroundings, identity, buffers);
  } finally {
    for (const buffer of buffers.values()) await buffer.close();
    surroundings.agentLog.log.info({ reason: signal.aborted ? 'asked to stop' : 'failed' }, 'agent stopped');
  }
}

async function runOn(surroundings: Surroundings, identity: Identity, buffers: Awaited<ReturnType<typeof openBuffers>>): Promise<void> {
  const { config, dataFolder, version, signal, clock, random, agentLog } = surroundings;
  const { log } = agentLog;
  const keep = { identity };
  const hubs = config.hub?.addresses ?? [identity.hub];
  const collect = memoryCollector();
  const lanes = new Map([...buffers].map(([lane, buffer]) => [lane, sparingMemory(buffer, collect)]));
  const service = openService(surroundings, lanes, () => ({ uplink, collector }));
  const tap = new TapDesk({ consent: config.control.tap, clock, log, sources: () => collector.sources().map(({ sourceId }) => sourceId) });
  const readers = await readersOf(buffers, surroundings, collect);
  const collector = buildCollector({ ...surroundings, tap }, { buffers: lanes, ...readers }, service.onWriting);
  const way = wayToHub(config, () => keep.identity);
  const uplink = new Uplink({
    addresses: hubs,
    ...hubDoors(way, () => keep.identity),
    ...(config.hub ? { failBackAfterMs: config.hub.failBackAfter } : {}),
    rate: new RateLimit(config.bandwidth, clock),
    lanes: [...lanes.values()],
    clock,
    random,
    log,
    hello: () => helloOf(collector, version),
  });
  const rates = new StatusRates(() => sampled(collector, uplink, lanes), clock);
  const status = {
    agentId: identity.agentId,
    version,
    hub: hubs.join(', '),
    collector,
    buffers,
    clock,
    rates,
    startedMs: clock.nowMs(),
    uplink: () => uplink.status(),
    certificateExpiresMs: () => keep.identity.expiresMs,
    lastError: () => agentLog.lastError(),
    originals: () => surroundings.originals.status(),
  };
  const socket = await openLocalSocket(dataFolder, 'agent', { status: () => tellStatus(status), ...answersAbout(buffers, tap) });
  // Outlives the collector, so that the last batches may still be sent while it drains.
  const senders = new AbortController();
  const running = [
    uplink.run(senders.signal),
    rates.run(senders.signal),
    metricsOf(surroundings, () => tellStatus(status), senders.signal),
    tellFullBuffers(buffers, { folder: dataFolder, clock, log, signal: senders.signal }),
    service.run(senders.signal),
    surroundings.originals.run(senders.signal),
    stayRenewed(surroundings, { way, signal: senders.signal }, (renewed) => {
      keep.identity = renewed;
      uplink.reconnect();
    }),
  ];
  try {
    await collector.apply(config.policy);
    running.push(reloadPolicy(surroundings, collector, senders.signal));
    log.info({ agentId: identity.agentId, hubs, data: dataFolder, sources: config.policy.sources.length, version }, 'agent started');
    await service.ready();
    await Promise.race([aborted(signal), Promise.all(running)]);
  } finally {
    const told = service.stopping();
    await collector.stop();
    senders.abort();
    await Promise.all([...running, told]);
    await socket.close();
  }
}

function helloOf(collector: Collector, agentVersion: string): HelloParts {
  return { capabilities: [], policyHash: collector.policyHash, agentVersion, hostName: hostname(), sources: collector.sources() };
}

/** What the collector needs beside the lanes themselves. */
async function readersOf(
  buffers: ReadonlyMap<LaneName, LaneBuffer>,
  { dataFolder }: Surroundings,
  collect: () => void,
): Promise<Pick<CollectorOptions, 'readerOf' | 'routes'>> {
  const readerOf = (lane: LaneName): BatchBuffer | undefined => {
    const reader = buffers.get(lane)?.reader();
    return reader && sparingMemory(reader, collect);
  };
  return { readerOf, routes: await RouteMemory.open(levelDisk(), join(dataFolder, 'first.json')) };
}

/** Serves metrics where the configuration asks for them. */
async function metricsOf(
  { config, clock, agentLog: { log } }: Surroundings,
  status: () => AgentStatus,
  signal: AbortSignal,
): Promise<void> {
  if (config.metrics) await serveMetrics({ place: config.metrics.listen, tell: () => tellMetrics(status()), clock, log, signal });
  else await aborted(signal);
}

/** What local commands ask beside `status`. */
function answersAbout(buffers: Awaited<ReturnType<typeof openBuffers>>, tap: TapDesk): Answers {
  return {
    tap: (wish, left) => tap.open(wish, left),
    buffer: () => [...buffers.values()].map((buffer) => buffer.inspect()),
    [peekQuestion]: answerPeek(new Map([...buffers].map(([lane, buffer]) => [lane, buffer.peek()]))),
  };
}

function wayToHub({ proxy, pin }: AgentConfig, identity: () => Identity): HubWay {
  return hubWay({ proxy, pins: () => (pin.length > 0 ? pin : identity().pins), environment: process.env });
}

function stayRenewed(
  { config, dataFolder, clock, random, agentLog: { log } }: Surroundings,
  { way, signal }: { readonly way: HubWay; readonly signal: AbortSignal },
  take: (renewed: Identity) => void,
): Promise<void> {
  return renewWhenDue({
    dataFolder,
    hubs: config.hub?.addresses,
    way,
    clock,
    random,
    signal,
    onRenewed: (renewed) => {
      log.info({ expires: new Date(renewed.expiresMs).toISOString() }, 'certificate renewed');
      take(renewed);
    },
    onFailed: (error, { expiresMs, retryMs }) =>
      log.warn({ error, expires: new Date(expiresMs).toISOString(), retryMs }, 'certificate not renewed; trying again'),
  });
}

function buildCollector(
  { config, clock, random, originals, tap, agentLog: { log } }: Surroundings & { readonly tap: TapDesk },
  lanes: Pick<CollectorOptions, 'buffers' | 'readerOf' | 'routes'>,
  onWriting: ServiceLife['onWriting'],
): Collector {
  const fence = fenceOf(config.fence.paths);
  const listenFence = listenFenceOf(config.fence.listen);
  const commandFence = commandFenceOf(config.fence.commands);
  return new Collector({
    ...lanes,
    inputOf: (source) => {
      originals.follow(source);
      return buildInput(source, { fence, listenFence, commandFence, clock, random, log });
    },
    clock,
    flushIntervalMs: config.buffer.flushInterval,
    log,
    onWriting,
    onKept: (block, kept) => {
      originals.note(block);
      if (tap.isOpen) tap.see(block, kept);
      if (!config.log.showLines) return;
      const { count, bytes, starts, ends } = kept;
      for (let i = 0; i < count; i++)
        log.debug({ source: block.stream.sourceId, line: bytes.toString('utf8', starts[i], ends[i]) }, 'line kept');
    },
  });
}

function openService(
  { dataFolder, clock, agentLog: { log } }: Surroundings,
  buffers: ReadonlyMap<LaneName, BatchBuffer>,
  parts: () => { readonly uplink: Uplink; readonly collector: Collector },
): ServiceLife {
  return new ServiceLife({
    manager: serviceManager(process.env, (error) => log.warn({ error }, 'systemd was not told how the agent is')),
    dataFolder,
    buffers,
    isConnected: () => parts().uplink.status().state === 'connected',
    tellStatus: () => tellInOneLine(parts().uplink, parts().collector),
    clock,
    log,
  });
}

/** For `systemctl status`: where the connection stands, what is read and what waits. */
function tellInOneLine(uplink: Uplink, collector: Collector): string {
  const { state } = uplink.status();
  const sources = collector.sources();
  const lagBytes = sources.reduce((sum, source) => sum + source.lagBytes, 0);
  const ailing = sources.filter(({ problem }) => problem !== '').map(({ sourceId }) => sourceId);
  return `${state}; sources: ${sources.length}, ${lagBytes} bytes behind${ailing.length > 0 ? `; trouble with ${ailing.slice(0, 5).join(', ')}` : ''}`;
}

function sampled(collector: Collector, uplink: Uplink, lanes: ReadonlyMap<LaneName, BatchBuffer>): Sampled {
  const { batchesAcked } = uplink.status();
  return { sources: collector.sources(), lanes: [...lanes.values()].map((lane) => lane.status()), batchesAcked };
}
