// Passwords as Argon2id with their parameters beside them, so that the cost can grow without a migration.
// Promises: one computation at a time and a short queue (each takes tens of megabytes; sign-in must not starve the hub);
// comparing takes the same time whether the user exists or not. A stored cost beyond the limits is refused.
import { argon2, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Random } from '../../../proto/runtime/clock.ts';
import type { PasswordCost } from './ports.ts';
import { Problem } from './problems.ts';

export const defaultPasswordCost: PasswordCost = { memory: 65_536, passes: 3, parallelism: 1 };

export const passwordCharactersMin = 12;
export const passwordCharactersMax = 256;
const queueMax = 8;
const tagLength = 32;

export const storedPassword = z.object({
  algorithm: z.literal('argon2id'),
  memory: z.number().int().min(8).max(1_048_576),
  passes: z.number().int().min(1).max(20),
  parallelism: z.number().int().min(1).max(8),
  nonce: z.string(),
  tag: z.string(),
});
export type StoredPassword = z.infer<typeof storedPassword>;

export class Passwords {
  readonly #cost: PasswordCost;
  readonly #random: Random;
  readonly #decoy: StoredPassword;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(cost: PasswordCost, random: Random) {
    this.#cost = cost;
    this.#random = random;
    this.#decoy = { ...this.#fresh(), tag: base64(random.bytes(tagLength)) };
  }

  async hash(password: string): Promise<StoredPassword> {
    const fresh = this.#fresh();
    const tag = await this.#inTurn(() => derive(password, fresh));
    return { ...fresh, tag: tag.toString('base64') };
  }

  /** Without a stored password it works just as long against a decoy, then says no. */
  async matches(password: string, stored: StoredPassword | undefined): Promise<boolean> {
    const against = stored ?? this.#decoy;
    const tag = await this.#inTurn(() => derive(password, against));
    const isEqual = timingSafeEqual(tag, Buffer.from(against.tag, 'base64'));
    return isEqual && stored !== undefined;
  }

  #fresh(): Omit<StoredPassword, 'tag'> {
    return { algorithm: 'argon2id', ...this.#cost, nonce: base64(this.#random.bytes(16)) };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= queueMax) {
      throw new Problem({
        status: 503,
        code: 'SIGN_IN_BUSY',
        title: 'Too many sign-ins at once',
        detail: 'The hub checks passwords one at a time and its queue is full. Nobody was signed in.',
        remedy: 'Try again in a few seconds.',
        retryAfterSeconds: 5,
      });
    }
    this.#waiting += 1;
    const turn = this.#last.then(work, work);
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }
}

function derive(password: string, stored: Omit<StoredPassword, 'tag'>): Promise<Buffer> {
  const { memory, passes, parallelism } = stored;
  const nonce = Buffer.from(stored.nonce, 'base64');
  // NFC: the same password typed on another system's keyboard must give the same bytes.
  const message = password.normalize('NFC');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, parallelism, tagLength, memory, passes }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
