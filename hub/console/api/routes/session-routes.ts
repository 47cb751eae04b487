// Signing in and out, the own password, and the people an administrator lets in.
// Promises: an unknown name, a wrong password and a disabled account get the same answer after the same time; nobody
// learns from it which names exist. A new password ends every other session of its owner, and is not the one before. While
// a given password stands, the session answers no action but those the gate lets through.
import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import type { Clock } from '../../../../proto/runtime/clock.ts';
import type { Gate } from '../gate.ts';
import { passwordCharactersMax, passwordCharactersMin } from '../passwords.ts';
import { actionsOf, type Actor } from '../permissions.ts';
import { Problem } from '../problems.ts';
import { route, type Call, type Route } from '../route.ts';
import { csrfTokenOf, expiresMs, sessionLimits } from '../sessions.ts';
import { constituencyName, role, sessionView, userView, type SessionView } from '../shapes.ts';
import type { SignInLimits } from '../sign-in-limits.ts';
import { userName, type User } from '../users.ts';

export interface SessionPorts {
  readonly gate: Gate;
  readonly limits: SignInLimits;
  readonly clock: Clock;
  readonly isTls: boolean;
}

const password = z.string().min(1).max(passwordCharactersMax);
const newPassword = z
  .string()
  .min(passwordCharactersMin, `must have at least ${passwordCharactersMin} characters`)
  .max(passwordCharactersMax);
const signInBody = z.strictObject({ name: z.string().min(1).max(128), password });
const changePasswordBody = z.strictObject({ current: password, next: newPassword });
const constituencies = z
  .array(z.union([z.literal('*'), constituencyName]))
  .min(1)
  .max(64)
  .optional()
  .describe('Whose objects the person sees; * is all. Left out: as it was, at creation all');
const forWhom = (named: readonly string[] | undefined): string => (named ? ` for ${named.join(', ')}` : '');
const nameParams = z.strictObject({ name: userName });

const signedOut: SessionView = { user: null, csrfToken: '', expiresMs: 0, actions: [] };

export function sessionRoutes(ports: SessionPorts): Route[] {
  const { sessions } = ports.gate;
  return [
    route({
      method: 'GET',
      path: '/api/v1/session',
      tag: 'session',
      summary: 'Who is signed in; user is null when nobody is',
      action: 'public',
      answer: sessionView,
      handle: ({ token, actor }) => currentSession(ports, token, actor),
    }),
    route({
      method: 'POST',
      path: '/api/v1/session',
      tag: 'session',
      summary: 'Sign in; the answer sets the session cookie',
      action: 'public',
      body: signInBody,
      answer: sessionView,
      handle: (call) => signIn(ports, call),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/session',
      tag: 'session',
      summary: 'Sign out',
      action: 'session.use',
      audit: 'session.sign-out',
      answer: 'nothing',
      handle: async ({ token, reply }) => {
        await sessions.end(token);
        setCookie(ports, reply, { token: '', maxAgeMs: 0 });
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/session/password',
      tag: 'session',
      summary: 'Change the own password; every other session of the person ends',
      action: 'session.use',
      audit: 'session.change-password',
      body: changePasswordBody,
      answer: 'nothing',
      handle: (call) => changePassword(ports, call),
    }),
    ...userRoutes(ports),
  ];
}

function userRoutes({ gate: { users, sessions } }: SessionPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/users',
      tag: 'users',
      summary: 'Everybody who may sign in',
      action: 'users.read',
      answer: z.object({ users: z.array(userView) }),
      handle: async () => ({ users: await users.list() }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/users',
      tag: 'users',
      summary: 'Let somebody in; they must change the password at the first sign-in',
      action: 'users.change',
      audit: 'user.create',
      body: z.strictObject({ name: userName, role, password: newPassword, constituencies }),
      describe: (body) => `${body.name} as ${body.role}${forWhom(body.constituencies)}`,
      answer: userView,
      handle: ({ body }) => users.create(body),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/users/:name',
      tag: 'users',
      summary: 'Change role and constituencies, disable or enable; who is disabled or confined is signed out at once',
      action: 'users.change',
      audit: 'user.change',
      params: nameParams,
      body: z.strictObject({ role, isDisabled: z.boolean(), constituencies }),
      describe: (body) => `${body.role}${forWhom(body.constituencies)}, ${body.isDisabled ? 'disabled' : 'enabled'}`,
      answer: userView,
      handle: async ({ params, body }) => {
        const changed = await users.change(params.name, body);
        // Live tails go on with the reach they began with.
        if (body.isDisabled || body.constituencies) await sessions.endAll(params.name);
        return changed;
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/users/:name/password',
      tag: 'users',
      summary: 'Give a new first password; the person is signed out everywhere',
      action: 'users.change',
      audit: 'user.reset-password',
      params: nameParams,
      body: z.strictObject({ password: newPassword }),
      answer: 'nothing',
      handle: async ({ params, body }) => {
        await users.setPassword(params.name, body.password, true);
        await sessions.endAll(params.name);
      },
    }),
  ];
}

