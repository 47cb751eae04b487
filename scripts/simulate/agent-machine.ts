// A machine with an agent on it: disk, log files, datagrams that arrive, and the agent's real modules (lane buffers,
// pipeline, uplink) on faulty ports. It is switched off at any moment, goes back to an earlier image, or is cloned.
// Promises: what dies does nothing afterwards; an agent that ends by itself is started again, as a service manager does,
// and an end that is nobody's plan is blamed.
import './in-place-zstd.ts';
import { LaneBuffer } from '../../agent/buffer/lane-buffer.ts';
import type { WhenFull } from '../../agent/buffer/lane-store.ts';
import type { Collector } from '../../agent/collector.ts';
import { runLane } from '../../agent/pipeline.ts';
import type { BatchBuffer, Input, StreamPosition } from '../../agent/ports.ts';
import { Uplink } from '../../agent/uplink/uplink.ts';
import { hashPolicy } from '../../config/policy/hash-policy.ts';
import { policySchema, type Policy } from '../../config/policy/policy.ts';
import { laneNames, type LaneName } from '../../proto/delivery.ts';
import { faultyDisk, type DiskImage, type FaultyDisk } from '../../proto/durable/faulty-disk.ts';
import { createSeal, sealingKeyBytes, type Seal } from '../../proto/durable/sealing.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { assert } from '../../proto/runtime/errors.ts';
import { aborted } from '../../proto/runtime/until-stopped.ts';
import { isOurMistake, processLog, type ProcessLog } from './blame.ts';
import type { BrokenRules } from './broken-rules.ts';
import { openCollector, textsIn, withFirst } from './first-lines.ts';
import { Datagrams, LogFolder, type Line } from './log-files.ts';
import { processDisk } from './process-disk.ts';
import { contradictsFolder, datagramInput, fileInput, isProven } from './simulated-inputs.ts';
import type { Sealing } from './plan.ts';
import { answerTo, Life, type WallClock, type World } from './turns.ts';

export interface AgentSettings {
  readonly agentId: string;
  readonly datagramsWhenFull: WhenFull;
  readonly bufferBytes: number;
  readonly generationBytes: number;
  readonly flushIntervalMs: number;
  readonly sharesLane: boolean;
  readonly sealing: Sealing;
  readonly hubs: number;
  readonly sortsLines: boolean;
}

export interface MachineImage {
  readonly disk: DiskImage;
  readonly folder: LogFolder;
}

export interface AgentSurroundings {
  readonly world: World;
  readonly rules: BrokenRules;
  /** `place`: which of the cluster's hubs. */
  readonly connect: (life: Life, agentId: string, place: number) => Promise<FrameChannel>;
  readonly look: (life: Life, place: number) => Promise<void>;
  readonly onDeath: (life: Life) => void;
}

interface AgentProcess {
  readonly life: Life;
  readonly buffers: Map<LaneName, LaneBuffer>;
  readonly stop: AbortController;
  /** Where lines are sorted. */
  collector?: Collector;
}

const fileLane = 'normal';
const failBackAfterMs = 2_000;
const sealingKeys = [1, 2].map((fill) => new Uint8Array(sealingKeyBytes).fill(fill));
const policies = new Map<string, Policy>();

export class AgentMachine {
  readonly name: string;
  readonly settings: AgentSettings;
  readonly disk: FaultyDisk;
  readonly wall: WallClock = { aheadMs: 0 };
  readonly datagrams = new Datagrams();
  /** Lines by stream and number, as they were read. */
  readonly read = new Map<string, Line[]>();
  /** Highest cumulative count of lines that was durable in the buffer, by stream. */
  readonly buffered = new Map<string, { readonly source: string; lines: number }>();
  folder = new LogFolder();
  readonly #around: AgentSurroundings;
  #life: Life | undefined;
  #process: AgentProcess | undefined;
  #uplink: Uplink | undefined;
  #isStarting = false;
  #conditions = 0;
  #starts = 0;

  constructor(name: string, settings: AgentSettings, around: AgentSurroundings) {
    this.name = name;
    this.settings = settings;
    this.#around = around;
    this.disk = faultyDisk(around.world.random);
  }

  get isRunning(): boolean {
    return this.#process !== undefined || this.#isStarting;
  }

