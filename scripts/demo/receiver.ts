// A receiver of webhooks as somebody would write one: a real HTTP server on loopback that verifies the Standard Webhooks
// signature over the bytes as they came, and knows a repeat by its webhook-id.
// Promises: nothing unsigned, altered or stale is taken; a message that came twice is listed once. Bounded in size and number.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { verifySignature } from '../../hub/notify/signature.ts';
import { levels } from '../../hub/ports.ts';

const bodyBytesMax = 1024 * 1024;
const messagesMax = 1_000;

const messageBody = z.object({
  type: z.string(),
  data: z.object({ alert: z.object({ id: z.string(), title: z.string(), level: z.enum(levels) }) }),
});

export interface ReceivedMessage {
  /** The webhook-id header. */
  readonly id: string;
  readonly type: string;
  readonly alertId: string;
  readonly title: string;
  readonly level: string;
}

export interface Receiver {
  readonly port: number;
  readonly url: string;
  readonly messages: readonly ReceivedMessage[];
  /** How many calls were refused: not signed with the secret, or not a message. */
  readonly refused: number;
  useSecret(secret: string): void;
  close(): Promise<void>;
}

/** Port 0 takes any that is free; rejects when another is taken. */
export async function openReceiver(wantedPort: number): Promise<Receiver> {
  const messages = new Map<string, ReceivedMessage>();
  let secret = '';
  let refused = 0;
  const server = createServer((request, response) => {
    void take(request).then((status) => answer(response, status));
  });
  const take = async (request: IncomingMessage): Promise<number> => {
    // The sender tries again later.
    if (secret === '') return 503;
    const body = await readBody(request);
    const isSigned = body !== undefined && verifySignature({ headers: request.headers, body, secret, nowMs: Date.now() }).ok;
    const message = isSigned ? readMessage(String(request.headers['webhook-id']), body) : undefined;
    if (!message) {
      refused += 1;
      return isSigned ? 422 : 401;
    }
    if (messages.size < messagesMax) messages.set(message.id, message);
    return 204;
  };
  server.listen(wantedPort, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : wantedPort;
  return {
    port,
    url: `http://127.0.0.1:${port}/atalaia`,
    get messages() {
      return [...messages.values()];
    },
    get refused() {
      return refused;
    },
    useSecret: (told) => {
      secret = told;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end();
}

/** Undefined when it is no such call, too large, or ended early. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (request.method !== 'POST' || request.url !== '/atalaia') return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bodyBytesMax) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readMessage(id: string, body: string): ReceivedMessage | undefined {
  let told: unknown;
  try {
    told = JSON.parse(body);
  } catch {
    return undefined;
  }
  const parsed = messageBody.safeParse(told);
  if (!parsed.success) return undefined;
  const { type, data } = parsed.data;
  return { id, type, alertId: data.alert.id, title: data.alert.title, level: data.alert.level };
}
