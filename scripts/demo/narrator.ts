// What the demo says: scene by scene, what the hub finds as it finds it, and at the end what happened and where to look.
import type { Outcome, SeenAlert } from './outcome.ts';
import type { Scene } from './story.ts';

export interface Ending {
  readonly console: string;
  readonly attacker: string;
  readonly firstPassword: string | undefined;
}

export class Narrator {
  readonly #say: (text: string) => void;
  readonly #seen = new Set<string>();

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  begin(folder: string): void {
    this.#say(`Everything of the demo lies in ${folder}; nothing in it is removed unless --fresh is given.`);
    this.#say('Starting a hub, an agent enrolled in it over mutual TLS, and a receiver of webhooks (some seconds) …');
  }

  ready(console: string, receiver: string): void {
    this.#say(`The hub runs, its agent is connected; the receiver listens on ${receiver}. Console: ${console}`);
  }

  scene({ title, told }: Scene, number: number): void {
    this.#say(`\n${number}. ${title}\n   ${told}`);
  }

  /** Says what is new. */
  follow({ alerts, tickets, messages }: Outcome): void {
    for (const alert of alerts.toReversed())
      this.#once(`alert ${alert.id}`, `   → alert, ${alert.level}: ${alert.title} (${groupOf(alert)})`);
    for (const { id, number, title } of tickets) this.#once(`ticket ${id}`, `   → ticket ${number}: ${title}`);
    for (const { id, title } of messages) this.#once(`message ${id}`, `   → webhook received, signature verified: ${title}`);
  }

  told(lines: number): void {
    this.#say(`\nThe story is told: ${lines} lines. Waiting until the hub has worked them off …`);
  }

  end({ alerts, tickets, messages, missing }: Outcome, { console, attacker, firstPassword }: Ending): void {
    this.#say(`\nWhat happened\n`);
    this.#say(`  ${alerts.length} alerts`);
    for (const alert of alerts.toReversed())
      this.#say(`    ${alert.level.padEnd(8)} ${alert.title} (${groupOf(alert)}), ${alert.count === 1 ? 'once' : `${alert.count} times`}`);
    this.#say(`  ${tickets.length} tickets open`);
    for (const { number, title, stage } of tickets) this.#say(`    ${number.padEnd(8)} ${title} [${stage}]`);
    this.#say(`  ${messages.length} webhooks received, each signature verified`);
    for (const { id, type, title } of messages) this.#say(`    ${id} ${type}: ${title}`);
    if (missing.length > 0) this.#say(`\nMissing, though expected:\n${missing.map((one) => `  ${one}`).join('\n')}`);
    const page = (path: string, what: string): void => this.#say(`  ${new URL(path, console).href}  ${what}`);
    this.#say('\nLook at');
    page('/', 'the overview');
    page('/alerts', 'the queue of alerts');
    const [first] = tickets;
    if (first) page(`/tickets/${first.id}`, `ticket ${first.number}, with its evidence`);
    page(`/events?q=${attacker}`, 'every line of the attacker');
    page('/webhooks', 'what was sent to the receiver');
    this.#say(`\nSign in as admin with the password ${firstPassword ?? 'that you chose'}`);
  }

  staying(): void {
    this.#say('\nAll of it stays up until Ctrl-C.');
  }

  stopped(folder: string): void {
    this.#say(`\nStopped. The data stays in ${folder}; npm run demo goes on with it, with --fresh it begins anew.`);
  }

  #once(key: string, text: string): void {
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#say(text);
  }
}

function groupOf({ group }: SeenAlert): string {
  return group
    .filter(({ field }) => field !== 'agent.id')
    .map(({ value }) => value)
    .join(', ');
}
