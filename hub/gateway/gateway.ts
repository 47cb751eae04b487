// The hub's end of the data plane: connections of verified agents in, journal writes and acknowledgements out.
// Promises (DELIVERY.md 11 to 16): the newest connection of an agent wins, and what the old one handed in is committed or
// thrown away before Welcome; Welcome says what both sides have in common; acks follow the journal; credit shrinks with
// the load and wakes waiting agents. Runs on ports alone (channel, clock, journal), so that the simulation runs this code.
// Limits: connectionsMax, one connection per agent, a bucket of connects per agent.
import { protocolVersion, type LaneName } from '../../proto/delivery.ts';
import { encodeWelcome } from '../../proto/framing/encode-hub-frame.ts';
import type { Hello, HelloLane, LaneWelcome, WirePosition } from '../../proto/framing/messages.ts';
import { closeCodes } from '../../proto/framing/refusals.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import type { LaneMark, StreamMark } from '../ports.ts';
import { compareHistories, pairsOf, type Comparison } from './compare-histories.ts';
import { ConnectLimit } from './connect-limit.ts';
import { Connection, type ConnectionContext } from './connection.ts';
import { grantUnder, type Grant } from './credit.ts';
import type { AgentSnapshot, ConnectedPeer, GatewayOptions } from './gateway-ports.ts';
import { GroupCommit } from './group-commit.ts';
import { LaneIntake } from './lane-intake.ts';
import { LiveAgents } from './live-agents.ts';

/** The connection that speaks for an agent, and the order of those that want to. */
interface Slot {
  current: Connection | undefined;
  readonly arriving: Set<Connection>;
  readonly serial: Serial;
}

