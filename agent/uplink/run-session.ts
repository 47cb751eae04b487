// One connection of an agent to its hub, from Hello to its end.
// Promises: batches go out lane by lane in order, `first` before `normal`, within the credit; a batch is freed only when
// the hub acknowledged that very batch; after a silence, a refusal or anything that is no protocol the session ends and
// says why. Nothing is remembered between sessions: the next Hello asks again.
import { protocolVersion, timing, type LaneName } from '../../proto/delivery.ts';
import { decodeHubFrame } from '../../proto/framing/decode-hub-frame.ts';
import { encodeHello } from '../../proto/framing/encode-hello.ts';
import type { Ack, Credit, HubFrame, Refusal, Welcome } from '../../proto/framing/messages.ts';
import { closeCodes } from '../../proto/framing/refusals.ts';
import { AtalaiaError, unreachable } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type { BatchBuffer } from '../ports.ts';
import type { Address } from './address-book.ts';
import { Heartbeats, type HeartbeatParts } from './heartbeats.ts';
import type { Leave } from './leave.ts';
import { NextBatches } from './next-batches.ts';
import type { RateLimit } from './rate-limit.ts';
import { SendWindow } from './send-window.ts';
import { protocolError } from './session-errors.ts';
import { settlementOf } from './settlement.ts';
import type { AddressStatus, UplinkLog, UplinkStatus } from './uplink-status.ts';

export interface SessionOptions extends HeartbeatParts {
  readonly log: UplinkLog;
  readonly status: UplinkStatus;
  /** Of the address that the channel leads to. */
  readonly address: AddressStatus;
  readonly leave: Leave;
  readonly rate: RateLimit | undefined;
  /** Throws when this hub may not be given anything; asked before a Welcome is obeyed. */
  readonly checkHub: (welcome: Welcome) => void;
  readonly signal: AbortSignal;
}

export type SessionEnd =
  | { readonly is: 'stopped' }
  /** As it was asked to: everything sent is acknowledged. */
  | { readonly is: 'left'; readonly to: Address }
  | { readonly is: 'refused'; readonly refusal: Refusal }
  | { readonly is: 'lost'; readonly error: unknown };

/** Second Hellos that one connection may need: two lanes that part, one after the other, and one to spare. */
const hellosMax = 4;
/** Batches in flight, a hub that grants credit, and no ack for this long: the hub has forgotten us. */
const ackStallMsMax = 120_000;

export async function runSession(options: SessionOptions): Promise<SessionEnd> {
  return new Session(options).run();
}

