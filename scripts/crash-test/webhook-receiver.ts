// A receiver of webhooks as an operator would write one: it verifies the Standard Webhooks signature, answers, and takes an
// id that it has seen for the same message.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import { verifySignature } from '../../hub/notify/signature.ts';

export class WebhookReceiver {
  readonly #server: Server;
  readonly #ids = new Map<string, string>();
  readonly #secrets: string[] = [];
  repeats = 0;
  readonly problems: string[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(): Promise<WebhookReceiver> {
    const server = createServer((request, response) => {
      void receiver.#take(request).then((status) => response.writeHead(status).end());
    });
    const receiver = new WebhookReceiver(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get url(): string {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the receiver does not listen');
    return `http://127.0.0.1:${address.port}/alerts`;
  }

  /** Webhook id to the alert that it told. */
  get ids(): ReadonlyMap<string, string> {
    return this.#ids;
  }

  expect(secret: string): void {
    this.#secrets.push(secret);
    this.#ids.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => void this.#server.close(resolve));
  }

  async #take(request: IncomingMessage): Promise<number> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      const body = Buffer.concat(chunks).toString('utf8');
      const secret = this.#secrets.at(-1) ?? '';
      const verified = verifySignature({ headers: request.headers, body, secret, nowMs: sentAtMs(request) });
      if (!verified.ok) return this.#refuse(`a webhook whose ${verified.reason} does not hold`);
      const id = String(request.headers['webhook-id']);
      const alertId = alertIn(body);
      if (alertId === undefined) return this.#refuse(`webhook ${id} names no alert`);
      const before = this.#ids.get(id);
      if (before !== undefined && before !== alertId) return this.#refuse(`webhook ${id} told two alerts`);
      if (before !== undefined) this.repeats++;
      this.#ids.set(id, alertId);
      return 204;
    } catch {
      // The sender was killed in the middle.
      return 400;
    }
  }

  #refuse(problem: string): number {
    this.problems.push(problem);
    return 400;
  }
}

/** The hub's clock is set to other hours on purpose; whether a receiver refuses old messages is tested beside the signature. */
function sentAtMs(request: IncomingMessage): number {
  return Number(request.headers['webhook-timestamp']) * 1_000;
}

function alertIn(body: string): string | undefined {
  const message: unknown = JSON.parse(body);
  const found = at(at(at(message, 'data'), 'alert'), 'id');
  return typeof found === 'string' ? found : undefined;
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
