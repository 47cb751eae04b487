// Asks a hub's console what a script would ask by the published API.
import { request } from 'undici';
import type { ConsoleSession } from '../programs/console-session.ts';

interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Call {
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export async function webhookOn({ console, cookie, csrfToken }: ConsoleSession, url: string): Promise<void> {
  const headers = { cookie, 'x-atalaia-csrf': csrfToken };
  const wish = { name: 'bench', url, isEnabled: true, minimumLevel: 'high', allowPrivate: true };
  const made = await ask(console, { path: '/api/v1/webhooks', body: wish, headers });
  if (made.status >= 300) throw new Error(`the webhook was not made (${made.status}): ${JSON.stringify(made.body)}`);
}

/** Over the last day. Undefined when the hub refused; rejects when the signal aborts, and the hub ends the search. */
export async function searchBy(
  { console, cookie }: ConsoleSession,
  query: string,
  signal?: AbortSignal,
): Promise<{ readonly isPartial: boolean } | undefined> {
  const until = Date.now() + 3_600_000;
  const wish = new URLSearchParams({ query, since: String(until - 86_400_000), until: String(until), limit: '10' });
  const found = await ask(console, { path: `/api/v1/events?${wish.toString()}`, headers: { cookie }, ...(signal && { signal }) });
  return found.status === 200 ? { isPartial: found.body.isPartial === true } : undefined;
}

async function ask(console: string, { path, body, headers = {}, signal }: Call): Promise<Told> {
  const answer = await request(new URL(path, console), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const told: unknown = await answer.body.json();
  return { status: answer.statusCode, body: typeof told === 'object' && told !== null ? { ...told } : {} };
}
