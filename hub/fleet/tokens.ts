// Enrolment tokens: shown once, kept only as a hash, used by one key. A token is
//   atl1.<id>.<secret>.<fingerprint of the hub's authority>
// so that the agent knows whom to trust before it says anything. Repeating an enrolment with the same key is allowed
// until the token expires (the answer may have been lost); with another key it is refused.
import { createHash, timingSafeEqual } from 'node:crypto';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { State, Versioned } from '../ports.ts';

const tokenLifeMsDefault = 3_600_000;
const tokenLifeMsMax = 30 * 86_400_000;
/** Open tokens at once; more are refused, so that a stolen session cannot fill the state. */
const openTokensMax = 1_000;

export interface TokenDocument {
  readonly id: string;
  readonly secretHash: string;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly expiresMs: number;
  readonly note: string;
  /** The agent that used it; empty while open. */
  readonly usedBy: string;
}

export type TokenView = Omit<TokenDocument, 'secretHash'>;

export interface CreateToken {
  readonly by: string;
  readonly lifeMs?: number;
  readonly note?: string;
}

export type Claim = { readonly ok: true } | { readonly ok: false; readonly reason: 'malformed' | 'unknown' | 'expired' | 'used' };

export class TokenDesk {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #fingerprint: string;

  constructor(parts: { readonly state: State; readonly clock: Clock; readonly random: Random; readonly fingerprint: string }) {
    this.#state = parts.state;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#fingerprint = parts.fingerprint;
  }

  async create({ by, lifeMs = tokenLifeMsDefault, note = '' }: CreateToken): Promise<{ readonly token: string; readonly view: TokenView }> {
    if (!(lifeMs > 0 && lifeMs <= tokenLifeMsMax))
      throw new AtalaiaError('TOKEN_LIFE', `a token lives at most ${tokenLifeMsMax / 86_400_000} days`);
    await this.#sweep();
    const id = Buffer.from(this.#random.bytes(8)).toString('hex');
    const secret = Buffer.from(this.#random.bytes(24)).toString('base64url');
    const now = this.#clock.nowMs();
    const document: TokenDocument = {
      id,
      secretHash: hashOf(secret),
      createdMs: now,
      createdBy: by,
      expiresMs: now + lifeMs,
      note: note.slice(0, 200),
      usedBy: '',
    };
    await this.#state.put(keyOf(id), document, 0);
    return { token: `atl1.${id}.${secret}.${this.#fingerprint}`, view: viewOf(document) };
  }

  async list(): Promise<readonly TokenView[]> {
    return (await this.#state.list<TokenDocument>('token/')).map(({ value }) => viewOf(value));
  }

  async remove(id: string): Promise<boolean> {
    if (!/^[0-9a-f]{16}$/.test(id)) return false;
    const found = await this.#state.get<TokenDocument>(keyOf(id));
    if (!found) return false;
    await this.#state.remove(keyOf(id), found.revision);
    return true;
  }

  /** Binds the token to the agent, once; the same agent may claim it again. */
  async claim(token: string, agentId: string): Promise<Claim> {
    const parsed = /^atl1\.([0-9a-f]{16})\.([A-Za-z0-9_-]{32})\.[0-9a-f]{64}$/.exec(token);
    if (!parsed) return { ok: false, reason: 'malformed' };
    const [, id = '', secret = ''] = parsed;
    for (;;) {
      const found = await this.#state.get<TokenDocument>(keyOf(id));
      if (!found || !isSame(found.value.secretHash, hashOf(secret))) return { ok: false, reason: 'unknown' };
      if (found.value.usedBy === agentId) return { ok: true };
      if (found.value.usedBy !== '') return { ok: false, reason: 'used' };
      if (this.#clock.nowMs() > found.value.expiresMs) return { ok: false, reason: 'expired' };
      if (await this.#bind(found, agentId)) return { ok: true };
    }
  }

  async #bind(found: Versioned<TokenDocument>, agentId: string): Promise<boolean> {
    try {
      await this.#state.put(keyOf(found.value.id), { ...found.value, usedBy: agentId }, found.revision);
      return true;
    } catch (error) {
      // Two agents raced for one token: look again, only one of them is `usedBy`.
      if (errorCode(error) === 'STATE_CONFLICT') return false;
      throw error;
    }
  }

  async #sweep(): Promise<void> {
    const now = this.#clock.nowMs();
    const all = await this.#state.list<TokenDocument>('token/');
    const gone = all.filter(({ value }) => now > value.expiresMs + tokenLifeMsMax || (value.usedBy === '' && now > value.expiresMs));
    for (const { value, revision } of gone) await this.#state.remove(keyOf(value.id), revision);
    if (all.length - gone.length >= openTokensMax)
      throw new AtalaiaError('TOKENS_LIMIT', `there are ${openTokensMax} tokens already; remove some first`);
  }
}

function keyOf(id: string): string {
  return `token/${id}`;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function viewOf({ id, createdMs, createdBy, expiresMs, note, usedBy }: TokenDocument): TokenView {
  return { id, createdMs, createdBy, expiresMs, note, usedBy };
}