const connectionsMax = 20_000;
const partedMax = 20_000;
const tickMs = 500;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #groupCommit: GroupCommit;
  readonly #live: LiveAgents;
  readonly #limit: ConnectLimit;
  readonly #context: ConnectionContext;
  readonly #slots = new Map<string, Slot>();
  readonly #connections = new Set<Connection>();
  /** Epochs seen to part on a connection, until the agent has begun another. */
  readonly #parted = new Set<string>();
  #connectionNumber = 0;
  #isClosing = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { journal, clock, log, pendingBytesMax } = options;
    this.#groupCommit = new GroupCommit({ journal, clock, log, ...(pendingBytesMax === undefined ? {} : { pendingBytesMax }) });
    this.#live = new LiveAgents((agentId) => options.onChange?.(agentId));
    this.#limit = new ConnectLimit(clock);
    this.#context = {
      clock,
      log,
      groupCommit: this.#groupCommit,
      live: this.#live,
      grant: () => this.#grant(),
      greet: (connection, hello) => this.#greet(connection, hello),
      noteParted: (agentId, lane, epoch) => this.#noteParted(agentId, lane, epoch),
    };
  }

  /** The group commit and the time-outs; ends when the signal aborts, with every connection told to come back. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const beat = async (): Promise<void> => {
      for await (const _ of ticks(tickMs, { clock, signal })) for (const connection of this.#connections) connection.tick();
      this.#isClosing = true;
      for (const connection of this.#connections) this.#sendAway(connection);
    };
    await Promise.all([this.#groupCommit.run(signal), beat()]);
  }

  /** One connection of a peer whose certificate was verified. Resolves when it is over and nothing of it is pending. */
  async serve(channel: FrameChannel, peer: ConnectedPeer, signal: AbortSignal): Promise<void> {
    const { agentId } = peer;
    const connection = new Connection(channel, agentId, ++this.#connectionNumber, this.#context);
    const waitMs = this.#limit.take(agentId);
    if (waitMs > 0 || this.#connections.size >= connectionsMax) {
      const detail = waitMs > 0 ? 'this agent connects too often' : `the hub has ${connectionsMax} connections, its limit`;
      connection.refuse('back-off', detail, { closeCode: closeCodes.tryLater, retryAfterMs: Math.max(waitMs, 10_000) });
      return;
    }
    if (signal.aborted || this.#isClosing) return this.#sendAway(connection);
    const slot = this.#slotOf(agentId);
    this.#live.cameFrom(agentId, peer.address ?? '');
    const onAbort = (): void => this.#sendAway(connection);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#connections.add(connection);
    slot.arriving.add(connection);
    try {
      await connection.run();
    } finally {
      signal.removeEventListener('abort', onAbort);
      channel.close(closeCodes.normal, '');
      await this.#groupCommit.withdraw(connection);
      this.#leave(connection, slot);
    }
  }

  agents(): readonly AgentSnapshot[] {
    return this.#live.snapshot();
  }

  /** Cuts the live connection of an agent whose certificate was revoked. */
  disconnect(agentId: string, reason: string): void {
    for (const connection of this.#slots.get(agentId)?.arriving ?? []) {
      connection.refuse('not-authorised', reason, { closeCode: closeCodes.notAuthorised });
    }
  }

  status(): { readonly connections: number; readonly credit: number; readonly pendingShare: number } {
    return {
      connections: this.#connections.size,
      credit: this.#grant().credit.batches,
      pendingShare: this.#groupCommit.load().pendingShare,
    };
  }

  #sendAway(connection: Connection): void {
    connection.refuse('back-off', 'the hub is stopping', { closeCode: closeCodes.goingAway, retryAfterMs: 1_000 });
  }

  #grant(): Grant {
    const { journal, credit } = this.#options;
    return grantUnder({ fraction: credit(), isJournalFull: journal.status().isFull, ...this.#groupCommit.load() });
  }

  #slotOf(agentId: string): Slot {
    const known = this.#slots.get(agentId);
    if (known) return known;
    const slot: Slot = { current: undefined, arriving: new Set(), serial: new Serial() };
    this.#slots.set(agentId, slot);
    return slot;
  }

  #leave(connection: Connection, slot: Slot): void {
    this.#connections.delete(connection);
    slot.arriving.delete(connection);
    if (slot.current === connection) {
      slot.current = undefined;
      this.#live.disconnected(connection.agentId, this.#options.clock.nowMs());
    }
    if (slot.arriving.size === 0) this.#slots.delete(connection.agentId);
  }

  async #greet(connection: Connection, hello: Hello): Promise<ReadonlyMap<LaneName, LaneIntake> | undefined> {
    const slot = this.#slotOf(connection.agentId);
    return slot.serial.run(async () => {
      if (!(await this.#takeOver(connection, slot))) return undefined;
      const lanes = await this.#welcome(connection, hello).catch((error: unknown) => this.#sendBack(connection, error));
      if (connection.isOver) return undefined;
      slot.current = connection;
      this.#live.connected(connection.agentId, hello, this.#options.clock.nowMs());
      return lanes;
    });
  }

  /** The newest wins. Before it goes on, what any other handed in is committed or thrown away, and that one is closed. */
  async #takeOver(connection: Connection, slot: Slot): Promise<boolean> {
    const others = [...slot.arriving].filter((other) => other !== connection);
    if (others.some((other) => other.number > connection.number && other.isGreeted && !other.isOver)) {
      connection.refuse('superseded', 'a newer connection of this agent took over', { closeCode: closeCodes.superseded });
      return false;
    }
    for (const other of others) {
      if (other.number > connection.number) continue;
      other.refuse('superseded', 'a newer connection of this agent took over', { closeCode: closeCodes.superseded });
      await this.#groupCommit.withdraw(other);
    }
    await this.#groupCommit.withdraw(connection);
    return !connection.isOver;
  }

  async #welcome(connection: Connection, hello: Hello): Promise<Map<LaneName, LaneIntake>> {
    const { journal, clock, hubId, incarnation } = this.#options;
    const { agentId } = connection;
    const marks = await journal.laneMarks(agentId);
    const intakes = new Map<LaneName, LaneIntake>();
    const lanes: LaneWelcome[] = [];
    let positions: readonly WirePosition[] | undefined;
    for (const lane of hello.lanes) {
      const comparison = compareHistories(lane, marks, this.#parted.has(partedKey(agentId, lane.lane, hex(lane.epoch))));
      if (comparison.mayBegin) {
        await journal.beginEpoch(agentId, lane.lane, hex(lane.epoch));
        this.#forgetParted(agentId, lane.lane);
      }
      if (comparison.mustTellPositions) positions ??= newestFirst(await journal.streamMarks(agentId));
      lanes.push(laneWelcomeOf(lane, comparison, positions ?? []));
      const intake = intakeOf(lane, comparison, marks);
      if (intake) intakes.set(lane.lane, intake);
      if (comparison.parted) this.#options.log.warn({ agent: agentId, lane: lane.lane }, 'histories of agent and hub parted');
    }
    const { credit } = this.#grant();
    connection.send(encodeWelcome({ protocolVersion, hubId, incarnation, lanes, credit, hubClockMs: clock.nowMs() }));
    return intakes;
  }

  /** A Welcome on marks that are not certain would begin on another history: the agent comes back and asks again. */
  #sendBack(connection: Connection, error: unknown): undefined {
    this.#options.log.warn(
      { err: error, agent: connection.agentId },
      'the journal does not say where this agent stands; it is asked again',
    );
    connection.refuse('back-off', 'the hub cannot read its journal now', { closeCode: closeCodes.tryLater, retryAfterMs: 1_000 });
  }

  #noteParted(agentId: string, lane: LaneName, epoch: string): void {
    // Forgetting one costs that agent another round: the chain parts again, and is noted again.
    const [oldest] = this.#parted;
    if (this.#parted.size >= partedMax && oldest !== undefined) this.#parted.delete(oldest);
    this.#parted.add(partedKey(agentId, lane, epoch));
  }

  #forgetParted(agentId: string, lane: LaneName): void {
    const prefix = partedKey(agentId, lane, '');
    for (const key of this.#parted) if (key.startsWith(prefix)) this.#parted.delete(key);
  }
}

function partedKey(agentId: string, lane: LaneName, epoch: string): string {
  return `${agentId}/${lane}/${epoch}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function laneWelcomeOf(lane: HelloLane, comparison: Comparison, positions: readonly WirePosition[]): LaneWelcome {
  const { epochKnown, parted, commonSequence, commonHash, mustTellPositions } = comparison;
  return {
    lane: lane.lane,
    epoch: lane.epoch,
    epochKnown,
    parted,
    commonSequence,
    commonHash,
    positions: mustTellPositions ? positions : [],
  };
}

function intakeOf(lane: HelloLane, { goesOnAfter }: Comparison, marks: readonly LaneMark[]): LaneIntake | undefined {
  if (!goesOnAfter) return undefined;
  const mark = marks.find((known) => known.lane === lane.lane && known.epoch === hex(lane.epoch));
  return new LaneIntake({ lane: lane.lane, epoch: lane.epoch, ...goesOnAfter, pairs: mark ? pairsOf(mark) : new Map() });
}

/** A Welcome that is too small for all tells the streams that moved last. */
function newestFirst(marks: readonly StreamMark[]): WirePosition[] {
  return [...marks]
    .sort((a, b) => b.write - a.write)
    .map(({ sourceId, streamId, file, offset, lineNumber, tailHash, cursor, counters }) => {
      return { sourceId, streamId, file, offset, lineNumber, tailHash, cursor, counters };
    });
}