async function currentSession({ gate, clock }: SessionPorts, token: string, actor: Actor): Promise<SessionView> {
  const session = token === '' ? undefined : await gate.sessions.find(token);
  const found = session && (await gate.users.find(session.userName));
  if (!session || !found) return signedOut;
  return viewOf(found.value, actor, { token, expiresMs: Math.max(expiresMs(session), clock.nowMs()) });
}

async function signIn(ports: SessionPorts, call: Call<unknown, unknown, z.infer<typeof signInBody>>): Promise<SessionView> {
  const { gate, limits, clock } = ports;
  const { request, reply, body, token: oldToken } = call;
  const account = body.name.toLowerCase();
  const waitSeconds = limits.waitSeconds(request.ip, account);
  if (waitSeconds > 0) throw tooMany(waitSeconds);
  const found = await gate.users.find(body.name);
  const isRight = await gate.users.passwords.matches(body.password, found?.value.password);
  if (!isRight || !found || found.value.isDisabled) {
    limits.noteFailure(request.ip, account);
    await gate.audit.note(
      { actor: account.slice(0, 64), address: request.ip, action: 'session.sign-in', object: '' },
      'refused',
      'wrong name or password',
    );
    throw wrong();
  }
  limits.noteSuccess(account);
  if (oldToken !== '') await gate.sessions.end(oldToken);
  const { name, role, constituencies } = found.value;
  const session = await gate.sessions.begin(name, request.ip);
  await gate.users.noteSignIn(found);
  await gate.audit.note({ actor: name, address: request.ip, action: 'session.sign-in', object: '' }, 'done', '');
  setCookie(ports, reply, { token: session.token, maxAgeMs: sessionLimits.ageMsMax });
  return viewOf(found.value, { name, role, constituencies }, { token: session.token, expiresMs: clock.nowMs() + sessionLimits.idleMsMax });
}

async function changePassword(
  { gate, limits }: SessionPorts,
  { actor, token, body, request }: Call<unknown, unknown, z.infer<typeof changePasswordBody>>,
): Promise<void> {
  const waitSeconds = limits.waitSeconds(request.ip, actor.name);
  if (waitSeconds > 0) throw tooMany(waitSeconds);
  const found = await gate.users.find(actor.name);
  if (!(await gate.users.passwords.matches(body.current, found?.value.password))) {
    limits.noteFailure(request.ip, actor.name);
    throw new Problem({
      status: 422,
      code: 'WRONG_PASSWORD',
      title: 'The present password is not right',
      detail: 'The password was not changed.',
      place: 'body.current',
      remedy: 'Type the password with which you signed in.',
    });
  }
  if (body.next === body.current) throw samePassword();
  await gate.users.setPassword(actor.name, body.next, false);
  await gate.sessions.endAll(actor.name, token);
}

function viewOf(user: User, actor: Actor, session: { readonly token: string; readonly expiresMs: number }): SessionView {
  const { name, role, mustChangePassword } = user;
  return {
    user: { name, role, mustChangePassword },
    csrfToken: csrfTokenOf(session.token),
    expiresMs: session.expiresMs,
    actions: mustChangePassword ? ['session.use'] : actionsOf(actor),
  };
}

function setCookie(ports: SessionPorts, reply: FastifyReply, value: { readonly token: string; readonly maxAgeMs: number }): void {
  void reply.setCookie(ports.gate.cookieName, value.token, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: ports.isTls,
    maxAge: Math.floor(value.maxAgeMs / 1_000),
  });
}

function wrong(): Problem {
  return new Problem({
    status: 401,
    code: 'WRONG_SIGN_IN',
    title: 'Name or password is not right',
    detail: 'Nobody was signed in.',
    remedy: 'Try again. An administrator can give you a new password.',
  });
}

function samePassword(): Problem {
  return new Problem({
    status: 422,
    code: 'SAME_PASSWORD',
    title: 'This is the password that you have',
    detail: 'The password was not changed.',
    place: 'body.next',
    remedy: 'Choose another one.',
  });
}

function tooMany(retryAfterSeconds: number): Problem {
  return new Problem({
    status: 429,
    code: 'SIGN_IN_LIMIT',
    title: 'Too many failed sign-ins',
    detail: `The next attempt is looked at in ${retryAfterSeconds} seconds.`,
    remedy: 'Wait, then try again.',
    retryAfterSeconds,
  });
}