  /** Nothing read waits and nothing buffered is unacknowledged. */
  get isDrained(): boolean {
    const process = this.#process;
    if (!process || this.#isStarting || this.datagrams.count > 0) return false;
    for (const buffer of process.buffers.values()) if (buffer.status().batches > 0) return false;
    const places = process.buffers.get(fileLane)?.inspect().streams ?? [];
    return this.folder.files.every(
      (file) =>
        file.bytes.length === 0 ||
        places.some((place) => place.stream.file?.inode === file.inode && place.offset === file.bytes.length && isProven(file, place)),
    );
  }

  describe(): string {
    const lanes = [...(this.#process?.buffers.values() ?? [])].map((buffer) => {
      const { lane, batches, ackedSequence, nextSequence, isFull } = buffer.status();
      return `${lane} ${batches} batches, acked ${ackedSequence} of ${nextSequence - 1}${isFull ? ', full' : ''}`;
    });
    return `${lanes.join(', ') || 'not running'}; ${this.datagrams.count} datagrams wait; ${this.#uplink?.status().state} ${this.#uplink?.status().lastError}`;
  }

  start(): void {
    if (this.isRunning) return;
    const life = new Life(`${this.name}.${++this.#starts}`);
    this.#isStarting = true;
    this.#around.world.tell?.(`  ${life.name} starts`);
    this.#life = life;
    this.#run(life).catch((error: unknown) => this.#failed(life, error));
  }

  /** Power goes, or the process is killed: the same to whoever comes after. */
  kill(): void {
    const life = this.#life;
    if (!life) return;
    const { world, onDeath } = this.#around;
    world.tell?.(`  ${life.name} is killed`);
    world.end(life, 0.5);
    this.disk.crash();
    this.#process = undefined;
    this.#isStarting = false;
    this.#life = undefined;
    this.datagrams.clear();
    onDeath(life);
  }

  stopGently(): void {
    this.#process?.stop.abort();
  }

  image(): MachineImage {
    return { disk: this.disk.image(), folder: this.folder.copy() };
  }

  /** The whole machine, or the agent's data alone, as it was. */
  goBackTo(image: MachineImage, isWhole: boolean): void {
    this.kill();
    this.disk.restore(image.disk);
    if (isWhole) this.folder = image.folder.copy();
  }

  #failed(life: Life, error: unknown): void {
    if (!life.isAlive) return;
    const { world } = this.#around;
    if (isOurMistake(error)) world.blame(`${life.name} ended by itself: ${String(error)} ${error instanceof Error ? error.stack : ''}`);
    world.tell?.(`  ${life.name} ended: ${String(error)}`);
    this.kill();
  }

