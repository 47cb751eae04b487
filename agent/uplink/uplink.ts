// Keeps an agent connected to one hub cluster: connects to the first of its addresses that answers, runs a session,
// goes on to the next when it ends, waits after a round, again; and goes back to a preferred address that has proved
// itself, at a batch boundary. A second hub is a second Uplink with lanes of its own.
// Promises: full jitter between rounds and a little between addresses (delivery.ts), so that a thousand agents do not come
// back at once, nor all fall on the next hub in the same instant; a refusal is obeyed (judge-end.ts says for which
// address, and how long). Nothing is lost while it waits: batches stay in the buffer. run() ends only when its signal aborts.
import { reconnectDelayMs } from '../../proto/delivery.ts';
import type { Welcome } from '../../proto/framing/messages.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { aborted } from '../../proto/runtime/until-stopped.ts';
import type { BatchBuffer } from '../ports.ts';
import { AddressBook, type Address } from './address-book.ts';
import { ClockOffset } from './clock-offset.ts';
import { FailBack } from './fail-back.ts';
import { judgeEnd, type Verdict } from './judge-end.ts';
import { Leave } from './leave.ts';
import type { RateLimit } from './rate-limit.ts';
import { runSession, type SessionEnd } from './run-session.ts';
import { newUplinkStatus, type HelloParts, type UplinkLog, type UplinkReport } from './uplink-status.ts';

export interface UplinkOptions {
  /** Of one cluster, in the order of preference; at least one. */
  readonly addresses: readonly string[];
  /** Opens an authenticated connection; rejects with code NOT_AUTHORISED when the hub does not accept the certificate. */
  readonly connect: (address: string, signal: AbortSignal) => Promise<FrameChannel>;
  /** Looks whether the hub at an address can be reached, at no cost to it. Without it there is no way back but by failure. */
  readonly look?: (address: string, signal: AbortSignal) => Promise<void>;
  /** How long a preferred address must have been reachable. */
  readonly failBackAfterMs?: number;
  /** Shared where several uplinks share a line. */
  readonly rate?: RateLimit;
  readonly lanes: readonly BatchBuffer[];
  readonly clock: Clock;
  readonly random: Random;
  readonly hello: () => HelloParts;
  readonly log: UplinkLog;
}

