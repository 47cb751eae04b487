// Keeps an agent connected to its hub: connects, runs a session, waits, again.
// Promises: full jitter between attempts (delivery.ts), so that a thousand agents do not come back at once; a refusal is
// obeyed: back-off for as long as it says, superseded long, not authorised until reconnect() is called after a new
// enrolment. Nothing is lost while it waits: batches stay in the buffer. run() ends only when its signal aborts.
import { reconnectDelayMs } from '../../proto/delivery.ts';
import type { Refusal } from '../../proto/framing/messages.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { BatchBuffer } from '../ports.ts';
import { runSession, type SessionEnd } from './run-session.ts';
import { newUplinkStatus, type HelloParts, type UplinkLog, type UplinkStatus } from './uplink-status.ts';
import { aborted } from '../../proto/runtime/until-stopped.ts';

export interface UplinkOptions {
  /** Opens an authenticated connection; rejects with code NOT_AUTHORISED when the hub does not accept the certificate. */
  readonly connect: (signal: AbortSignal) => Promise<FrameChannel>;
  readonly lanes: readonly BatchBuffer[];
  readonly clock: Clock;
  readonly random: Random;
  readonly hello: () => HelloParts;
  readonly log: UplinkLog;
}

/** Undefined: wait until told. */
type Pause = { readonly waitMs: number | undefined; readonly text: string; readonly level: 'info' | 'warn' | 'error' };

const backOffMsMax = 3_600_000;
const supersededMs = 60_000;
const unknownVersionMs = 300_000;
const protocolMs = 30_000;
/** A certificate that an upgrade refuses may be renewed by hand meanwhile. */
const unauthorisedUpgradeMs = 600_000;
/** A session that lasted this long or got an ack was a good one: the next attempt counts as the first. */
const goodSessionMs = 30_000;

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #status = newUplinkStatus();
  #attempt = 0;
  #isNext = false;
  #skip = new AbortController();
  #session = new AbortController();

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  status(): Readonly<UplinkStatus> {
    return { ...this.#status };
  }

  /** After a new enrolment or a renewed certificate: ends the session or the waiting and connects at once. */
  reconnect(): void {
    this.#attempt = 0;
    this.#isNext = true;
    this.#session.abort();
    this.#skip.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const end = await this.#once(signal);
      if (signal.aborted) break;
      await this.#pause(this.#judge(end), signal);
    }
    this.#status.state = 'stopped';
  }

  async #once(signal: AbortSignal): Promise<SessionEnd> {
    const { connect, clock, lanes, hello, log } = this.#options;
    const status = this.#status;
    const begunMs = clock.monotonicMs();
    const ackedBefore = status.batchesAcked;
    this.#session = new AbortController();
    const either = AbortSignal.any([signal, this.#session.signal]);
    this.#isNext = false;
    status.state = 'connecting';
    let end: SessionEnd;
    try {
      const channel = await connect(either);
      status.state = 'greeting';
      end = await runSession({ channel, lanes, clock, hello, log, status, signal: either });
    } catch (error) {
      end = { is: 'lost', error };
    }
    status.reconnects++;
    if (status.batchesAcked > ackedBefore || clock.monotonicMs() - begunMs > goodSessionMs) this.#attempt = 0;
    return end;
  }

  #judge(end: SessionEnd): Pause {
    if (end.is === 'refused') return this.#judgeRefusal(end.refusal);
    if (end.is === 'stopped') return { waitMs: 0, text: '', level: 'info' };
    const text = end.error instanceof Error ? end.error.message : String(end.error);
    if (errorCode(end.error) === 'NOT_AUTHORISED') return { waitMs: unauthorisedUpgradeMs, text, level: 'error' };
    return { waitMs: this.#jitterMs(), text, level: 'warn' };
  }

  #judgeRefusal({ code, detail, retryAfterMs }: Refusal): Pause {
    const jitter = this.#options.random.unit();
    if (code === 'not-authorised')
      return { waitMs: undefined, text: `the hub does not accept this agent (${detail}); enrol it again`, level: 'error' };
    if (code === 'back-off') {
      const waitMs = Math.min(retryAfterMs, backOffMsMax) * (1 + jitter / 4) + this.#jitterMs();
      return { waitMs, text: `the hub asks to wait: ${detail}`, level: 'info' };
    }
    if (code === 'superseded') {
      const text = 'a newer connection with this identity took over: another agent process runs, or the machine was cloned';
      return { waitMs: supersededMs * (1 + 4 * jitter), text, level: 'error' };
    }
    if (code === 'unknown-version')
      return { waitMs: unknownVersionMs * (1 + jitter), text: `the hub speaks another version: ${detail}`, level: 'error' };
    return { waitMs: protocolMs * jitter + this.#jitterMs(), text: `the hub refused what we sent: ${detail}`, level: 'error' };
  }

  #jitterMs(): number {
    return reconnectDelayMs(this.#attempt++, this.#options.random.unit());
  }

  async #pause({ waitMs, text, level }: Pause, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    if (text) this.#status.lastError = text;
    if (this.#isNext) return;
    this.#skip = new AbortController();
    const either = AbortSignal.any([signal, this.#skip.signal]);
    this.#status.state = waitMs === undefined ? 'not-authorised' : 'waiting';
    this.#status.nextAttemptMs = waitMs === undefined ? 0 : clock.nowMs() + waitMs;
    if (text) log[level]({ waitMs }, `uplink: ${text}`);
    if (waitMs === undefined) await aborted(either);
    else await clock.sleep(waitMs, either).catch(() => undefined);
  }
}
