// One hub, one agent enrolled in it, one receiver of webhooks: real processes in folders of their own that are killed and
// started again on the same data and the same ports.
// Promises: a program that ends without having been killed by us is told with its last words, never taken for a crash.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { KillPointName } from '../../proto/runtime/kill-points.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { Program } from '../programs/program.ts';
import { askHub, enrolAgent, hubStatus, type HubStatus } from '../programs/site.ts';
import { sourceFiles } from './written-lines.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

export interface AgentStatus {
  readonly lagBytes: number;
  readonly lanes: readonly {
    readonly buffered: { readonly sequence: number; readonly lines: number };
    readonly committed: { readonly sequence: number };
    readonly bytes: number;
    readonly bytesMax: number;
  }[];
}

export interface ArmedPoint {
  readonly point: KillPointName;
  readonly pass: number;
}

type Side = 'hub' | 'agent';

const startMsMax = 90_000;

export class CrashSite {
  readonly folder: string;
  readonly receiver: WebhookReceiver;
  readonly logs: string;
  readonly #isBuilt: boolean;
  readonly #programs = new Map<Side, Program>();
  readonly #armed = new Map<Side, string>();
  #ports = { console: '127.0.0.1:0', agents: '127.0.0.1:0' };
  consoleUrl = '';

  private constructor(folder: string, receiver: WebhookReceiver, isBuilt: boolean) {
    this.folder = folder;
    this.receiver = receiver;
    this.logs = join(folder, 'logs');
    this.#isBuilt = isBuilt;
  }

