// One connection of an agent to its hub, from Hello to its end.
// Promises: batches go out lane by lane in order, `first` before `normal`, within the credit; a batch is freed only when
// the hub acknowledged that very batch; after a silence, a refusal or anything that is no protocol the session ends and
// says why. Nothing is remembered between sessions: the next Hello asks again.
import { limits, protocolVersion, timing, type LaneName } from '../../proto/delivery.ts';
import { decodeHubFrame } from '../../proto/framing/decode-hub-frame.ts';
import { encodeHeartbeat, encodeHello } from '../../proto/framing/encode-hello.ts';
import type { Ack, Clocks, Credit, HubFrame, Refusal, Welcome } from '../../proto/framing/messages.ts';
import { closeCodes } from '../../proto/framing/refusals.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { AtalaiaError, unreachable } from '../../proto/runtime/errors.ts';
import { killPoint } from '../../proto/runtime/kill-points.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type { BatchBuffer, StoredBatch } from '../ports.ts';
import { SendWindow } from './send-window.ts';
import type { Address } from './address-book.ts';
import type { Leave } from './leave.ts';
import type { RateLimit } from './rate-limit.ts';
import { settlementOf } from './settlement.ts';
import type { AddressStatus, HelloParts, UplinkLog, UplinkStatus } from './uplink-status.ts';

export interface SessionOptions {
  readonly channel: FrameChannel;
  readonly lanes: readonly BatchBuffer[];
  readonly clock: Clock;
  readonly hello: () => HelloParts;
  readonly log: UplinkLog;
  readonly status: UplinkStatus;
  /** Of the address that the channel leads to. */
  readonly address: AddressStatus;
  readonly leave: Leave;
  readonly rate: RateLimit | undefined;
  /** The hub's time, and when (monotonic) what it answers was sent. */
  readonly heardClock: (hubClockMs: number, askedMs: number) => void;
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
const none = new Uint8Array(0);

export async function runSession(options: SessionOptions): Promise<SessionEnd> {
  return new Session(options).run();
}

class Session {
  readonly #options: SessionOptions;
  readonly #window = new SendWindow();
  readonly #wake = new Wake();
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #lanes: ReadonlyMap<LaneName, BatchBuffer>;
  /** Epochs as the last Hello said them. */
  readonly #epochs = new Map<LaneName, Uint8Array>();
  /** The batch of each lane that goes next, and lanes whose buffer is being asked. */
  readonly #ready = new Map<LaneName, StoredBatch>();
  readonly #asking = new Set<LaneName>();
  #hellos = 0;
  #helloSentMs = 0;
  /** The last heartbeat: what it said the time was, and when it left. */
  #beat: { readonly agentClockMs: number; readonly sentMs: number } | undefined;
  #isGreeted = false;
  #heardMs: number;
  #progressMs: number;
  #end: SessionEnd | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, options.channel.closed, this.#stop.signal]);
    const inOrder = [...options.lanes].sort((a, b) => (a.status().lane === 'first' ? 0 : 1) - (b.status().lane === 'first' ? 0 : 1));
    this.#lanes = new Map(inOrder.map((buffer) => [buffer.status().lane, buffer]));
    this.#heardMs = options.clock.monotonicMs();
    this.#progressMs = this.#heardMs;
  }

  async run(): Promise<SessionEnd> {
    const { channel, signal, leave } = this.#options;
    const onAbort = (): void => this.#finish({ is: 'stopped' }, closeCodes.goingAway, 'agent stops');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const tasks = [this.#greet(), this.#receive(), this.#watch(), this.#beats(), this.#hearWishes(leave)];
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
      this.#compareClocks(frame.busy.clocks);
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
    this.#compareClocks(clocks);
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

  #compareClocks(clocks: Clocks | undefined): void {
    const beat = this.#beat;
    if (clocks && beat && clocks.agentClockMs === beat.agentClockMs) this.#options.heardClock(clocks.hubClockMs, beat.sentMs);
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
      for (const lane of lanes) this.#ask(lane);
      const batch = this.#ready.get('first') ?? this.#ready.get('normal');
      if (!batch || !this.#window.hasRoom(batch.frame.length)) {
        await this.#wake.wait(this.#signal);
        continue;
      }
      const waitMs = rate?.waitMs(batch.lane) ?? 0;
      if (waitMs > 0) {
        await this.#wakeWithin(waitMs);
        continue;
      }
      this.#ready.delete(batch.lane);
      if (this.#window.batches === 0) this.#progressMs = clock.monotonicMs();
      this.#window.sent(batch.lane, { sequence: batch.sequence, bytes: batch.frame.length, hash: batch.hash });
      rate?.sent(batch.lane, batch.frame.length);
      await channel.send(batch.frame);
      killPoint('agent.after-send');
      for (const counts of [status, address]) {
        counts.batchesSent++;
        counts.bytesSent += batch.frame.length;
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

  /** Looks one batch ahead in each lane, so that `first` overtakes `normal` at any moment. */
  #ask(lane: LaneName): void {
    const buffer = this.#lanes.get(lane);
    if (!buffer || this.#ready.has(lane) || this.#asking.has(lane)) return;
    this.#asking.add(lane);
    const next = async (): Promise<void> => {
      const batch = await buffer.next(this.#window.lastSent(lane), this.#signal);
      this.#asking.delete(lane);
      if (!batch) return;
      if (batch.frame.length > limits.frameBytesMax) throw protocolError(`batch ${lane} ${batch.sequence} is larger than a frame may be`);
      // The buffer found damage meanwhile and went on in another epoch, which only a new Hello can tell.
      if (Buffer.compare(batch.epoch, this.#epochs.get(lane) ?? none) !== 0) throw epochChanged(lane);
      this.#ready.set(lane, batch);
      this.#wake.wake();
    };
    void this.#task(next());
  }

  async #beats(): Promise<void> {
    const { clock, channel, hello, lanes } = this.#options;
    for await (const _ of ticks(timing.heartbeatIntervalMs, { clock, signal: this.#signal })) {
      const buffers = lanes.map((buffer) => buffer.status());
      const agentClockMs = clock.nowMs();
      const frame = encodeHeartbeat({
        agentClockMs,
        sources: hello().sources,
        bufferedBatches: buffers.reduce((sum, { batches }) => sum + batches, 0),
        bufferedBytes: buffers.reduce((sum, { bytes }) => sum + bytes, 0),
      });
      if (!this.#isGreeted) continue;
      this.#beat = { agentClockMs, sentMs: clock.monotonicMs() };
      await channel.send(frame);
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
    status.creditBatches = isOver ? 0 : this.#window.credit.batches;
    status.creditBytes = isOver ? 0 : this.#window.credit.bytes;
  }
}

function epochChanged(lane: LaneName): AtalaiaError {
  return new AtalaiaError('EPOCH_CHANGED', `lane ${lane} went on in a new epoch; the connection is opened again`, { isRetryable: true });
}

function protocolError(text: string): AtalaiaError {
  return new AtalaiaError('UPLINK_PROTOCOL', `${text}; nothing was freed for it, the connection is opened again`, { isRetryable: true });
}
