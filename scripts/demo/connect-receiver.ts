// The receiver and the hub's webhook that calls it. A second run takes the same port and the same webhook, so that no
// webhook is left behind that calls nobody; only when the port is taken by then a new pair is made.
// The secret lies in the demo's folder, for its owner alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { errorCode } from '../../proto/runtime/errors.ts';
import { askHub } from '../programs/site.ts';
import { openReceiver, type Receiver } from './receiver.ts';

const known = z.object({ port: z.number(), secret: z.string() });
const created = z.object({ webhook: z.object({ id: z.string() }), secret: z.string() });

export async function connectReceiver(folder: string, hubData: string): Promise<Receiver> {
  const file = join(folder, 'receiver.json');
  if (existsSync(file)) {
    const { port, secret } = known.parse(JSON.parse(readFileSync(file, 'utf8')));
    const again = await openIfFree(port);
    if (again) {
      again.useSecret(secret);
      return again;
    }
    console.log(`Port ${port} of the earlier receiver is taken by another program; a new webhook is made.`);
  }
  const receiver = await openReceiver(0);
  // Private addresses are refused to webhooks unless that is asked for: the receiver is on loopback.
  const wish = { name: 'demo receiver', url: receiver.url, minimumLevel: 'high', allowPrivate: true };
  const answer = created.safeParse(await askHub(hubData, 'webhook create', wish));
  if (!answer.success) {
    await receiver.close();
    throw new Error('the hub made no webhook for the receiver; hub.log in the demo’s folder says more');
  }
  receiver.useSecret(answer.data.secret);
  writeFileSync(file, JSON.stringify({ port: receiver.port, secret: answer.data.secret }), { mode: 0o600 });
  return receiver;
}

async function openIfFree(port: number): Promise<Receiver | undefined> {
  try {
    return await openReceiver(port);
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return undefined;
    throw error;
  }
}