/** A session that lasted this long or got an ack was a good one: the next attempt counts as the first. */
const goodSessionMs = 30_000;
/** Acks that do not come within this time put a fail-back off: the hub in use is slow, and still the one that has them. */
const leaveMsMax = 30_000;
/** All agents of a hub that died come to the next one: over so long. */
const nextAddressMsMax = 1_000;
const failBackAfterMsDefault = 300_000;
const clockWrongMs = 5_000;

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #status = newUplinkStatus();
  readonly #book: AddressBook;
  readonly #failBack: FailBack | undefined;
  /** Which hub the cluster is, and the address that said so last. */
  #hub: { readonly id: Buffer; readonly saidBy: Address } | undefined;
  readonly #offset: ClockOffset;
  #isClockWrong = false;
  /** A preferred address that the last session was left for. */
  #returning: Address | undefined;
  #attempt = 0;
  #isNext = false;
  #skip = new AbortController();
  #session = new AbortController();

  constructor(options: UplinkOptions) {
    const { addresses, look, clock, random, failBackAfterMs = failBackAfterMsDefault } = options;
    this.#options = options;
    this.#offset = new ClockOffset(clock);
    this.#book = new AddressBook(addresses, { clock, failBackAfterMs });
    if (look && addresses.length > 1) this.#failBack = new FailBack({ book: this.#book, look, clock, random, failBackAfterMs });
  }

  status(): UplinkReport {
    const bytesPerSecondMax = this.#options.rate?.bytesPerSecond() ?? null;
    const addresses = this.#book.all.map(({ status }) => ({ ...status }));
    const [hubClockOffsetMs, roundTripMs] = [this.#offset.offsetMs(), this.#offset.roundTripMs()];
    return { ...this.#status, addresses, bytesPerSecondMax, hubClockOffsetMs, roundTripMs };
  }

  /** After a new enrolment or a renewed certificate: ends the session or the waiting and connects at once, where it was. */
  reconnect(): void {
    this.#attempt = 0;
    this.#isNext = true;
    this.#book.forgive();
    this.#session.abort();
    this.#skip.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const address = this.#book.next();
      if (!address) {
        await this.#wait(this.#book.heldForMs() || reconnectDelayMs(this.#attempt++, this.#options.random.unit()), signal);
        this.#book.beginRound();
        continue;
      }
      this.#book.tried(address);
      const end = await this.#once(address, signal);
      if (!signal.aborted) await this.#obey(address, end, signal);
    }
    this.#status.state = 'stopped';
  }

  /** One connection to one address, from opening it to its end. */
  async #once(address: Address, signal: AbortSignal): Promise<SessionEnd> {
    const { connect, clock } = this.#options;
    const status = this.#status;
    const ackedBefore = status.batchesAcked;
    this.#session = new AbortController();
    const either = AbortSignal.any([signal, this.#session.signal]);
    this.#isNext = false;
    status.state = 'connecting';
    if (status.address !== address.status.address) this.#offset.forget();
    status.address = address.status.address;
    status.nextAttemptMs = 0;
    address.status.nextTryMs = 0;
    address.status.reachableSinceMs = 0;
    this.#book.mark(address, 'in-use');
    const begunMs = clock.monotonicMs();
    let end: SessionEnd;
    try {
      const channel = await connect(address.status.address, either);
      status.state = 'greeting';
      end = await this.#greet(address, channel, either);
    } catch (error) {
      end = { is: 'lost', error };
      // It let itself be looked at and not be used: as bad as a session that did not last.
      if (this.#returning === address) this.#book.proved(address, 0);
    }
    this.#returning = undefined;
    const lastedMs = clock.monotonicMs() - begunMs;
    status.reconnects++;
    if (status.batchesAcked > ackedBefore || lastedMs > goodSessionMs) this.#attempt = 0;
    return end;
  }

  async #greet(address: Address, channel: FrameChannel, signal: AbortSignal): Promise<SessionEnd> {
    const { lanes, clock, hello, log, rate } = this.#options;
    const begunMs = clock.monotonicMs();
    const over = new AbortController();
    const leave = new Leave();
    const watching = this.#watchPreferred(address, leave, AbortSignal.any([signal, over.signal]));
    const status = this.#status;
    const checks = {
      checkHub: (welcome: Welcome): void => this.#checkHub(address, welcome),
      heardClock: (hubClockMs: number, askedMs: number): void => this.#heardClock(hubClockMs, askedMs),
    };
    const end = await runSession({ channel, lanes, clock, hello, log, status, address: address.status, signal, leave, rate, ...checks });
    over.abort();
    await watching;
    if (end.is === 'lost' || end.is === 'refused') this.#book.proved(address, clock.monotonicMs() - begunMs);
    return end;
  }

  async #watchPreferred(current: Address, leave: Leave, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (this.#failBack && !signal.aborted) {
      const better = await this.#failBack.better(current, signal);
      if (!better) return;
      log.info({ address: better.status.address, from: current.status.address }, 'preferred hub is back; going there when acks are in');
      leave.ask(better);
      await clock.sleep(leaveMsMax, signal).catch(() => undefined);
      if (!signal.aborted) leave.withdraw();
    }
  }

  /** Addresses of one list must lead to one journal: half of the record in each of two would be in neither. An address
   * that says another hub than before is believed (it was set up anew); one that contradicts another address is not. */
  #checkHub(address: Address, { hubId, incarnation }: Welcome): void {
    const id = Buffer.from(hubId);
    const ours = this.#hub;
    if (this.#book.all.length > 1 && ours && ours.saidBy !== address && !ours.id.equals(id)) {
      throw new AtalaiaError(
        'OTHER_HUB',
        `${address.status.address} is hub ${id.toString('hex')}, and ${ours.saidBy.status.address} is hub ${ours.id.toString('hex')}: they are not one cluster; ` +
          'take one of them out of `hub` of agent.yaml. Nothing was sent there',
        { isRetryable: true },
      );
    }
    this.#hub = { id, saidBy: address };
    address.told = '';
    this.#status.hubId = id.toString('hex');
    this.#status.hubIncarnation = Buffer.from(incarnation).toString('hex');
  }

  /** Told when it becomes wrong and when it is right again, not in between. */
  #heardClock(hubClockMs: number, askedMs: number): void {
    const { log } = this.#options;
    this.#offset.heard(hubClockMs, askedMs);
    const offsetMs = this.#offset.offsetMs() ?? 0;
    const isWrong = Math.abs(offsetMs) > (this.#isClockWrong ? clockWrongMs / 2 : clockWrongMs);
    if (isWrong === this.#isClockWrong) return;
    this.#isClockWrong = isWrong;
    if (isWrong)
      log.warn({ hubClockOffsetMs: offsetMs }, 'the clocks of this host and the hub differ; synchronise both, times of events are wrong');
    else log.info({ hubClockOffsetMs: offsetMs }, 'the clocks of this host and the hub agree again');
  }

  async #obey(address: Address, end: SessionEnd, signal: AbortSignal): Promise<void> {
    if (end.is === 'left') {
      this.#book.mark(address, 'standby');
      this.#book.beginRound(end.to);
      this.#returning = end.to;
      return;
    }
    if (end.is === 'stopped') {
      this.#book.beginRound(address);
      return;
    }
    const verdict = judgeEnd(end, this.#options.random.unit());
    this.#note(address, verdict);
    if (verdict.holds === 'cluster') {
      this.#tell(address, verdict);
      await this.#wait(verdict.waitMs, signal);
      this.#book.beginRound();
      return;
    }
    if (verdict.waitMs !== undefined && verdict.waitMs > 0) this.#book.hold(address, verdict.waitMs);
    this.#tell(address, verdict);
    // Every agent of a hub that died is looking for the next one now.
    if (this.#book.next()) await this.#wait(nextAddressMsMax * this.#options.random.unit(), signal);
  }

  #note(address: Address, { text, waitMs }: Verdict): void {
    const { clock } = this.#options;
    this.#status.lastError = text;
    address.status.lastError = text;
    address.status.lastErrorMs = clock.nowMs();
    address.status.nextTryMs = waitMs ? clock.nowMs() + waitMs : 0;
    this.#book.mark(address, waitMs ? 'held' : 'failed');
  }

  /** Once for as long as it stays the same. */
  #tell(address: Address, { text, level, waitMs }: Verdict): void {
    const isNews = address.told !== text;
    address.told = text;
    this.#options.log[isNews ? level : 'debug']({ address: address.status.address, ...(waitMs ? { waitMs } : {}) }, `uplink: ${text}`);
  }

  /** Undefined: until told. */
  async #wait(waitMs: number | undefined, signal: AbortSignal): Promise<void> {
    if (this.#isNext) return;
    const { clock } = this.#options;
    this.#skip = new AbortController();
    const either = AbortSignal.any([signal, this.#skip.signal]);
    this.#status.state = waitMs === undefined ? 'not-authorised' : 'waiting';
    this.#status.nextAttemptMs = waitMs === undefined ? 0 : clock.nowMs() + waitMs;
    if (waitMs === undefined) await aborted(either);
    else await clock.sleep(waitMs, either).catch(() => undefined);
  }
}
