// People who may sign in: documents `user/<name>` in State, one each.
// Promises: names compare without case; the last enabled administrator can be neither disabled nor demoted; a password
// never leaves this file. The first administrator is made once, when there is no user at all.
import * as z from 'zod';
import type { Clock, Random } from '../../../proto/runtime/clock.ts';
import type { State, Versioned } from '../../ports.ts';
import { defaultPasswordCost, Passwords, storedPassword } from './passwords.ts';
import type { PasswordCost } from './ports.ts';
import { notFound, Problem } from './problems.ts';
import { can } from './permissions.ts';
import { type Role } from './roles.ts';
import { role, type UserView } from './shapes.ts';

export const userName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$/, 'letters, digits, . _ @ - and at most 64 of them')
  .transform((name) => name.toLowerCase());

const userDocument = z.object({
  name: z.string(),
  role,
  constituencies: z.array(z.string()),
  isDisabled: z.boolean(),
  mustChangePassword: z.boolean(),
  password: storedPassword,
  createdMs: z.number(),
  lastSignInMs: z.number(),
});
export type User = z.infer<typeof userDocument>;

export interface UserWish {
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  /** Left out: all of them. */
  readonly constituencies?: readonly string[] | undefined;
}

export interface UserChange {
  readonly role: Role;
  readonly isDisabled: boolean;
  /** Left out: as they were. */
  readonly constituencies?: readonly string[] | undefined;
}

const usersMax = 1_000;

export class Users {
  readonly #state: State;
  readonly #clock: Clock;
  readonly passwords: Passwords;

  constructor(state: State, clock: Clock, passwords: Passwords) {
    this.#state = state;
    this.#clock = clock;
    this.passwords = passwords;
  }

  async find(name: string): Promise<Versioned<User> | undefined> {
    const parsed = userName.safeParse(name);
    if (!parsed.success) return undefined;
    const found = await this.#state.get<unknown>(`user/${parsed.data}`);
    return found && { revision: found.revision, value: userDocument.parse(found.value) };
  }

  async list(): Promise<UserView[]> {
    const found = await this.#state.list<unknown>('user/', { limit: usersMax });
    return found.map(({ value }) => viewOf(userDocument.parse(value)));
  }

  async create(wish: UserWish): Promise<UserView> {
    if ((await this.list()).length >= usersMax) throw refused('USERS_LIMIT', `There are ${usersMax} users already.`);
    if (await this.find(wish.name)) throw refused('USER_EXISTS', `There is a user ${wish.name} already.`);
    const user: User = {
      name: wish.name,
      role: wish.role,
      constituencies: wish.constituencies === undefined ? ['*'] : [...wish.constituencies],
      isDisabled: false,
      mustChangePassword: true,
      password: await this.passwords.hash(wish.password),
      createdMs: this.#clock.nowMs(),
      lastSignInMs: 0,
    };
    await this.#state.put(`user/${user.name}`, user, 0);
    return viewOf(user);
  }

  async change(name: string, { role, isDisabled, constituencies }: UserChange): Promise<UserView> {
    const found = await this.#need(name);
    const user = { ...found.value, role, isDisabled, ...(constituencies && { constituencies: [...constituencies] }) };
    const losesAdministrator = isActiveAdministrator(found.value) && !isActiveAdministrator(user);
    if (losesAdministrator && (await this.list()).filter(isActiveAdministrator).length < 2) {
      throw refused('LAST_ADMINISTRATOR', `${found.value.name} is the last administrator; nobody could manage the hub any more.`);
    }
    await this.#state.put(`user/${user.name}`, user, found.revision);
    return viewOf(user);
  }

  async setPassword(name: string, password: string, mustChangePassword: boolean): Promise<void> {
    const found = await this.#need(name);
    const hashed = await this.passwords.hash(password);
    await this.#state.put(`user/${found.value.name}`, { ...found.value, password: hashed, mustChangePassword }, found.revision);
  }

  async noteSignIn(found: Versioned<User>): Promise<void> {
    await this.#state.put(`user/${found.value.name}`, { ...found.value, lastSignInMs: this.#clock.nowMs() }, found.revision);
  }

  async #need(name: string): Promise<Versioned<User>> {
    const found = await this.find(name);
    if (!found) throw notFound('user', name);
    return found;
  }
}

/** Once, on an empty hub: a name and a password to be shown to the person at the terminal and nowhere else. */
export async function ensureFirstAdministrator(
  state: State,
  random: Random,
  options: { readonly clock: Clock; readonly cost?: PasswordCost },
): Promise<{ readonly name: string; readonly password: string } | undefined> {
  if ((await state.list('user/', { limit: 1 })).length > 0) return undefined;
  const users = new Users(state, options.clock, new Passwords(options.cost ?? defaultPasswordCost, random));
  const password = readablePassword(random);
  await users.create({ name: 'admin', role: 'administrator', password });
  return { name: 'admin', password };
}

/** Twenty letters and digits in groups, without those that look alike: 99 bits. */
function readablePassword(random: Random): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789a';
  const letters = Array.from(random.bytes(20), (byte) => alphabet.charAt(byte & 31)).join('');
  return letters.replaceAll(/(.{5})(?=.)/g, '$1-');
}

/** Somebody who can manage the hub itself. */
function isActiveAdministrator({ role, isDisabled, constituencies }: Pick<User, 'role' | 'isDisabled' | 'constituencies'>): boolean {
  return !isDisabled && can({ name: '', role, constituencies }, 'users.change');
}

function viewOf(user: User): UserView {
  const { name, role, constituencies, isDisabled, createdMs, lastSignInMs } = user;
  return { name, role, constituencies, isDisabled, createdMs, lastSignInMs };
}

function refused(code: string, detail: string): Problem {
  return new Problem({ status: 409, code, title: 'This cannot be done', detail, remedy: 'Nothing was changed.' });
}
