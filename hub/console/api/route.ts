// One call of the API, described once: path, who may, what it takes, what it answers, what it does.
// Promises: what reaches `handle` has been parsed by its schema; every call was asked through `can`; every change has an
// audit entry. The same schemas make the OpenAPI document. A call without a schema for its body takes no body.
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Actor as HubActor } from '../../ports.ts';
import type { Action, Actor } from './permissions.ts';
import { Problem } from './problems.ts';

export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly actor: Actor;
  /** The same person as the other rooms know them. */
  readonly by: HubActor;
  /** The cookie's token; empty on public calls made without one. */
  readonly token: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

interface RouteParts {
  readonly method: Method;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** 'public' needs no session. */
  readonly action: Action | 'public';
  /** Word for the audit trail, for changes: `alert.close`. */
  readonly audit?: string;
}

export interface RouteSpec<P, Q, B, A> extends RouteParts {
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  readonly body?: z.ZodType<B>;
  readonly answer: z.ZodType<A> | 'event-stream' | 'nothing';
  /** Answers with a stream send it on `reply` themselves. */
  /** For the audit trail: what was asked for, in a few words, never a secret. */
  readonly describe?: (body: B) => string;
  readonly handle: (call: Call<P, Q, B>) => Promise<A>;
}

/** A spec with its types closed over, so that routes of many kinds stand in one list. */
export interface Route extends RouteParts {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly answer: z.ZodType | 'event-stream' | 'nothing';
  readonly run: (raw: Call<unknown, unknown, unknown>) => Promise<unknown>;
  /** Empty when the body is not as the call takes it. */
  readonly describe: (body: unknown) => string;
}

interface RouteSchemas {
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType | 'event-stream' | 'nothing';
}

const nothing = z.strictObject({});

export function route<P, Q, B, A>(spec: RouteSpec<P, Q, B, A>): Route {
  const { params, query, body, answer, handle, describe, ...parts } = spec;
  return {
    ...parts,
    answer,
    schema: schemaOf(parts, { params, query, body, answer }),
    describe: (raw) => {
      const parsed = body?.safeParse(raw);
      return parsed?.success && describe ? describe(parsed.data).slice(0, 300) : '';
    },
    run: (raw) =>
      handle({
        ...raw,
        params: parsePart('path', params, raw.params),
        query: parsePart('query', query, raw.query),
        body: parsePart('body', body, raw.body ?? {}),
      }),
  };
}

function parsePart<T>(place: string, schema: z.ZodType<T> | undefined, value: unknown): T {
  // Without a schema T is inferred as unknown and nothing may be given.
  const parsed = (schema ?? nothing).safeParse(value);
  if (parsed.success) return parsed.data as T;
  const [first] = parsed.error.issues;
  const path = [place, ...(first?.path ?? []).map(String)].join('.');
  throw new Problem({
    status: 400,
    code: 'INVALID_REQUEST',
    title: 'The request is not as this call takes it',
    detail: `${path}: ${first?.message ?? 'not understood'}. Nothing was changed.`,
    place: path,
    remedy: 'Correct it; /api/v1/openapi.json says what this call takes.',
  });
}

function schemaOf(spec: RouteParts, { params, query, body, answer }: RouteSchemas): Record<string, unknown> {
  const ok =
    answer === 'event-stream'
      ? { description: 'Server-sent events', content: { 'text/event-stream': { schema: { type: 'string' } } } }
      : answer === 'nothing'
        ? { type: 'null', description: 'Done' }
        : { description: 'Done', ...jsonSchema(answer, 'output') };
  return {
    tags: [spec.tag],
    summary: spec.summary,
    description: spec.action === 'public' ? 'Needs no session.' : `Needs \`${spec.action}\`.`,
    operationId: operationId(spec),
    ...(params && { params: jsonSchema(params, 'input') }),
    ...(query && { querystring: jsonSchema(query, 'input') }),
    ...(body && { body: jsonSchema(body, 'input') }),
    response: { [answer === 'nothing' ? 204 : 200]: ok, default: { $ref: 'Problem#' } },
  };
}

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function operationId({ method, path }: Pick<RouteParts, 'method' | 'path'>): string {
  const words = path
    .replace('/api/v1/', '')
    .split(/[/:.-]+/)
    .filter((word) => word !== '');
  return [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}
