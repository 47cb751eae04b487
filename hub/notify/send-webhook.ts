// One attempt to deliver one message: a signed POST through undici, with a deadline over everything, no redirects, and
// no interest in what comes back beyond the status. Never throws for what the network or a receiver does: that is an
// outcome. The deadline is real time, because sockets are.
import { Agent, request } from 'undici';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import { guardedConnector } from './address-guard.ts';
import type { Resolve } from './address-guard.ts';
import type { SignedHeaders } from './signature.ts';

export interface WebhookRequest {
  readonly url: string;
  readonly allowPrivate: boolean;
  readonly headers: SignedHeaders;
  readonly body: string;
}

export interface SendOutcome {
  /** HTTP status, 0 when there was no answer. */
  readonly status: number;
  /** Empty when it was delivered. */
  readonly problem: string;
  /** The receiver's own wish, 0 without. */
  readonly retryAfterMs: number;
}

export interface WebhookSender {
  send(request: WebhookRequest, signal: AbortSignal): Promise<SendOutcome>;
  close(): Promise<void>;
}

export interface SenderOptions {
  readonly timeoutMs?: number;
  readonly resolve?: Resolve;
  readonly ca?: string;
}

const responseBytesMax = 64 * 1024;
const retryAfterMostMs = 4 * 3_600_000;

export function webhookSender({ timeoutMs = 10_000, resolve, ca }: SenderOptions = {}): WebhookSender {
  const agentFor = (allowPrivate: boolean): Agent =>
    new Agent({
      connect: guardedConnector({
        allowPrivate,
        connectTimeoutMs: timeoutMs,
        ...(resolve ? { resolve } : {}),
        ...(ca === undefined ? {} : { ca }),
      }),
      connections: 4,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: responseBytesMax,
    });
  // Two agents, so that a connection that was allowed for one endpoint is never reused for another that may not.
  const agents = { open: agentFor(false), private: agentFor(true) };
  return {
    async send(wish, signal) {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      try {
        return await post(wish, wish.allowPrivate ? agents.private : agents.open, deadline);
      } catch (error) {
        return { status: 0, problem: problemOf(error, { timeoutMs, isStopped: signal.aborted }), retryAfterMs: 0 };
      }
    },
    async close() {
      await Promise.all([agents.open.destroy(), agents.private.destroy()]);
    },
  };
}

async function post({ url, headers, body }: WebhookRequest, dispatcher: Agent, signal: AbortSignal): Promise<SendOutcome> {
  const answer = await request(url, {
    method: 'POST',
    dispatcher,
    signal,
    body,
    headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'atalaia-hub' },
  });
  const { statusCode: status } = answer;
  // The status is the answer; a body that is too long, too slow or torn changes nothing about it.
  await answer.body.dump({ limit: responseBytesMax, signal }).catch(() => undefined);
  if (status >= 200 && status < 300) return { status, problem: '', retryAfterMs: 0 };
  const problem =
    status >= 300 && status < 400 ? `answered ${status}; redirects are not followed, set the final address` : `answered ${status}`;
  return { status, problem, retryAfterMs: retryAfter(answer.headers['retry-after']) };
}

function retryAfter(header: string | string[] | undefined): number {
  const seconds = typeof header === 'string' && /^\d{1,7}$/.test(header) ? Number(header) : 0;
  return Math.min(seconds * 1_000, retryAfterMostMs);
}

function problemOf(error: unknown, { timeoutMs, isStopped }: { timeoutMs: number; isStopped: boolean }): string {
  if (isStopped) return 'the hub stopped while sending';
  for (let current = error, depth = 0; current instanceof Error && depth < 8; current = current.cause, depth++) {
    if (current instanceof AtalaiaError) return current.message;
  }
  const code = errorCode(error);
  const isLate = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  if (isLate || code?.includes('TIMEOUT')) return `no answer within ${timeoutMs / 1_000} s`;
  return `could not be reached (${code ?? (error instanceof Error ? error.message : 'unknown')})`.slice(0, 300);
}