  static async open(folder: string, { isBuilt }: { readonly isBuilt: boolean }): Promise<CrashSite> {
    const site = new CrashSite(folder, await WebhookReceiver.open(), isBuilt);
    for (const part of [site.hubData, site.agentData, site.logs]) mkdirSync(part, { recursive: true, mode: 0o700 });
    try {
      await site.#begin();
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  get hubData(): string {
    return join(this.folder, 'hub');
  }

  get agentData(): string {
    return join(this.folder, 'agent');
  }

  get blocks(): string {
    return join(this.hubData, 'store', 'blocks');
  }

  program(side: Side): Program | undefined {
    return this.#programs.get(side);
  }

  hubStatus(): Promise<HubStatus | undefined> {
    return hubStatus(this.hubData);
  }

  async agentStatus(): Promise<AgentStatus | undefined> {
    const answer = await askLocal(this.agentData, { program: 'agent', ask: 'status' }).catch(() => undefined);
    // The agent's own answer, of the same version.
    return typeof answer === 'object' && answer !== null && 'lanes' in answer ? (answer as AgentStatus) : undefined;
  }

  #launch(side: Side, armed?: ArmedPoint): Program {
    const env = armed ? { ATALAIA_KILL_POINT: tellPoint(armed) } : {};
    const args =
      side === 'hub'
        ? [
            '--data',
            this.hubData,
            '--config',
            join(this.folder, 'hub.yaml'),
            '--console',
            this.#ports.console,
            '--agents',
            this.#ports.agents,
          ]
        : ['--data', this.agentData, '--config', join(this.folder, 'agent.yaml')];
    const log = join(this.logs, `${side}.log`);
    const program = new Program({
      name: side,
      args: ['run', ...args],
      env,
      isBuilt: this.#isBuilt,
      onLog: (line) => appendFileSync(log, `${line}\n`),
    });
    appendFileSync(log, `-- started as ${program.pid}${armed ? `, to die at ${tellPoint(armed)}` : ''}\n`);
    this.#programs.set(side, program);
    this.#armed.set(side, tellPoint(armed));
    return program;
  }

  /** Resolves when it answers, or when it died at the point that it was armed with before it could. */
  async start(side: Side, armed?: ArmedPoint): Promise<void> {
    const isUp = await this.#untilAnswering(side, this.#launch(side, armed));
    if (!isUp && !armed) throw new Error(`the ${side} was killed by somebody else`);
  }

  /** False when it was killed (by its kill point) before it answered. */
  async #untilAnswering(side: Side, program: Program): Promise<boolean> {
    const untilMs = Date.now() + startMsMax;
    while (Date.now() < untilMs) {
      if (!program.isRunning) return (await this.#diedOfUs(program)) && false;
      if ((side === 'hub' ? await this.hubStatus() : await this.agentStatus()) !== undefined) return true;
      await Promise.race([delay(50), program.exited]);
    }
    throw new Error(`the ${side} did not answer within ${startMsMax / 1_000} s:\n${program.tail}`);
  }

  isArmedWith(side: Side, point: ArmedPoint): boolean {
    return this.#armed.get(side) === tellPoint(point);
  }

  async kill(side: Side): Promise<void> {
    await this.#programs.get(side)?.kill();
  }

  /** True when it died within the time; rejects when it ended otherwise than by SIGKILL. */
  async untilDead(side: Side, withinMs: number): Promise<boolean> {
    const program = this.#programs.get(side);
    if (!program) return true;
    const late = new AbortController();
    const isDead = await Promise.race([program.exited.then(() => true), delay(withinMs, false, { signal: late.signal })]);
    late.abort();
    return isDead && (await this.#diedOfUs(program));
  }

  async killEngine(): Promise<boolean> {
    const status = await this.hubStatus();
    if (status?.enginePid === undefined) return false;
    return killPid(status.enginePid);
  }

  async close(): Promise<void> {
    for (const side of ['agent', 'hub'] as const) await this.#programs.get(side)?.stop();
    await this.receiver.close();
  }

  async #begin(): Promise<void> {
    writeFileSync(join(this.folder, 'hub.yaml'), stringify({ version: 1, journal: { generationBytes: '1MiB' } }));
    await this.start('hub');
    const status = await this.hubStatus();
    if (!status) throw new Error(`the hub does not say how it is:\n${this.program('hub')?.tail}`);
    this.consoleUrl = status.console;
    this.#ports = { console: new URL(status.console).host, agents: `127.0.0.1:${new URL(status.agents).port}` };
    const wish = { name: 'crash test', url: this.receiver.url, minimumLevel: 'informational', allowPrivate: true };
    const made = await askHub(this.hubData, 'webhook create', wish);
    if (typeof made !== 'object' || made === null || !('secret' in made)) throw new Error(`no webhook was made: ${JSON.stringify(made)}`);
    this.receiver.expect(String(made.secret));
    await enrolAgent(this.hubData, this.agentData, { isBuilt: this.#isBuilt });
    writeFileSync(join(this.folder, 'agent.yaml'), stringify(this.#agentConfig(new URL(status.agents).port)), { mode: 0o600 });
    mkdirSync(join(this.folder, 'log'));
    await this.start('agent');
  }

  /** The smallest generations there can be, so that generations change and go within a round. */
  #agentConfig(port: string): object {
    const sources = Object.entries(sourceFiles).map(([id, file]) => ({
      id,
      type: 'file',
      paths: [join(this.folder, 'log', `${file}*`)],
      startAt: 'start',
      timeZone: 'UTC',
    }));
    return {
      version: 1,
      hub: `wss://localhost:${port}`,
      buffer: { maxBytes: '4MiB', generationBytes: '1MiB', reserveBytes: '1MiB', flushInterval: '50ms' },
      fence: { paths: [join(this.folder, 'log', '**')] },
      policy: { kind: 'Policy', version: 1, sources },
    };
  }

  async #diedOfUs(program: Program): Promise<boolean> {
    const { code, signal } = await program.exited;
    if (signal !== 'SIGKILL') throw new Error(`the ${program.name} ended by itself (${signal ?? `exit ${code}`}):\n${program.tail}`);
    return true;
  }
}

function tellPoint(armed: ArmedPoint | undefined): string {
  return armed ? `${armed.point}:${armed.pass}` : '';
}

function killPid(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
    return false;
  }
}
