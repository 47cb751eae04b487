// One connection of one agent: takes its frames, hands batches to the group commit, acknowledges what is durable.
// Promises: nothing is acknowledged that the journal has not written; a hostile frame closes this connection with a typed
// Refusal and touches no other; at most a full credit window of this agent waits for the journal, then its socket is not
// read; after finish() nothing is handed in any more. Who may speak for an agent is the gateway's business (gateway.ts).
import { timing, window, type LaneName } from '../../proto/delivery.ts';
import { decodeAgentFrame } from '../../proto/framing/decode-agent-frame.ts';
import { encodeAck, encodeBusy, encodeRefusal } from '../../proto/framing/encode-hub-frame.ts';
import type { AgentFrame, BatchFrame, Clocks, Credit, Hello, LostFrame, RefusalCode } from '../../proto/framing/messages.ts';
import { closeCodes, type Refused } from '../../proto/framing/refusals.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { unreachable } from '../../proto/runtime/errors.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type { JournalEntry } from '../ports.ts';
import { isWorthTelling, type Grant } from './credit.ts';
import type { GatewayLog } from './gateway-ports.ts';
import type { CommitOwner, Committed, GroupCommit } from './group-commit.ts';
import { entryOfBatch, entryOfLost } from './journal-entry.ts';
import type { Intake, LaneIntake } from './lane-intake.ts';
import type { LiveAgents } from './live-agents.ts';

export interface ConnectionContext {
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly groupCommit: GroupCommit;
  readonly live: LiveAgents;
  readonly grant: () => Grant;
  /** Sends Welcome and answers with the lanes that may go on; undefined when another connection took over meanwhile. */
  readonly greet: (connection: Connection, hello: Hello) => Promise<ReadonlyMap<LaneName, LaneIntake> | undefined>;
  /** This epoch's history is not ours: the next Welcome must say so. */
  readonly noteParted: (agentId: string, lane: LaneName, epoch: string) => void;
}

const hellosMax = 8;
/** Bytes of answers that an agent may leave unread. */
const unreadBytesMax = 4 * 1024 * 1024;
const shortRetryMs = 500;

export class Connection implements CommitOwner {
  readonly agentId: string;
  /** Order of arrival: the newest connection of an agent wins. */
  readonly number: number;
  readonly #channel: FrameChannel;
  readonly #context: ConnectionContext;
  readonly #openedMs: number;
  readonly #drained = new Wake();
  #lanes: ReadonlyMap<LaneName, LaneIntake> = new Map();
  #granted: Credit = { batches: 0, bytes: 0 };
  #waitingBatches = 0;
  #waitingBytes = 0;
  #hellos = 0;
  #heardMs: number;
  #isReading = true;
  #isOver = false;

  constructor(channel: FrameChannel, agentId: string, number: number, context: ConnectionContext) {
    this.#channel = channel;
    this.agentId = agentId;
    this.number = number;
    this.#context = context;
    this.#openedMs = context.clock.monotonicMs();
    this.#heardMs = this.#openedMs;
  }

  get isOver(): boolean {
    return this.#isOver || this.#channel.closed.aborted;
  }

  get isGreeted(): boolean {
    return this.#hellos > 0;
  }

  /** Ends when the channel closes. */
  async run(): Promise<void> {
    const { clock, live } = this.#context;
    for await (const bytes of this.#channel.frames()) {
      this.#heardMs = clock.monotonicMs();
      live.heard(this.agentId, clock.nowMs());
      this.#isReading = false;
      const frame = decodeAgentFrame(bytes);
      if (frame.ok) await this.#take(frame.value, bytes);
      else this.#refuseFrame(frame);
      this.#isReading = true;
      this.#heardMs = clock.monotonicMs();
      if (this.isOver) break;
    }
    this.#isOver = true;
  }

