// Errors of the API as RFC 9457 problem documents: what failed, where, what was kept, what to do.
// Promises: a known code keeps its own words; anything unknown is answered with a number to look up in the hub's log and
// no inner text, because an inner text may hold a secret.
import { AtalaiaError, errorCode } from '../../../proto/runtime/errors.ts';
import type { ProblemView } from './shapes.ts';

export interface ProblemParts {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly place?: string;
  readonly remedy?: string;
  readonly retryAfterSeconds?: number;
}

/** Thrown inside a call; the error hook turns it into the answer. */
export class Problem extends Error {
  readonly parts: ProblemParts;

  constructor(parts: ProblemParts) {
    super(parts.detail);
    this.name = 'Problem';
    this.parts = parts;
  }
}

export function notFound(what: string, id: string): Problem {
  return new Problem({
    status: 404,
    code: 'NOT_FOUND',
    title: `No such ${what}`,
    detail: `There is no ${what} with the id ${id.slice(0, 80)}.`,
    remedy: 'It may have been removed, or the link is incomplete. Go back to the list.',
  });
}

export function toView(parts: ProblemParts, instance: string): ProblemView {
  return {
    type: `urn:atalaia:problem:${parts.code.toLowerCase().replaceAll('_', '-')}`,
    title: parts.title,
    status: parts.status,
    detail: parts.detail,
    instance,
    code: parts.code,
    place: parts.place ?? '',
    remedy: parts.remedy ?? '',
  };
}

/** What a thrown thing means to the caller. `isOurs` says that it belongs into the log. */
export function problemOf(error: unknown, requestId: string): { readonly parts: ProblemParts; readonly isOurs: boolean } {
  if (error instanceof Problem) return { parts: error.parts, isOurs: false };
  const code = errorCode(error) ?? '';
  if (error instanceof AtalaiaError) return { parts: ofAtalaia(error), isOurs: !isCallersFault(error.code) };
  const known = fastifyProblems[code];
  if (known) return { parts: known, isOurs: false };
  return {
    parts: {
      status: 500,
      code: 'INTERNAL',
      title: 'The hub failed on this request',
      detail: `The request was not carried out as asked. The reason is in the hub's log under request ${requestId}.`,
      remedy: 'Try again. If it happens again, give the request number to the hub operator.',
    },
    isOurs: true,
  };
}

const fastifyProblems: Readonly<Record<string, ProblemParts>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'BODY_TOO_LARGE',
    title: 'The request is too large',
    detail: 'The body is longer than this call takes. Nothing was changed.',
    place: 'body',
    remedy: 'Send less in one request.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'MEDIA_TYPE',
    title: 'Only JSON is taken',
    detail: 'The body must be JSON with the content type application/json. Nothing was changed.',
    place: 'content-type',
    remedy: 'Set the content-type header.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: badJson(),
  FST_ERR_CTP_INVALID_JSON_BODY: badJson(),
};

function badJson(): ProblemParts {
  return {
    status: 400,
    code: 'BAD_JSON',
    title: 'The body is not JSON',
    detail: 'The body could not be read as JSON. Nothing was changed.',
    place: 'body',
    remedy: 'Send one JSON object.',
  };
}

function ofAtalaia(error: AtalaiaError): ProblemParts {
  const { code, message, isRetryable } = error;
  if (code.endsWith('_CONFLICT')) {
    return {
      status: 409,
      code,
      title: 'Somebody else changed this at the same time',
      detail: `${message}. Your change was not made.`,
      remedy: 'Load it again and repeat the change if it still applies.',
    };
  }
  if (code.endsWith('_NOT_FOUND')) return { status: 404, code, title: 'Not found', detail: message };
  if (isCallersFault(code)) {
    return { status: 422, code, title: 'This cannot be done', detail: message, remedy: 'Change the request as the text says.' };
  }
  return {
    status: isRetryable ? 503 : 500,
    code,
    title: 'A part of the hub is not available',
    detail: message,
    remedy: isRetryable ? 'Nothing was lost. Try again in a moment.' : 'Look at the health on the overview and in the hub log.',
  };
}

/** Codes that say the wish was wrong, not the world. */
function isCallersFault(code: string): boolean {
  return code === 'USAGE' || /_(CONFLICT|NOT_FOUND|REFUSED|INVALID|LIMIT|FORBIDDEN)$/.test(code);
}
