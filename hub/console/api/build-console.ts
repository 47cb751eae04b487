// The console's server: every call of the API behind one gate, the OpenAPI document, and the built pages.
// Promises: no answer leaves without the strict headers; errors are problem documents (RFC 9457); bodies are small; the
// pages get nothing that a script could not ask for. It does not listen by itself: the caller checks the address first
// (`checkListen`). `close()` ends live tails too.
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { ticks } from '../../../proto/runtime/ticks.ts';
import { AuditTrail } from './audit-trail.ts';
import { checkHost, pass, type Gate } from './gate.ts';
import { Passwords } from './passwords.ts';
import type { ConsolePorts, ConsoleSettings } from './ports.ts';
import { Problem, problemOf, toView } from './problems.ts';
import { jsonSchema, type Route } from './route.ts';
import { alertRoutes } from './routes/alert-routes.ts';
import { eventRoutes } from './routes/event-routes.ts';
import { fleetRoutes, overviewRoutes } from './routes/fleet-routes.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { ticketRoutes } from './routes/ticket-routes.ts';
import { webhookRoutes } from './routes/webhook-routes.ts';
import { Sessions } from './sessions.ts';
import { problemView } from './shapes.ts';
import { SignInLimits } from './sign-in-limits.ts';
import { Users } from './users.ts';

const bodyBytesMax = 64 * 1024;
const callsPerMinuteMax = 1_200;
const sweepIntervalMs = 3_600_000;

export interface ConsoleServer {
  readonly logger?: FastifyBaseLogger;
  /** Key and certificate; without them the console speaks HTTP, on loopback only. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function buildConsole(ports: ConsolePorts, settings: ConsoleSettings, server: ConsoleServer = {}): Promise<FastifyInstance> {
  const app = Fastify(serverOptions(server));
  const gate = makeGate(ports, settings);
  app.addHook('onRequest', async (request) => checkHost(request, settings.hostNames));
  app.setErrorHandler((error, request, reply) => {
    const { parts, isOurs } = problemOf(error, request.id);
    if (isOurs) request.log.error({ err: error }, 'console call failed');
    if (parts.retryAfterSeconds) void reply.header('retry-after', parts.retryAfterSeconds);
    return reply
      .code(parts.status)
      .type('application/problem+json')
      .send(toView(parts, request.url.split('?')[0] ?? ''));
  });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  await app.register(helmet, strictHeaders(settings.isTls));
  await app.register(cookie);
  await app.register(rateLimit, { max: callsPerMinuteMax, timeWindow: 60_000, errorResponseBuilder: tooManyCalls });
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Atalaia console', version: '1', description: apiDescription } },
    refResolver: { buildLocalReference: (schema, _base, _fragment, at) => (typeof schema.$id === 'string' ? schema.$id : `shape-${at}`) },
  });
  app.addSchema({ $id: 'Problem', ...jsonSchema(problemView, 'output') });
  await app.register(async (api) => {
    for (const route of consoleRoutes(ports, settings, gate)) mount(api, gate, route);
  });
  mountDocument(app);
  await servePages(app, settings.webRoot);
  sweepWhileOpen(app, gate, ports);
  return app;
}

/** All calls, in one list: the tests walk it. */
export function consoleRoutes(ports: ConsolePorts, settings: Pick<ConsoleSettings, 'isTls'>, gate: Gate): Route[] {
  const limits = new SignInLimits(ports.clock);
  return [
    ...sessionRoutes({ gate, limits, clock: ports.clock, isTls: settings.isTls }),
    ...overviewRoutes(ports, gate.audit),
    ...fleetRoutes(ports),
    ...eventRoutes(ports, gate),
    ...alertRoutes(ports),
    ...ticketRoutes(ports),
    ...webhookRoutes(ports),
  ];
}

export function makeGate({ state, clock, random }: ConsolePorts, settings: Omit<ConsoleSettings, 'webRoot'>): Gate {
  return {
    sessions: new Sessions(state, clock, random),
    users: new Users(state, clock, new Passwords(settings.passwordCost, random)),
    audit: new AuditTrail(state, clock, random),
    hostNames: settings.hostNames,
    // The prefix makes browsers refuse a cookie that another name or an unencrypted page has set.
    cookieName: settings.isTls ? '__Host-atalaia' : 'atalaia',
  };
}

const apiDescription =
  'Sign in with POST /api/v1/session, keep the cookie, and send csrfToken as the header x-atalaia-csrf with every change. ' +
  'Errors are problem documents (RFC 9457) with a stable `code`, the place and the remedy. Times are milliseconds since 1970.';

function serverOptions({ logger, tls }: ConsoleServer): FastifyServerOptions {
  const options: FastifyServerOptions = {
    bodyLimit: bodyBytesMax,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
    // One line per call is an event's worth of noise; failures are logged by the error hook.
    logController: new LogController({ disableRequestLogging: true }),
    ...(logger ? { loggerInstance: logger } : { logger: false }),
  };
  // Fastify's types tie the options to one kind of server; over TLS the instance is used through the same interface.
  return tls ? ({ ...options, https: tls } as FastifyServerOptions) : options;
}

function mount(app: FastifyInstance, gate: Gate, route: Route): void {
  app.route({
    method: route.method,
    url: route.path,
    schema: route.schema,
    handler: async (request, reply) => {
      if (route.answer !== 'event-stream') void reply.header('cache-control', 'no-store');
      const answer = await pass(gate, route, request, reply);
      if (route.answer === 'event-stream') return reply;
      if (route.answer === 'nothing') return reply.code(204).send();
      return answer;
    },
  });
}

function mountDocument(app: FastifyInstance): void {
  app.get('/api/v1/openapi.json', { schema: { tags: ['overview'], summary: 'This document', operationId: 'getOpenapi' } }, async () =>
    app.swagger(),
  );
}

function strictHeaders(isTls: boolean): Parameters<typeof helmet>[1] & object {
  const self = ["'self'"];
  const none = ["'none'"];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        scriptSrc: self,
        styleSrc: self,
        imgSrc: self,
        connectSrc: self,
        fontSrc: self,
        manifestSrc: self,
        baseUri: none,
        formAction: none,
        frameAncestors: none,
      },
    },
    hsts: isTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: true,
  };
}

