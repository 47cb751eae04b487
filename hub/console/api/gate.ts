// The one gate in front of every call: host name, session, origin, CSRF token, own password, permission, audit.
// Promises: in that order, and nothing of the call is read before it passed. A wrong Host is refused before anything else,
// because a page elsewhere may point its own name at our address (DNS rebinding). Who has a password that somebody else
// gave may change it and sign out, and nothing more: a given password is known to two people.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditTrail } from './audit-trail.ts';
import { can, lacksReach, leastRole, type Action, type Actor } from './permissions.ts';
import { Problem, problemOf } from './problems.ts';
import type { Route } from './route.ts';
import { isCsrfToken, type Session, type Sessions } from './sessions.ts';
import type { Users } from './users.ts';

export interface Gate {
  readonly sessions: Sessions;
  readonly users: Users;
  readonly audit: AuditTrail;
  readonly hostNames: readonly string[];
  readonly cookieName: string;
}

interface SignedIn {
  readonly actor: Actor;
  readonly session: Session;
  readonly mustChangePassword: boolean;
}

/** What everybody may do with their own session: change the password, sign out. */
const ownSession: Action = 'session.use';

const nobody: Actor = { name: '', role: 'viewer', constituencies: [] };

export function checkHost(request: FastifyRequest, hostNames: readonly string[]): void {
  const name = (request.headers.host ?? '').replace(/:\d{1,5}$/, '').toLowerCase();
  if (hostNames.includes(name)) return;
  throw new Problem({
    status: 421,
    code: 'WRONG_HOST',
    title: 'The console does not answer to this name',
    detail: `The request was for ${name.slice(0, 100) || 'no host'}; the console answers only to ${hostNames.join(', ')}.`,
    place: 'host',
    remedy: 'Use one of these names, or add this one to console.hostNames in hub.yaml.',
  });
}

/** Runs a route behind the gate. */
export async function pass(gate: Gate, route: Route, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const isChange = route.method !== 'GET';
  if (isChange) checkOrigin(request);
  const signedIn = await whoIs(gate, request);
  const actor = signedIn?.actor ?? nobody;
  if (route.action !== 'public') {
    if (!signedIn) throw notSignedIn();
    if (isChange) checkCsrf(request, signedIn.session);
    if (signedIn.mustChangePassword && route.action !== ownSession) throw givenPassword();
    await checkPermission(gate, route, request, signedIn.actor);
  }
  const raw = {
    params: request.params,
    query: request.query,
    body: request.body,
    actor,
    by: { id: actor.name, name: actor.name, role: actor.role, address: request.ip },
    token: signedIn?.session.token ?? '',
    request,
    reply,
    signal: goneSignal(reply),
  };
  if (!isChange || route.audit === undefined) return route.run(raw);
  const started = await gate.audit.start(entryOf(route, request, actor));
  try {
    const answer = await route.run(raw);
    await gate.audit.finish(started, 'done', route.describe(request.body));
    return answer;
  } catch (error) {
    const { parts } = problemOf(error, request.id);
    await gate.audit.finish(started, parts.status < 500 ? 'refused' : 'failed', parts.detail);
    throw error;
  }
}

async function whoIs(gate: Gate, request: FastifyRequest): Promise<SignedIn | undefined> {
  const session = await gate.sessions.find(request.cookies[gate.cookieName] ?? '');
  if (!session) return undefined;
  const found = await gate.users.find(session.userName);
  if (!found || found.value.isDisabled) return undefined;
  const { name, role, constituencies, mustChangePassword } = found.value;
  return { session, actor: { name, role, constituencies }, mustChangePassword };
}

function checkOrigin(request: FastifyRequest): void {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  // A script sends neither; a browser always sends an Origin with a change.
  const own = hostOf(`${request.protocol}://${request.headers.host ?? ''}`);
  const isOwn = origin === undefined ? site === undefined || site === 'same-origin' : own !== undefined && hostOf(origin) === own;
  if (isOwn) return;
  throw new Problem({
    status: 403,
    code: 'FOREIGN_ORIGIN',
    title: 'The request came from another site',
    detail: 'Changes are taken from the console itself only. Nothing was changed.',
    place: 'origin',
    remedy: 'Open the console under its own address and repeat the change there.',
  });
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function checkCsrf(request: FastifyRequest, session: Session): void {
  const given = request.headers['x-atalaia-csrf'];
  if (typeof given === 'string' && isCsrfToken(session.token, given)) return;
  throw new Problem({
    status: 403,
    code: 'CSRF_TOKEN',
    title: 'The change could not be tied to your session',
    detail: 'The header x-atalaia-csrf is missing or of another session. Nothing was changed.',
    place: 'x-atalaia-csrf',
    remedy: 'Load the page again. Scripts: take csrfToken from GET /api/v1/session and send it with every change.',
  });
}

async function checkPermission(gate: Gate, route: Route, request: FastifyRequest, actor: Actor): Promise<void> {
  if (route.action === 'public' || can(actor, route.action)) return;
  const needed = lacksReach(actor, route.action) ? 'access to all constituencies' : `the role ${leastRole(route.action)}`;
  const detail = `${actor.name} is ${actor.role} for ${actor.constituencies.join(', ')}; ${route.action} needs ${needed}. Nothing was changed.`;
  if (route.method !== 'GET') await gate.audit.note(entryOf(route, request, actor), 'refused', detail);
  throw new Problem({
    status: 403,
    code: 'NOT_PERMITTED',
    title: 'Not permitted',
    detail,
    place: route.action,
    remedy: `Ask an administrator for ${needed}.`,
  });
}

function notSignedIn(): Problem {
  return new Problem({
    status: 401,
    code: 'NOT_SIGNED_IN',
    title: 'Not signed in',
    detail: 'There is no session, or it has ended. Nothing was changed.',
    remedy: 'Sign in again; the address of the page brings you back to it.',
  });
}

function givenPassword(): Problem {
  return new Problem({
    status: 403,
    code: 'PASSWORD_CHANGE_NEEDED',
    title: 'Your password was given to you',
    detail: 'Until you have chosen one of your own, nothing else is answered. Nothing was changed.',
    place: 'PUT /api/v1/session/password',
    remedy: 'Change the password, then repeat the call.',
  });
}

function entryOf(route: Route, request: FastifyRequest, actor: Actor): { actor: string; address: string; action: string; object: string } {
  const action = route.audit ?? route.action;
  const params = Object.values(request.params ?? {}).filter((value) => typeof value === 'string');
  const [kind = ''] = action.split('.');
  const object = params.length === 0 ? '' : [kind, ...params].join('/').slice(0, 200);
  return { actor: actor.name, address: request.ip, action, object };
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
