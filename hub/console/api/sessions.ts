// Who is signed in. The browser holds a random token in a cookie; State holds its hash, so a copy of the data folder
// signs nobody in. Promises: a session ends after some idle time, after a working day in any case, at sign-out, and when
// the password changes. Sign-in always makes a new token (no fixation). The CSRF token is derived, never stored.
import { createHash, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Clock, Random } from '../../../proto/runtime/clock.ts';
import { AtalaiaError, errorCode } from '../../../proto/runtime/errors.ts';
import type { State, Versioned } from '../../ports.ts';

export const sessionLimits = {
  idleMsMax: 2 * 3_600_000,
  ageMsMax: 12 * 3_600_000,
  /** `lastSeenMs` is written at most this often: a session is read on every call. */
  touchIntervalMs: 60_000,
  perUserMax: 20,
} as const;

const pageSize = 1_000;
const sessionDocument = z.object({ userName: z.string(), createdMs: z.number(), lastSeenMs: z.number(), address: z.string() });
export type Session = z.infer<typeof sessionDocument> & { readonly token: string };

export class Sessions {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(state: State, clock: Clock, random: Random) {
    this.#state = state;
    this.#clock = clock;
    this.#random = random;
  }

  async begin(userName: string, address: string): Promise<Session> {
    await this.#makeRoom(userName);
    const token = Buffer.from(this.#random.bytes(32)).toString('base64url');
    const nowMs = this.#clock.nowMs();
    const document = { userName, createdMs: nowMs, lastSeenMs: nowMs, address };
    await this.#state.put(keyOf(token), document, 0);
    return { ...document, token };
  }

  async find(token: string): Promise<Session | undefined> {
    if (!/^[\w-]{43}$/.test(token)) return undefined;
    const found = await this.#state.get<unknown>(keyOf(token));
    if (!found) return undefined;
    const document = sessionDocument.parse(found.value);
    const nowMs = this.#clock.nowMs();
    if (nowMs >= expiresMs(document)) {
      await ifWritable(this.end(token));
      return undefined;
    }
    if (nowMs - document.lastSeenMs >= sessionLimits.touchIntervalMs) {
      await ifWritable(this.#state.put(keyOf(token), { ...document, lastSeenMs: nowMs }, found.revision));
      return { ...document, lastSeenMs: nowMs, token };
    }
    return { ...document, token };
  }

  async end(token: string): Promise<void> {
    const found = await this.#state.get(keyOf(token));
    if (found) await ignoringConflict(this.#state.remove(keyOf(token), found.revision));
  }

  /** All sessions of a person but one: the password was changed, or the account disabled. */
  async endAll(userName: string, exceptToken = ''): Promise<void> {
    const kept = exceptToken === '' ? '' : keyOf(exceptToken);
    for (const session of await this.#all()) {
      if (session.value.userName === userName && session.key !== kept) {
        await ignoringConflict(this.#state.remove(session.key, session.revision));
      }
    }
  }

  async sweep(): Promise<number> {
    const old = (await this.#all()).filter(({ value }) => this.#clock.nowMs() >= expiresMs(value));
    for (const { key, revision } of old) await ignoringConflict(this.#state.remove(key, revision));
    return old.length;
  }

  async #makeRoom(userName: string): Promise<void> {
    const own = (await this.#all()).filter(({ value }) => value.userName === userName);
    own.sort((a, b) => a.value.lastSeenMs - b.value.lastSeenMs);
    for (const { key, revision } of own.slice(0, Math.max(0, own.length - sessionLimits.perUserMax + 1))) {
      await ignoringConflict(this.#state.remove(key, revision));
    }
  }

  async #all(): Promise<(Versioned<z.infer<typeof sessionDocument>> & { readonly key: string })[]> {
    const sessions: (Versioned<z.infer<typeof sessionDocument>> & { readonly key: string })[] = [];
    for (let after = ''; ;) {
      const page = await this.#state.list<unknown>('session/', { after, limit: pageSize });
      for (const { key, revision, value } of page) sessions.push({ key, revision, value: sessionDocument.parse(value) });
      const last = page.at(-1);
      if (!last || page.length < pageSize) return sessions;
      after = last.key;
    }
  }
}

export function expiresMs(session: { readonly createdMs: number; readonly lastSeenMs: number }): number {
  return Math.min(session.createdMs + sessionLimits.ageMsMax, session.lastSeenMs + sessionLimits.idleMsMax);
}

export function csrfTokenOf(token: string): string {
  return createHash('sha256').update(`csrf:${token}`).digest('base64url');
}

export function isCsrfToken(token: string, given: string): boolean {
  const wanted = Buffer.from(csrfTokenOf(token));
  const got = Buffer.from(given);
  return wanted.length === got.length && timingSafeEqual(wanted, got);
}

function keyOf(token: string): string {
  return `session/${createHash('sha256').update(token).digest('hex')}`;
}

/** While State takes no writes (a full disk) people must still see what is wrong. The session ends as if it had been idle
 * since it was last written down. */
async function ifWritable(change: Promise<unknown>): Promise<void> {
  try {
    await ignoringConflict(change);
  } catch (error) {
    if (!(error instanceof AtalaiaError) || !error.isRetryable) throw error;
  }
}

/** Two calls of one browser at once both touch or end the session; either is right. */
async function ignoringConflict(change: Promise<unknown>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (errorCode(error) !== 'STATE_CONFLICT') throw error;
  }
}