async function servePages(app: FastifyInstance, webRoot: string): Promise<void> {
  if (webRoot !== '') {
    await app.register(fastifyStatic, {
      root: webRoot,
      preCompressed: true,
      setHeaders: (reply, path) => {
        // Built files carry a hash in their name; the page that names them must always be asked for.
        const isNamedByHash = /-[A-Z0-9]{8}\.(?:js|css)(?:\.br|\.gz)?$/.test(path);
        void reply.header('cache-control', isNamedByHash ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && !request.url.startsWith('/api/') && !request.url.startsWith('/assets/');
    if (webRoot !== '' && isPage) return reply.sendFile('index.html');
    throw new Problem({
      status: 404,
      code: 'NO_SUCH_CALL',
      title: 'There is no such call',
      detail: `${request.method} ${request.url.split('?')[0]?.slice(0, 200)} is not part of the API.`,
      remedy: 'See /api/v1/openapi.json.',
    });
  });
}

function sweepWhileOpen(app: FastifyInstance, gate: Gate, { clock }: ConsolePorts): void {
  const closing = new AbortController();
  app.addHook('onClose', async () => closing.abort());
  const sweep = async (): Promise<void> => {
    for await (const _ of ticks(sweepIntervalMs, { clock, signal: closing.signal })) {
      try {
        await gate.sessions.sweep();
        await gate.audit.sweep();
      } catch (error) {
        app.log.warn({ err: error }, 'old sessions and audit entries not swept; tried again in an hour');
      }
    }
  };
  app.addHook('onReady', async () => {
    void sweep();
  });
}

function tooManyCalls(): Error {
  return new Problem({
    status: 429,
    code: 'CALL_LIMIT',
    title: 'Too many calls',
    detail: `At most ${callsPerMinuteMax} calls a minute from one address.`,
    remedy: 'Ask less often.',
    retryAfterSeconds: 30,
  });
}
