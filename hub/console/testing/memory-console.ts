// A console over the world in memory with three people in it, for tests: the real server, the real passwords.
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { systemClock, systemRandom, type Clock } from '../../../proto/runtime/clock.ts';
import { buildConsole } from '../api/build-console.ts';
import { Passwords } from '../api/passwords.ts';
import type { ConsolePorts } from '../api/ports.ts';
import { roles, type Role } from '../api/roles.ts';
import type { SessionView } from '../api/shapes.ts';
import { Users } from '../api/users.ts';
import { memoryPorts } from './memory-ports.ts';
import { makeWorld, type World } from './memory-world.ts';

/** Cheap on purpose: the cost is stored beside each hash, so production's is another number in the same place. */
const passwordCost = { memory: 64, passes: 1, parallelism: 1 };
export const testPassword = 'correct horse battery';

export interface MemoryConsole {
  readonly app: FastifyInstance;
  readonly ports: ConsolePorts;
  readonly world: World;
}

export async function memoryConsole(
  options: { readonly clock?: Clock; readonly webRoot?: string; readonly isTls?: boolean } = {},
): Promise<MemoryConsole> {
  const clock = options.clock ?? systemClock;
  const world = makeWorld(clock);
  const ports = memoryPorts(world, { clock, random: systemRandom });
  const users = new Users(ports.state, clock, new Passwords(passwordCost, systemRandom));
  for (const role of roles) {
    await users.create({ name: role, role, password: testPassword });
    await users.setPassword(role, testPassword, false);
  }
  const settings = { isTls: options.isTls ?? false, hostNames: ['localhost', '127.0.0.1'], webRoot: options.webRoot ?? '', passwordCost };
  return { app: await buildConsole(ports, settings), ports, world };
}

export interface Caller {
  readonly session: SessionView;
  readonly cookie: string;
  readonly call: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object) => Promise<LightMyRequestResponse>;
}

export async function signInAs(app: FastifyInstance, role: Role, password = testPassword): Promise<Caller> {
  const answer = await app.inject({ method: 'POST', url: '/api/v1/session', payload: { name: role, password } });
  if (answer.statusCode !== 200) throw new Error(`sign-in of ${role} answered ${answer.statusCode}: ${answer.body}`);
  const session: SessionView = answer.json();
  const [setCookie] = answer.cookies;
  const cookie = `${setCookie?.name}=${setCookie?.value}`;
  const headers = { cookie, 'x-atalaia-csrf': session.csrfToken };
  return {
    session,
    cookie,
    call: (method, url, body) => {
      const options: InjectOptions = { method, url, headers };
      return app.inject(body === undefined ? options : { ...options, payload: body });
    },
  };
}
