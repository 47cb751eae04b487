// A real hub as a process, in a folder of its own, with what the bench asks of it.
// Promises: figures are those of the hub's process (workers are threads of it) and of its engine's child; a hub that
// ended is told with what it last said.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { signInToConsole, type ConsoleSession } from '../programs/console-session.ts';
import { askHub, hubStatus, startHub, type HubStatus } from '../programs/site.ts';
import type { Program } from '../programs/program.ts';
import { figuresOf, type ProcessFigures } from './process-figures.ts';
import { webhookOn } from './console-client.ts';
import type { BenchWish } from './scenario.ts';

export interface HubFigures {
  readonly hub: ProcessFigures;
  readonly engine: ProcessFigures;
}

export interface SearchFound {
  readonly events: number;
  readonly ms: number;
  readonly isPartial: boolean;
}

const pollMs = 200;
const nothing: ProcessFigures = { cpuSeconds: 0, rssMb: 0, peakRssMb: 0 };

export class MeasuredHub {
  readonly data: string;
  readonly url: string;
  readonly #program: Program;
  readonly #console: string;

  private constructor(program: Program, data: string, status: HubStatus) {
    this.#program = program;
    this.data = data;
    this.url = `wss://localhost:${new URL(status.agents).port}`;
    this.#console = status.console;
  }

  static async start(folder: string, { rules }: Pick<BenchWish, 'rules'>): Promise<MeasuredHub> {
    const data = join(folder, 'hub');
    const config = join(folder, 'hub.yaml');
    await mkdir(data, { recursive: true, mode: 0o700 });
    // JSON is YAML.
    await writeFile(
      config,
      JSON.stringify({ version: 1, log: { level: 'warn' }, detection: { rules: rules === undefined ? [] : [rules] } }),
    );
    const program = await startHub({ data, config, console: '127.0.0.1:0', agents: '127.0.0.1:0' });
    const status = await hubStatus(data);
    if (!status) throw new Error(`the hub does not answer:\n${program.tail}`);
    return new MeasuredHub(program, data, status);
  }

  async status(): Promise<HubStatus> {
    const status = this.#program.isRunning ? await hubStatus(this.data) : undefined;
    if (!status) throw new Error(`the hub has ended or does not answer; it last said:\n${this.#program.tail}`);
    return status;
  }

  async tokens(count: number): Promise<string[]> {
    const tokens: string[] = [];
    for (let made = 0; made < count; made++) {
      const answer = await askHub(this.data, 'token create', { note: 'bench' });
      if (typeof answer !== 'object' || answer === null || !('token' in answer)) throw new Error('the hub gave no token');
      tokens.push(String(answer.token));
    }
    return tokens;
  }

  async figures(): Promise<HubFigures> {
    const { pid, enginePid } = await this.status();
    return { hub: figuresOf(pid) ?? nothing, engine: (enginePid === undefined ? undefined : figuresOf(enginePid)) ?? nothing };
  }

  /** When at least so many events are stored, in monotonic milliseconds; rejects when nothing moves for a minute. */
  async stored(events: number): Promise<number> {
    for (let [rows, movedMs] = [0, performance.now()]; ;) {
      const status = await this.status();
      const now = performance.now();
      if (status.store.rows >= events) return now;
      if (status.store.rows !== rows) [rows, movedMs] = [status.store.rows, now];
      if (now - movedMs > 60_000)
        throw new Error(`storing stopped at ${rows} of ${events}: ${JSON.stringify(status)}\n${this.#program.tail}`);
      await delay(pollMs);
    }
  }

  async search(query: string, limit: number): Promise<SearchFound> {
    const begunMs = performance.now();
    const untilMs = Date.now() + 3_600_000;
    const answer = await askHub(this.data, 'search', { query, sinceMs: untilMs - 86_400_000, untilMs, limit });
    const ms = performance.now() - begunMs;
    if (typeof answer !== 'object' || answer === null || !('events' in answer) || !Array.isArray(answer.events))
      throw new Error(`the hub did not search: ${JSON.stringify(answer).slice(0, 300)}`);
    return { events: answer.events.length, ms, isPartial: 'isPartial' in answer && answer.isPartial === true };
  }

  /** Has every alert told to this address. */
  async tellAlertsTo(url: string): Promise<void> {
    await webhookOn(await this.signIn(), url);
  }

  /** As the first administrator. */
  async signIn(): Promise<ConsoleSession> {
    return signInToConsole(this.#console, join(this.data, 'first-password'));
  }

  get tail(): string {
    return this.#program.tail;
  }

  async stop(): Promise<void> {
    if (this.#program.isRunning) await this.#program.stop();
  }
}