class Session {
  readonly #options: SessionOptions;
  readonly #window = new SendWindow();
  readonly #heartbeats: Heartbeats;
  readonly #wake = new Wake();
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #lanes: ReadonlyMap<LaneName, BatchBuffer>;
  /** Epochs as the last Hello said them. */
  readonly #epochs = new Map<LaneName, Uint8Array>();
  readonly #next: NextBatches;
  #hellos = 0;
  #helloSentMs = 0;
  #isGreeted = false;
  #heardMs: number;
  #progressMs: number;
  #end: SessionEnd | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#heartbeats = new Heartbeats(options);
    this.#signal = AbortSignal.any([options.signal, options.channel.closed, this.#stop.signal]);
    const inOrder = [...options.lanes].sort((a, b) => (a.status().lane === 'first' ? 0 : 1) - (b.status().lane === 'first' ? 0 : 1));
    this.#lanes = new Map(inOrder.map((buffer) => [buffer.status().lane, buffer]));
    this.#next = new NextBatches({
      lanes: this.#lanes,
      epochOf: (lane) => this.#epochs.get(lane),
      lastSent: (lane) => this.#window.lastSent(lane),
      onReady: () => this.#wake.wake(),
      run: (task) => void this.#task(task),
      signal: this.#signal,
    });
    this.#heardMs = options.clock.monotonicMs();
    this.#progressMs = this.#heardMs;
  }

  async run(): Promise<SessionEnd> {
    const { channel, signal, leave } = this.#options;
    const onAbort = (): void => this.#finish({ is: 'stopped' }, closeCodes.goingAway, 'agent stops');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const tasks = [this.#greet(), this.#receive(), this.#watch(), this.#hearWishes(leave)];
    tasks.push(this.#heartbeats.run(() => this.#isGreeted, this.#signal));
    await Promise.all(tasks.map((task) => this.#task(task)));
    await this.#task(this.#sending ?? Promise.resolve());
    signal.removeEventListener('abort', onAbort);
    this.#tellWindow();
    return this.#end ?? { is: 'lost', error: channel.closed.reason };
  }

  /** The first thing that ends a session is its reason. */
  #finish(end: SessionEnd, code: number, reason: string): void {
    this.#end ??= end;
    this.#options.channel.close(code, reason);
    this.#stop.abort();
  }

  async #task(task: Promise<void>): Promise<void> {
    try {
      await task;
    } catch (error) {
      if (!this.#signal.aborted) this.#finish({ is: 'lost', error }, closeCodes.goingAway, 'agent failed');
    }
  }

  async #greet(): Promise<void> {
    const { hello, clock, lanes, channel } = this.#options;
    if (++this.#hellos > hellosMax) throw protocolError(`the hub asked for more than ${hellosMax} Hellos`);
    this.#isGreeted = false;
    const states = await Promise.all(lanes.map((buffer) => buffer.laneState()));
    for (const { lane, epoch } of states) this.#epochs.set(lane, epoch);
    this.#helloSentMs = clock.monotonicMs();
    const parts = hello();
    await channel.send(encodeHello({ protocolVersion, lanes: states, agentClockMs: clock.nowMs(), ...parts }));
  }

  async #receive(): Promise<void> {
    const { channel, clock } = this.#options;
    for await (const bytes of channel.frames()) {
      this.#heardMs = clock.monotonicMs();
      const frame = decodeHubFrame(bytes);
      if (!frame.ok) throw protocolError(`the hub sent a frame that was refused (${frame.reason}): ${frame.detail}`);
      await this.#obey(frame.value);
    }
    this.#stop.abort();
  }

  async #obey(frame: HubFrame): Promise<void> {
    if (frame.is === 'welcome') await this.#settle(frame.welcome);
    else if (frame.is === 'ack') await this.#acknowledge(frame.ack);
    else if (frame.is === 'busy') {
      this.#progressMs = this.#heardMs;
      this.#heartbeats.answered(frame.busy.clocks);
      this.#grant(frame.busy.credit, frame.busy.reason || 'the hub is busy');
    } else if (frame.is === 'refusal') {
      this.#finish({ is: 'refused', refusal: frame.refusal }, closeCodes.normal, 'refused');
    } else unreachable(frame);
  }

  async #settle(welcome: Welcome): Promise<void> {
    if (this.#isGreeted) throw protocolError('the hub sent a second Welcome');
    const { log, checkHub, heardClock } = this.#options;
    checkHub(welcome);
    heardClock(welcome.hubClockMs, this.#helloSentMs);
    let mustGreetAgain = false;
    for (const lane of welcome.lanes) {
      const buffer = this.#lanes.get(lane.lane);
      const epoch = this.#epochs.get(lane.lane);
      if (!buffer || !epoch || Buffer.compare(epoch, lane.epoch) !== 0)
        throw protocolError('the hub welcomed an epoch that was not asked about');
      if (lane.parted) log.warn({ lane: lane.lane, common: lane.commonSequence }, 'histories of agent and hub parted');
      if (await buffer.settle(settlementOf(lane))) mustGreetAgain = true;
    }
    if (mustGreetAgain) {
      await this.#greet();
      return;
    }
    this.#begin(welcome);
  }

  #begin(welcome: Welcome): void {
    const { status, address, clock, log } = this.#options;
    this.#isGreeted = true;
    this.#progressMs = clock.monotonicMs();
    for (const { lane } of welcome.lanes) this.#window.begin(lane, this.#lanes.get(lane)?.status().ackedSequence ?? 0);
    status.state = 'connected';
    status.connectedSinceMs = clock.nowMs();
    status.lastError = '';
    address.sessions++;
    address.lastError = '';
    log.info({ address: address.address, lanes: welcome.lanes.map(({ lane }) => lane) }, 'connected to hub');
    this.#grant(welcome.credit, '');
    this.#sending ??= this.#task(this.#send(welcome.lanes.map(({ lane }) => lane)));
  }

  /** Cumulative: frees everything up to it. An ack that cannot be true ends the session before anything is freed. */
  async #acknowledge({ lane, epoch, sequence, hash, credit, clocks }: Ack): Promise<void> {
    this.#heartbeats.answered(clocks);
    if (lane !== undefined) {
      const ours = this.#epochs.get(lane);
      if (!this.#isGreeted || !ours || Buffer.compare(ours, epoch) !== 0) throw protocolError('the hub acknowledged another epoch');
      const before = { batches: this.#window.batches, bytes: this.#window.bytes };
      const verdict = this.#window.ack(lane, sequence, hash);
      if (verdict === 'never-sent') throw protocolError(`the hub acknowledged ${lane} ${sequence}, which was never sent`);
      if (verdict === 'other-hash') throw protocolError(`the hub acknowledged ${lane} ${sequence} with another hash`);
      if (verdict === 'progress') {
        const { status, address, clock } = this.#options;
        const [batches, bytes] = [before.batches - this.#window.batches, before.bytes - this.#window.bytes];
        await this.#lanes.get(lane)?.free(sequence);
        for (const counts of [status, address]) {
          counts.batchesAcked += batches;
          counts.bytesAcked += bytes;
        }
        status.lastAckMs = clock.nowMs();
        this.#progressMs = clock.monotonicMs();
      }
    }
    if (credit) this.#grant(credit, credit.batches === 0 ? 'the hub grants no credit' : '');
    else this.#wake.wake();
    this.#tellWindow();
  }

  #grant(credit: Credit | undefined, busyReason: string): void {
    if (credit) this.#window.grant(credit);
    this.#options.status.busyReason = busyReason;
    this.#tellWindow();
    this.#wake.wake();
  }

  async #send(lanes: readonly LaneName[]): Promise<void> {
    const { channel, status, address, clock, leave, rate } = this.#options;
    while (!this.#signal.aborted) {
      if (leave.to) {
        if (this.#window.batches === 0) return this.#finish({ is: 'left', to: leave.to }, closeCodes.normal, 'going to a preferred hub');
        await this.#wake.wait(this.#signal);
        continue;
      }
      const batch = this.#next.peek(lanes);
      if (!batch || !this.#window.hasRoom(batch.frame.length)) {
        await this.#wake.wait(this.#signal);
        continue;
      }
      const waitMs = rate?.waitMs(batch.lane) ?? 0;
      if (waitMs > 0) {
        await this.#wakeWithin(waitMs);
        continue;
      }
      this.#next.taken(batch);
      if (this.#window.batches === 0) this.#progressMs = clock.monotonicMs();
      this.#window.sent(batch.lane, { sequence: batch.sequence, bytes: batch.frame.length, hash: batch.hash });
      rate?.sent(batch.lane, batch.frame.length);
      const { length } = batch.frame;
      await channel.send(batch.frame);
      killPoint('agent.after-send');
      for (const counts of [status, address]) {
        counts.batchesSent++;
        counts.bytesSent += length;
      }
      this.#tellWindow();
    }
  }

  /** Until something changed, for so long at most: a batch of another lane may go first. */
  async #wakeWithin(ms: number): Promise<void> {
    const over = new AbortController();
    const late = this.#options.clock.sleep(ms, over.signal).then(
      () => this.#wake.wake(),
      () => undefined,
    );
    await this.#wake.wait(this.#signal);
    over.abort();
    await late;
  }

  /** Wakes the sender when somebody wants to leave, or does not any more. */
  async #hearWishes(leave: Leave): Promise<void> {
    while (!this.#signal.aborted) {
      await leave.changed.wait(this.#signal);
      this.#wake.wake();
    }
  }

  /** Silence, a Welcome that does not come, acks that do not come: each ends the session. */
  async #watch(): Promise<void> {
    const { clock } = this.#options;
    const begunMs = clock.monotonicMs();
    for await (const _ of ticks(1_000, { clock, signal: this.#signal })) {
      const now = clock.monotonicMs();
      if (this.#window.credit.batches === 0) this.#progressMs = now;
      const isLate = !this.#isGreeted && this.#hellos <= 1 && now - begunMs > timing.helloTimeoutMs;
      const isStalled = this.#window.batches > 0 && now - this.#progressMs > ackStallMsMax;
      if (!isLate && !isStalled && now - this.#heardMs <= timing.silenceMsMax) continue;
      const what = isLate ? 'no Welcome came' : isStalled ? 'no ack came' : 'the hub fell silent';
      const error = new AtalaiaError('HUB_SILENT', `${what}; the connection is opened again`, { isRetryable: true });
      this.#finish({ is: 'lost', error }, closeCodes.silence, what);
    }
  }

  #tellWindow(): void {
    const { status } = this.#options;
    const isOver = this.#end !== undefined || this.#options.channel.closed.aborted;
    status.inFlightBatches = isOver ? 0 : this.#window.batches;
    status.inFlightBytes = isOver ? 0 : this.#window.bytes;
    status.lastSent = isOver || !this.#isGreeted ? {} : this.#window.allSent();
    status.creditBatches = isOver ? 0 : this.#window.credit.batches;
    status.creditBytes = isOver ? 0 : this.#window.credit.bytes;
  }
}
