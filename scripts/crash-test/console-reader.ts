// Reads alerts, tickets and the ledger through the console's published API, signed in as the first administrator.
import { request } from 'undici';
import * as z from 'zod';
import { signInToConsole } from '../programs/console-session.ts';

const alertShape = z.object({
  id: z.string(),
  ruleId: z.string(),
  title: z.string(),
  group: z.array(z.object({ field: z.string(), value: z.string() })),
  count: z.number(),
  ticketId: z.string(),
});
export type SeenAlert = z.infer<typeof alertShape>;
const alertsPage = z.object({ alerts: z.array(alertShape), after: z.string() });
const ticketsPage = z.object({ tickets: z.array(z.object({ id: z.string(), title: z.string() })), after: z.string() });
const ledgerShape = z.object({
  rows: z.array(
    z.object({
      sourceId: z.string(),
      linesRead: z.number(),
      linesStored: z.number(),
      linesFiltered: z.number(),
      linesDropped: z.number(),
      linesLost: z.number(),
      gap: z.number(),
    }),
  ),
});
export type LedgerLine = z.infer<typeof ledgerShape>['rows'][number];

export class ConsoleReader {
  readonly #url: string;
  readonly #passwordFile: string;
  #cookie = '';

  constructor(url: string, passwordFile: string) {
    this.#url = url;
    this.#passwordFile = passwordFile;
  }

  async alerts(): Promise<SeenAlert[]> {
    const all: SeenAlert[] = [];
    for (let after: string | undefined; after !== '';) {
      const page = alertsPage.parse(await this.#get(`/api/v1/alerts?status=all&limit=500&after=${after ?? ''}`));
      all.push(...page.alerts);
      ({ after } = page);
    }
    return all;
  }

  async tickets(): Promise<{ readonly id: string; readonly title: string }[]> {
    const all: { id: string; title: string }[] = [];
    for (let after: string | undefined; after !== '';) {
      const page = ticketsPage.parse(await this.#get(`/api/v1/tickets?state=all&limit=500&after=${after ?? ''}`));
      all.push(...page.tickets);
      ({ after } = page);
    }
    return all;
  }

  async ledger(): Promise<LedgerLine[]> {
    return ledgerShape.parse(await this.#get('/api/v1/ledger?since=0')).rows;
  }

  async #get(path: string, isRetry = false): Promise<unknown> {
    if (this.#cookie === '') this.#cookie = (await signInToConsole(this.#url, this.#passwordFile)).cookie;
    const answer = await request(new URL(path, this.#url), { headers: { cookie: this.#cookie } });
    if (answer.statusCode === 401 && !isRetry) {
      await answer.body.dump();
      this.#cookie = '';
      return this.#get(path, true);
    }
    const body: unknown = await answer.body.json();
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}: ${JSON.stringify(body)}`);
    return body;
  }
}