  send(frame: Uint8Array): void {
    if (this.isOver) return;
    if (this.#channel.queuedBytes() > unreadBytesMax) this.refuse('back-off', 'answers are not read', { retryAfterMs: shortRetryMs });
    // A failed send closes the channel, which ends run(); there is nobody else to tell.
    else this.#channel.send(frame).catch(() => undefined);
  }

  /** Says why, then closes. Safe to call twice. */
  refuse(code: RefusalCode, detail: string, how: { readonly closeCode?: number; readonly retryAfterMs?: number } = {}): void {
    if (this.isOver) return;
    const { log, live } = this.#context;
    this.#isOver = true;
    live.refused(this.agentId, `${code}: ${detail}`);
    log[code === 'protocol' || code === 'unknown-version' ? 'warn' : 'info']({ agent: this.agentId, code, detail }, 'connection refused');
    this.#channel.send(encodeRefusal({ code, detail, retryAfterMs: how.retryAfterMs ?? 0 })).catch(() => undefined);
    this.#channel.close(how.closeCode ?? closeCodes.policy, code);
    this.#drained.wake();
  }

  committed(done: readonly Committed[]): void {
    const { clock, live } = this.#context;
    const last = new Map<LaneName, JournalEntry>();
    for (const { entry, outcome } of done) {
      this.#left(entry);
      if (outcome === 'written') live.committed(entry, clock.nowMs());
      if (outcome === 'written' || outcome === 'repeat') last.set(entry.lane, entry);
      else this.refuse('back-off', `the journal stands elsewhere (${outcome}); say Hello again`, { retryAfterMs: shortRetryMs });
    }
    for (const [lane, entry] of last) {
      const intake = this.#lanes.get(lane);
      if (intake?.epochHex === entry.epoch) this.#acknowledge(intake, entry);
    }
  }

  commitFailed(): void {
    this.#waitingBatches = 0;
    this.#waitingBytes = 0;
    this.refuse('back-off', 'the hub could not write its journal', { closeCode: closeCodes.tryLater, retryAfterMs: shortRetryMs });
  }

  /** Called about once a second: time-outs, and credit that changed while nothing else was said. */
  tick(): void {
    if (this.isOver) return;
    const now = this.#context.clock.monotonicMs();
    if (!this.isGreeted && now - this.#openedMs > timing.helloTimeoutMs) {
      this.refuse('protocol', `no Hello within ${timing.helloTimeoutMs} ms`);
    } else if (this.#isReading && now - this.#heardMs > timing.silenceMsMax) {
      this.refuse('back-off', `silent for more than ${timing.silenceMsMax} ms`, { closeCode: closeCodes.silence });
    } else if (this.#lanes.size > 0) {
      const grant = this.#context.grant();
      if (isWorthTelling(this.#granted, grant.credit)) this.#tellCredit(grant);
    }
  }

  async #take(frame: AgentFrame, bytes: Uint8Array): Promise<void> {
    if (frame.is === 'hello') return this.#hello(frame.hello);
    if (!this.isGreeted) return this.refuse('protocol', 'the first message of a connection must be Hello');
    if (frame.is === 'batch') return this.#batch(frame.batch, bytes);
    if (frame.is === 'lost') return this.#lost(frame.lost, bytes);
    if (frame.is === 'heartbeat') {
      const hubClockMs = this.#context.clock.nowMs();
      const { agentClockMs } = frame.heartbeat;
      this.#context.live.heartbeat(this.agentId, frame.heartbeat, hubClockMs);
      return this.#tellCredit(this.#context.grant(), { hubClockMs, agentClockMs });
    }
    return unreachable(frame);
  }

  async #hello(hello: Hello): Promise<void> {
    if (++this.#hellos > hellosMax) return this.refuse('protocol', `more than ${hellosMax} Hellos on one connection`);
    // Until Welcome is out, nothing of an earlier Hello's lanes is acknowledged.
    this.#lanes = new Map();
    const lanes = await this.#context.greet(this, hello);
    if (!lanes || this.isOver) return;
    this.#lanes = lanes;
    this.#granted = this.#context.grant().credit;
  }

  async #batch(batch: BatchFrame, frame: Uint8Array): Promise<void> {
    const intake = this.#intakeOf(batch);
    if (!intake || !this.#mayTake(intake, intake.batch(batch))) return;
    const { agentId } = this;
    const entry = entryOfBatch(batch, { agentId, epoch: intake.epochHex, receivedAtMs: this.#context.clock.nowMs(), frame });
    if (entry.ok) await this.#handIn(entry.value);
    else this.#refuseFrame(entry);
  }

  async #lost(lost: LostFrame, frame: Uint8Array): Promise<void> {
    const intake = this.#intakeOf(lost);
    if (!intake || !this.#mayTake(intake, intake.lost(lost))) return;
    const { agentId } = this;
    const { log, live, clock } = this.#context;
    log.warn({ agent: agentId, lane: lost.lane, from: lost.from, to: lost.to, reason: lost.reason.slice(0, 100) }, 'agent lost batches');
    live.lost(agentId);
    await this.#handIn(entryOfLost(lost, { agentId, epoch: intake.epochHex, receivedAtMs: clock.nowMs(), frame }));
  }

  #intakeOf({ lane, epoch }: { readonly lane: LaneName; readonly epoch: Uint8Array }): LaneIntake | undefined {
    const intake = this.#lanes.get(lane);
    if (intake && Buffer.compare(intake.epoch, epoch) === 0) return intake;
    this.refuse('protocol', `batch of lane ${lane} in an epoch that Welcome did not open`, { closeCode: closeCodes.protocol });
    return undefined;
  }

  #mayTake(intake: LaneIntake, verdict: Intake): boolean {
    if (verdict.is === 'new') return true;
    if (verdict.is === 'repeat') {
      this.#context.live.repeated(this.agentId);
      return false;
    }
    if (verdict.is === 'parted') this.#context.noteParted(this.agentId, intake.lane, intake.epochHex);
    this.refuse('back-off', verdict.detail, { closeCode: closeCodes.protocol, retryAfterMs: shortRetryMs });
    return false;
  }

  async #handIn(entry: JournalEntry): Promise<void> {
    const { groupCommit } = this.#context;
    while (!this.isOver && (this.#waitingBatches >= window.creditBatchesDefault || this.#waitingBytes >= window.creditBytesDefault)) {
      await this.#drained.wait(this.#channel.closed);
    }
    await groupCommit.room(this.#channel.closed);
    // No await between this question and the offer: a newer connection may be waiting for us to be over.
    if (this.isOver) return;
    this.#waitingBatches++;
    this.#waitingBytes += entry.frame.length;
    groupCommit.offer(this, entry);
  }

  #left(entry: JournalEntry): void {
    this.#waitingBatches--;
    this.#waitingBytes -= entry.frame.length;
    this.#drained.wake();
  }

  #acknowledge(intake: LaneIntake, entry: JournalEntry): void {
    const { credit } = this.#context.grant();
    this.#granted = credit;
    this.send(encodeAck({ lane: intake.lane, epoch: intake.epoch, sequence: entry.sequence, hash: entry.hash, credit }));
  }

  #tellCredit({ credit, reason }: Grant, clocks?: Clocks): void {
    this.#granted = credit;
    if (credit.batches === 0) this.send(encodeBusy({ credit, reason, clocks }));
    else this.send(encodeAck({ lane: undefined, epoch: new Uint8Array(0), sequence: 0, hash: new Uint8Array(0), credit, clocks }));
  }

  #refuseFrame({ reason, detail }: Refused): void {
    const code = reason === 'unknown-version' ? 'unknown-version' : 'protocol';
    const byReason = { 'too-large': closeCodes.tooLarge, 'wrong-type': closeCodes.wrongType };
    const closeCode = reason === 'too-large' || reason === 'wrong-type' ? byReason[reason] : closeCodes.protocol;
    this.refuse(code, `${reason}: ${detail}`, { closeCode });
  }
}
