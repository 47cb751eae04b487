// Delivery to one hub, from sources to acks: the collector fills this hub's buffers, the uplink empties them, and the
// certificate is renewed in time. The first hub and each of the other ones have one; they share the process and the
// sources that cannot be read again (inputs/shared-input.ts), and nothing else (DECISION-other-hubs.md).
// Promises: what one of them cannot do (its hub is away, its buffer is full, its positions moved) does not keep another from
// reading, buffering and sending.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { AgentConfig } from '../config/agent-config.ts';
import type { Policy } from '../config/policy/policy.ts';
import type { Source } from '../config/policy/sources/sources.ts';
import type { LaneName } from '../proto/delivery.ts';
import { levelDisk } from '../proto/durable/level-disk.ts';
import type { Clock, Random } from '../proto/runtime/clock.ts';
import type { LaneBuffer } from './buffer/lane-buffer.ts';
import { Collector, type CollectorOptions } from './collector.ts';
import { renewWhenDue } from './control/enrol.ts';
import type { Identity } from './control/identity.ts';
import { RouteMemory } from './first/route-memory.ts';
import { tellFullBuffers } from './full-buffers.ts';
import type { AgentLog } from './open-log.ts';
import { openBuffers } from './open-buffers.ts';
import type { BatchBuffer, HubWay, Input } from './ports.ts';
import { laddersOf } from './source-ladder.ts';
import { sparingMemory } from './sparing-memory.ts';
import { StatusRates } from './status-rates.ts';
import type { DeliveryParts as ToldParts } from './tell-status.ts';
import { hubDoors } from './uplink/hub-doors.ts';
import { hubWay } from './uplink/hub-way.ts';
import { RateLimit } from './uplink/rate-limit.ts';
import { Uplink } from './uplink/uplink.ts';

export interface DeliveryParts {
  /** As if this hub were the only one. */
  readonly config: AgentConfig;
  /** Where its identity and its buffers are. */
  readonly folder: string;
  readonly identity: Identity;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: AgentLog['log'];
  /** Looks for memory to give back. */
  readonly collect: () => void;
  readonly inputOf: (source: Source) => Input;
  readonly onKept?: CollectorOptions['onKept'];
  readonly onWriting: CollectorOptions['onWriting'];
}

type Lanes = ReadonlyMap<LaneName, BatchBuffer>;

export class HubDelivery {
  readonly #parts: DeliveryParts;
  readonly #way: HubWay;
  readonly #rates: StatusRates;
  #identity: Identity;
  readonly hubs: readonly string[];
  readonly buffers: ReadonlyMap<LaneName, LaneBuffer>;
  readonly lanes: Lanes;
  readonly collector: Collector;
  readonly uplink: Uplink;

  /** Rejects as openBuffers does. */
  static async open(parts: DeliveryParts): Promise<HubDelivery> {
    const { config, folder, clock, random } = parts;
    const buffers = await openBuffers(config, { dataFolder: folder, clock, random });
    try {
      return new HubDelivery(parts, buffers, await RouteMemory.open(levelDisk(), join(folder, 'first.json')));
    } catch (error) {
      for (const buffer of buffers.values()) await buffer.close();
      throw error;
    }
  }

  private constructor(parts: DeliveryParts, buffers: ReadonlyMap<LaneName, LaneBuffer>, routes: RouteMemory) {
    const { config, identity, clock, random, log, version, collect } = parts;
    this.#parts = parts;
    this.#identity = identity;
    this.buffers = buffers;
    this.lanes = new Map([...buffers].map(([lane, buffer]) => [lane, sparingMemory(buffer, collect)]));
    this.hubs = config.hub?.addresses ?? [identity.hub];
    const pins = (): readonly string[] => (config.pin.length > 0 ? config.pin : this.#identity.pins);
    this.#way = hubWay({ proxy: config.proxy, pins, environment: process.env });
    this.collector = this.#newCollector(routes);
    this.uplink = new Uplink({
      addresses: this.hubs,
      ...hubDoors(this.#way, () => this.#identity),
      ...(config.hub ? { failBackAfterMs: config.hub.failBackAfter } : {}),
      rate: new RateLimit(config.bandwidth, clock),
      lanes: [...this.lanes.values()],
      clock,
      random,
      log,
      hello: () => ({
        capabilities: [],
        policyHash: this.collector.policyHash,
        agentVersion: version,
        hostName: hostname(),
        sources: this.collector.sources(),
      }),
    });
    this.#rates = new StatusRates(() => this.#sampled(), clock);
  }

  get isConnected(): boolean {
    return this.uplink.status().state === 'connected';
  }

  /** Rejects with POLICY_REFUSED. */
  apply(policy: Policy): Promise<void> {
    return this.collector.apply(policy);
  }

  /** Sends and looks after itself until the signal aborts; outlives the collector, so that the last batches may leave. */
  async run(signal: AbortSignal): Promise<void> {
    const { folder, clock, log } = this.#parts;
    await Promise.all([
      this.uplink.run(signal),
      this.#rates.run(signal),
      tellFullBuffers(this.buffers, { folder, clock, log, signal }),
      this.#stayRenewed(signal),
    ]);
  }

  /** What `status` tells of it. */
  told(): ToldParts {
    const { collector, buffers, uplink } = this;
    return {
      agentId: this.#identity.agentId,
      hub: this.hubs.join(', '),
      certificateExpiresMs: () => this.#identity.expiresMs,
      collector,
      buffers,
      uplink: () => uplink.status(),
      rates: this.#rates,
      clock: this.#parts.clock,
    };
  }

  async close(): Promise<void> {
    for (const buffer of this.buffers.values()) await buffer.close();
  }

  #newCollector(routes: RouteMemory): Collector {
    const { config, clock, log, collect, inputOf, onKept, onWriting } = this.#parts;
    const readerOf = (lane: LaneName): BatchBuffer | undefined => {
      const reader = this.buffers.get(lane)?.reader();
      return reader && sparingMemory(reader, collect);
    };
    const { flushInterval: flushIntervalMs } = config.buffer;
    return new Collector({ buffers: this.lanes, readerOf, routes, inputOf, clock, flushIntervalMs, log, onWriting, onKept });
  }

  #sampled(): ReturnType<ConstructorParameters<typeof StatusRates>[0]> {
    const { batchesAcked, lastSent } = this.uplink.status();
    const lanes = [...this.lanes.values()].map((lane) => lane.status());
    return { sources: this.collector.sources(), lanes, batchesAcked, ladders: laddersOf(this.buffers, lastSent) };
  }

  #stayRenewed(signal: AbortSignal): Promise<void> {
    const { config, folder, clock, random, log } = this.#parts;
    return renewWhenDue({
      dataFolder: folder,
      hubs: config.hub?.addresses,
      way: this.#way,
      clock,
      random,
      signal,
      onRenewed: (renewed) => {
        log.info({ expires: new Date(renewed.expiresMs).toISOString() }, 'certificate renewed');
        this.#identity = renewed;
        this.uplink.reconnect();
      },
      onFailed: (error, { expiresMs, retryMs }) =>
        log.warn({ error, expires: new Date(expiresMs).toISOString(), retryMs }, 'certificate not renewed; trying again'),
    });
  }
}
