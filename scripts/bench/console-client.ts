// Signs in to a hub's console as its first administrator and makes a webhook, as a script does by the published API.
import { request } from 'undici';

interface Told {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly cookie: string;
}

interface Call {
  readonly path: string;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function webhookOn(console: string, password: string, url: string): Promise<void> {
  const session = await post(console, { path: '/api/v1/session', body: { name: 'admin', password } });
  if (session.status !== 200) throw new Error(`signing in failed (${session.status}): ${JSON.stringify(session.body)}`);
  const headers = { cookie: session.cookie, 'x-atalaia-csrf': String(session.body.csrfToken) };
  const wish = { name: 'bench', url, isEnabled: true, minimumLevel: 'high', allowPrivate: true };
  const made = await post(console, { path: '/api/v1/webhooks', body: wish, headers });
  if (made.status >= 300) throw new Error(`the webhook was not made (${made.status}): ${JSON.stringify(made.body)}`);
}

async function post(console: string, { path, body, headers = {} }: Call): Promise<Told> {
  const answer = await request(new URL(path, console), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const told: unknown = await answer.body.json();
  const cookies = [answer.headers['set-cookie'] ?? []].flat();
  const cookie = cookies.map((text) => text.split(';')[0] ?? '').join('; ');
  return { status: answer.statusCode, body: typeof told === 'object' && told !== null ? { ...told } : {}, cookie };
}