  async #run(life: Life): Promise<void> {
    const { world, rules, connect, look } = this.#around;
    const clock = world.clockOf(life, this.wall);
    const random = rules.randomOf(world.random);
    const buffers = await this.#openBuffers(life, random);
    const policy = withFirst(policyOf(this.settings), this.#conditions);
    const policyHash = hashPolicy(policy);
    const log = processLog(world, life);
    const addresses = Array.from({ length: this.settings.hubs }, (_, place) => `hub ${place + 1}`);
    const ports = new Map(
      [...buffers].map(([lane, buffer]) => [lane, rules.bufferPort(this.#watched(life, buffer), this, () => clock.sleep(500))]),
    );
    const uplink = new Uplink({
      addresses,
      connect: (address) => answerTo(life, connect(life, this.settings.agentId, addresses.indexOf(address))),
      look: (address) => answerTo(life, look(life, addresses.indexOf(address))),
      failBackAfterMs,
      lanes: [...ports.values()],
      clock,
      random: world.random,
      log,
      hello: () => ({ capabilities: [], policyHash, agentVersion: '1', hostName: this.name, sources: [] }),
    });
    if (!life.isAlive) return;
    this.#uplink = uplink;
    const [stop, senders, deadline] = [world.controller(), world.controller(), world.controller()];
    this.#process = { life, buffers, stop };
    this.#isStarting = false;
    const sending = uplink.run(senders.signal);
    const { flushIntervalMs } = this.settings;
    if (this.settings.sortsLines) await this.#sortLines({ life, buffers, stop }, { ports, clock, log });
    const lanes = [...ports].flatMap(([lane, buffer]) => {
      const inputs = this.settings.sortsLines ? [] : this.#inputsOf(lane, life);
      if (inputs.length === 0) return [];
      const plan = { lane, buffer, policy, policyHash, inputs, clock, flushIntervalMs, log };
      return [runLane(plan, { stop: stop.signal, deadline: deadline.signal })];
    });
    await Promise.all(lanes);
    senders.abort();
    await sending;
    for (const buffer of buffers.values()) await buffer.close();
    if (life.isAlive) this.kill();
  }

  /** Until it is asked to stop. */
  async #sortLines(
    process: AgentProcess,
    { ports, clock, log }: { readonly ports: ReadonlyMap<LaneName, BatchBuffer>; readonly clock: Clock; readonly log: ProcessLog },
  ): Promise<void> {
    const { world, rules } = this.#around;
    const { life, buffers, stop } = process;
    const readerOf = (lane: LaneName): BatchBuffer | undefined => {
      const reader = buffers.get(lane)?.reader();
      return reader && rules.bufferPort(this.#watched(life, reader), this, () => clock.sleep(500));
    };
    const inputOf = (id: string): Input => {
      const input = this.#inputsOf(id === 'file' ? fileLane : datagramLane(this.settings), life).find(
        (one) => one.status().sourceId === id,
      );
      assert(input, `no input ${id}`);
      return input;
    };
    const disk = processDisk(world, life, this.disk);
    const { flushIntervalMs } = this.settings;
    const collector = await openCollector({ lanes: ports, readerOf, inputOf, disk, clock, flushIntervalMs, log, rules });
    await collector.apply(withFirst(policyOf(this.settings), this.#conditions));
    if (this.#process?.life === life) this.#process.collector = collector;
    await aborted(stop.signal);
    await collector.stop();
  }

  /** Whether it runs or not: what its configuration says from now on. */
  movePolicy(conditions: number): void {
    const { world } = this.#around;
    if (conditions === this.#conditions) return;
    this.#conditions = conditions;
    world.tell?.(`  ${this.name}: first is now ${conditions}`);
    this.#process?.collector?.apply(withFirst(policyOf(this.settings), conditions)).catch((error: unknown) => {
      if (isOurMistake(error)) world.blame(`${this.name}: a policy could not be applied: ${String(error)}`);
    });
  }

  async #openBuffers(life: Life, random: Random): Promise<Map<LaneName, LaneBuffer>> {
    const { world, rules } = this.#around;
    const contradicts = async (told: StreamPosition, own: StreamPosition): Promise<boolean> => contradictsFolder(this.folder, told, own);
    const { datagramsWhenFull, bufferBytes, generationBytes } = this.settings;
    const buffers = new Map<LaneName, LaneBuffer>();
    for (const lane of laneNames) {
      const buffer = await LaneBuffer.open({
        disk: processDisk(world, life, this.disk),
        folder: `buffer/${lane}`,
        lane,
        clock: world.clockOf(life, this.wall),
        random,
        whenFull: lane === fileLane ? 'block' : datagramsWhenFull,
        bytesMax: bufferBytes,
        generationBytes,
        reserveBytes: 2_048,
        slotBytes: 24 * 1024,
        seal: this.#sealOf(lane),
        ...((lane === fileLane || this.settings.sortsLines) && !rules.believesPositions ? { contradicts } : {}),
      });
      buffers.set(lane, buffer);
    }
    return buffers;
  }

  #sealOf(lane: LaneName): Seal {
    const { sealing } = this.settings;
    // Of its own, for it decides nothing; another in each life, as a machine's is.
    const random = seededRandom(this.#around.world.seed + this.#starts);
    const changing = [undefined, ...sealingKeys][this.#starts % 3];
    const current = sealing === 'plain' ? undefined : sealing === 'sealed' ? sealingKeys[0] : changing;
    return createSeal({ current, previous: sealing === 'changing' ? sealingKeys : [] }, lane, random);
  }

  #inputsOf(lane: LaneName, life: Life): Input[] {
    const { world, rules } = this.#around;
    const around = {
      world,
      life,
      clock: world.clockOf(life, this.wall),
      random: world.random,
      believesPositions: rules.believesPositions,
      noteRead: (streamId: string, lineNumber: number, line: Line): void => {
        const lines = this.read.get(streamId) ?? [];
        lines[lineNumber] = line;
        this.read.set(streamId, lines);
      },
    };
    return [
      ...(lane === fileLane ? [fileInput(this.folder, around)] : []),
      ...(lane === datagramLane(this.settings) ? [datagramInput(this.datagrams, around)] : []),
    ];
  }

  /** Notes what the buffer says is durable. */
  #watched(life: Life, buffer: BatchBuffer): BatchBuffer {
    return {
      append: async (sealed, signal) => {
        const isShared = this.settings.sortsLines;
        const texts = new Set(isShared ? textsIn(sealed) : []);
        await buffer.append(sealed, signal);
        if (!life.isAlive) return;
        if (isShared)
          for (const lines of this.read.values()) for (const line of lines) if (line && texts.has(line.text)) line.isBuffered = true;
        for (const { stream, lineNumber, counters } of sealed.positions) {
          const lines = isShared ? [] : (this.read.get(stream.streamId) ?? []);
          for (let number = lineNumber; number > 0 && lines[number] && !lines[number]?.isBuffered; number--) {
            const line = lines[number];
            if (line) line.isBuffered = true;
          }
          const known = this.buffered.get(stream.streamId) ?? { source: stream.sourceId, lines: 0 };
          known.lines = Math.max(known.lines, counters.linesRead);
          this.buffered.set(stream.streamId, known);
        }
      },
      next: (after, signal) => buffer.next(after, signal),
      free: (upTo) => buffer.free(upTo),
      positions: () => buffer.positions(),
      readBack: () => buffer.readBack(),
      laneState: () => buffer.laneState(),
      settle: (welcome) => buffer.settle(welcome),
      status: () => buffer.status(),
    };
  }
}

function datagramLane({ sharesLane }: AgentSettings): LaneName {
  return sharesLane ? fileLane : 'first';
}

function policyOf(settings: AgentSettings): Policy {
  const { datagramsWhenFull } = settings;
  const lane = datagramLane(settings);
  const known = policies.get(`${lane} ${datagramsWhenFull}`);
  if (known) return known;
  const source = { type: 'file', timeZone: 'UTC' };
  const policy = policySchema.parse({
    kind: 'Policy',
    version: 1,
    sources: [
      { ...source, id: 'file', paths: ['/logs/file'], lane: fileLane, whenFull: 'block' },
      { ...source, id: 'datagram', paths: ['/logs/datagram'], lane, whenFull: datagramsWhenFull },
    ],
    filter: [{ drop: { where: { kind: 'noise' } } }],
  });
  policies.set(`${lane} ${datagramsWhenFull}`, policy);
  return policy;
}
