// The pages' only way to the hub: the published API. A failed call is a Failure with the problem document's words, or
// with our own when there was no answer at all; pages show it as it is.
import { signal } from '@preact/signals';
import type { ProblemView, SessionView } from '../api/shapes.ts';

export const session = signal<SessionView | undefined>(undefined);

const signedOut: SessionView = { user: null, csrfToken: '', expiresMs: 0, actions: [] };

class Failure extends Error {
  readonly problem: ProblemView;

  constructor(problem: ProblemView) {
    super(problem.detail);
    this.name = 'Failure';
    this.problem = problem;
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return call<T>('GET', path, { ...(signal && { signal }) });
}

export async function send<T = undefined>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T> {
  return call<T>(method, path, body === undefined ? {} : { body: JSON.stringify(body) });
}

async function call<T>(method: string, path: string, options: { readonly body?: string; readonly signal?: AbortSignal }): Promise<T> {
  const headers: Record<string, string> = {};
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET') headers['x-atalaia-csrf'] = session.value?.csrfToken ?? '';
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, { method, headers, ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Failure({
      ...emptyProblem,
      code: 'UNREACHABLE',
      title: 'The hub does not answer',
      detail: 'No answer came. What you typed is still here.',
      remedy: 'Check the network and that the hub runs; the page tries again by itself.',
    });
  }
  // The address stays: signing in again leads back to the same page.
  if (response.status === 401 && path !== 'session') session.value = signedOut;
  if (!response.ok) throw new Failure(await problemOf(response));
  if (response.status === 204) return undefined as T;
  // The API's own schemas are checked in its tests; a second check here would only cost the reader time.
  return (await response.json()) as T;
}

const emptyProblem: ProblemView = { type: '', title: '', status: 0, detail: '', instance: '', code: '', place: '', remedy: '' };

async function problemOf(response: Response): Promise<ProblemView> {
  try {
    return { ...emptyProblem, ...((await response.json()) as Partial<ProblemView>) };
  } catch {
    return {
      ...emptyProblem,
      status: response.status,
      title: `The hub answered ${response.status}`,
      detail: 'without saying why.',
      remedy: 'Try again.',
    };
  }
}

export function problemFrom(error: unknown): ProblemView {
  if (error instanceof Failure) return error.problem;
  return {
    ...emptyProblem,
    title: 'The page failed',
    detail: error instanceof Error ? error.message : String(error),
    remedy: 'Load the page again.',
  };
}

export function may(action: string): boolean {
  return session.value?.actions.includes(action) ?? false;
}

export async function loadSession(): Promise<void> {
  session.value = await get<SessionView>('session');
}
