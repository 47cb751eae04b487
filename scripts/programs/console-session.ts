// Signs in to a hub's console as its first administrator, as a script would: by the published API.
// Promises: a first password that was never changed is changed (until then the hub answers nothing else) and the new one
// takes its place in the file, so that who signs in next finds it there.
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'undici';
import * as z from 'zod';

export interface ConsoleSession {
  readonly console: string;
  readonly cookie: string;
  readonly csrfToken: string;
}

const signedIn = z.object({ csrfToken: z.string(), user: z.object({ mustChangePassword: z.boolean() }) });

export async function signInToConsole(console: string, passwordFile: string): Promise<ConsoleSession> {
  const password = readFileSync(passwordFile, 'utf8').trim();
  const answer = await request(new URL('/api/v1/session', console), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'admin', password }),
  });
  const told = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`signing in answered ${answer.statusCode}: ${told}`);
  const { csrfToken, user } = signedIn.parse(JSON.parse(told));
  const cookies = [answer.headers['set-cookie'] ?? []].flat();
  const session = { console, csrfToken, cookie: cookies.map((text) => text.split(';')[0] ?? '').join('; ') };
  if (user.mustChangePassword) await changePassword(session, { current: password, next: `${password}-own` }, passwordFile);
  return session;
}

async function changePassword(
  { console, cookie, csrfToken }: ConsoleSession,
  wish: { readonly current: string; readonly next: string },
  passwordFile: string,
): Promise<void> {
  const answer = await request(new URL('/api/v1/session/password', console), {
    method: 'PUT',
    headers: { cookie, 'x-atalaia-csrf': csrfToken, 'content-type': 'application/json' },
    body: JSON.stringify(wish),
  });
  const told = await answer.body.text();
  if (answer.statusCode !== 204) throw new Error(`changing the first password answered ${answer.statusCode}: ${told}`);
  writeFileSync(passwordFile, `${wish.next}\n`, { mode: 0o600 });
}
