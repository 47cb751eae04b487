// One hub, one agent enrolled in it, one receiver of webhooks: real processes in folders of their own that are killed and
// started again on the same data and the same ports.
// Every kind of source has its place in it (sources.ts); the data folders are small disks and the clocks can be set, where
// the machine allows it.
// Promises: a program that ends without having been killed by us is told with its last words, never taken for a crash.
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { makeTestCertificates } from '../../proto/framing/testing/test-certificates.ts';
import type { KillPointName } from '../../proto/runtime/kill-points.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { Program } from '../programs/program.ts';
import { askHub, enrolAgent, hubStatus, type HubStatus } from '../programs/site.ts';
import { JournalWriter } from './journal-writer.ts';
import { KernelWriter } from './kernel-writer.ts';
import { freePorts } from './free-ports.ts';
import { commandSocket, LiveWriters } from './live-writers.ts';
import { SiteClocks } from './site-clocks.ts';
import { openSiteDisks, type SiteDisks } from './site-disks.ts';
import { smallest, type AgentStatus, type SiteWish } from './site-wish.ts';
import { findJournalTools, sourcesConfig, type SourcePlaces } from './sources.ts';
import { isCommitted, standOf } from './stand-of.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

export interface ArmedPoint {
  readonly point: KillPointName;
  readonly pass: number;
}

export type Side = 'hub' | 'agent';

const startMsMax = 90_000;
const learnEveryMs = 120;
const printSocket = join(import.meta.dirname, 'print-socket.mjs');

export class CrashSite {
  readonly folder: string;
  readonly receiver: WebhookReceiver;
  readonly logs: string;
  readonly #wish: SiteWish;
  readonly #programs = new Map<Side, Program>();
  readonly #armed = new Map<Side, string>();
  readonly #closing = new AbortController();
  #ports = { console: '127.0.0.1:0', agents: '127.0.0.1:0' };
  #parts: Parts | undefined;
  readonly #wrongClocks = new Set<Side>();
  #learning: Promise<void> | undefined;
  consoleUrl = '';
  /** What this machine does not allow to be tried, with the remedy. */
  readonly skipped: string[] = [];
  disks: SiteDisks | undefined;
  clocks: SiteClocks | undefined;
  journal: JournalWriter | undefined;
  kernel: KernelWriter | undefined;

  private constructor(folder: string, receiver: WebhookReceiver, wish: SiteWish) {
    this.folder = folder;
    this.receiver = receiver;
    this.logs = join(folder, 'logs');
    this.#wish = wish;
  }

  static async open(folder: string, wish: SiteWish): Promise<CrashSite> {
    const site = new CrashSite(folder, await WebhookReceiver.open(), wish);
    for (const part of [site.hubData, site.agentData, site.logs]) mkdirSync(part, { recursive: true, mode: 0o700 });
    try {
      site.#equip();
      await site.#begin();
      return site;
    } catch (error) {
      await site.close({ isKept: true });
      throw error;
    }
  }

  get hubData(): string {
    return join(this.folder, 'hub');
  }

  get agentData(): string {
    return join(this.folder, 'agent');
  }

  get live(): LiveWriters {
    if (!this.#parts) throw new Error('the site is not open');
    return this.#parts.live;
  }

  get #kernelMark(): string {
    return basename(this.folder);
  }

  get #keyFile(): string {
    return join(this.folder, 'buffer.key');
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
    const env = {
      ...this.#wish.environment,
      ...(this.#wrongClocks.has(side) ? this.clocks?.environment(side) : {}),
      ...(armed ? { ATALAIA_KILL_POINT: tellPoint(armed) } : {}),
    };
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
      env: side === 'agent' && this.journal ? { ...env, PATH: `${this.journal.programs}:${process.env.PATH ?? ''}` } : env,
      isBuilt: this.#wish.isBuilt,
      hasInput: side === 'agent',
      onLog: (line) => appendFileSync(log, `${line}\n`),
    });
    appendFileSync(log, `-- started as ${program.pid}${armed ? `, to die at ${tellPoint(armed)}` : ''}\n`);
    this.#programs.set(side, program);
    this.#armed.set(side, tellPoint(armed));
    return program;
  }

  /** Resolves when it answers, or when it died at the point that it was armed with before it could. */
  async start(side: Side, armed?: ArmedPoint): Promise<void> {
    const program = this.#launch(side, armed);
    const isUp = await this.#untilAnswering(side, program);
    if (!isUp && !armed) throw new Error(`the ${side} was killed by somebody else`);
    if (side === 'agent' && isUp) await this.#agentBegan(program);
  }

  /** As a service manager does it: whoever ends by itself, for want of room, is started again. Returns how often it was. */
  async startUntilUp(side: Side): Promise<number> {
    for (let ended = 0; ; ended++) {
      try {
        await this.start(side);
        return ended;
      } catch (error) {
        if (this.#programs.get(side)?.isRunning !== false || ended >= 20) throw error;
        await delay(200);
      }
    }
  }

  /** What was sent is read, committed and stored, or nothing moves any more. */
  async untilReceived(): Promise<void> {
    let before = '';
    for (let looks = 0, still = 0; looks < 300 && still < 4; looks++) {
      const [hub, agent] = await Promise.all([this.hubStatus(), this.agentStatus()]);
      const stand = standOf({ hub, agent });
      still = stand === before && agent && isCommitted(agent) ? still + 1 : 0;
      before = stand;
      await delay(150);
    }
  }

  /** Started from now on, the side's clock can be set. It costs a hub half of its speed, so it is not always so. */
  allowJumps(side: Side, isAllowed: boolean): void {
    if (isAllowed) this.#wrongClocks.add(side);
    else this.#wrongClocks.delete(side);
  }

  /** Asks it to stop (SIGTERM): what had been received by then is owed. */
  async stop(side: Side): Promise<void> {
    const program = this.#programs.get(side);
    if (!program) return;
    const counts = side === 'agent' ? await this.agentStatus() : undefined;
    await program.stop();
    const { code, signal } = await program.exited;
    if (code !== 0) throw new Error(`the ${side} was asked to stop and ended with ${signal ?? `exit ${code}`}:\n${program.tail}`);
    if (counts) this.live.book.learnReceived(counts);
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

  /** `isKept`: the folder stays, to be looked at. */
  async close({ isKept }: { readonly isKept: boolean }): Promise<void> {
    this.#closing.abort();
    for (const side of ['agent', 'hub'] as const) await this.#programs.get(side)?.stop();
    await this.#learning;
    await this.#parts?.live.close();
    await this.journal?.close();
    this.kernel?.close();
    await this.receiver.close();
    this.disks?.close(isKept);
  }

  #equip(): void {
    const disks = this.#wish.hasSmallDisks === false ? undefined : openSiteDisks({ agent: this.agentData, hub: this.hubData });
    const clocks = SiteClocks.open(this.folder);
    const tools = findJournalTools();
    if (typeof disks === 'string') this.skipped.push(disks);
    else this.disks = disks;
    if (typeof clocks === 'string') this.skipped.push(clocks);
    else this.clocks = clocks;
    if (typeof tools === 'string') this.skipped.push(tools);
    else this.journal = new JournalWriter(this.folder, tools);
    const kernel = KernelWriter.open(this.#kernelMark);
    if (typeof kernel === 'string') this.skipped.push(kernel);
    else this.kernel = kernel;
  }

  async #agentBegan(program: Program): Promise<void> {
    const { live } = this;
    const status = await this.agentStatus();
    if (!status || !program.isRunning) return;
    live.book.processBegan(status);
    await live.begin({ stdin: program.input, exited: program.exited });
  }

  /** What is surely buffered is asked all the time: when a kill point strikes nobody can ask any more. */
  async #learn(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const program = this.#programs.get('agent');
      const status = await this.agentStatus();
      if (status && program?.isRunning && program === this.#programs.get('agent') && this.live.isOf(program.input))
        this.live.book.learnBuffered(status);
      await delay(learnEveryMs);
    }
  }

  async #begin(): Promise<void> {
    writeFileSync(join(this.folder, 'hub.yaml'), stringify({ version: 1, ...(this.#wish.hubConfig ?? smallest.hubConfig) }));
    await this.start('hub');
    const status = await this.hubStatus();
    if (!status) throw new Error(`the hub does not say how it is:\n${this.program('hub')?.tail}`);
    this.consoleUrl = status.console;
    this.#ports = { console: new URL(status.console).host, agents: `127.0.0.1:${new URL(status.agents).port}` };
    const wish = { name: 'crash test', url: this.receiver.url, minimumLevel: 'informational', allowPrivate: true };
    const made = await askHub(this.hubData, 'webhook create', wish);
    if (typeof made !== 'object' || made === null || !('secret' in made)) throw new Error(`no webhook was made: ${JSON.stringify(made)}`);
    this.receiver.expect(String(made.secret));
    await enrolAgent(this.hubData, this.agentData, { isBuilt: this.#wish.isBuilt });
    const places = await this.#openPlaces();
    const own = Number(new URL(status.agents).port);
    const way = (await this.#wish.wayTo?.(own)) ?? own;
    this.#parts = { live: await LiveWriters.open(places), places, way };
    this.writeAgentConfig([]);
    mkdirSync(join(this.folder, 'log'));
    await this.start('agent');
    this.#learning = this.#learn();
  }

  async #openPlaces(): Promise<SourcePlaces> {
    const { server } = await makeTestCertificates({ type: 'ip', value: '127.0.0.1' });
    writeFileSync(join(this.folder, 'tls.crt'), server.cert);
    writeFileSync(join(this.folder, 'tls.key'), server.key, { mode: 0o600 });
    writeFileSync(this.#keyFile, randomBytes(32), { mode: 0o600 });
    const [udp = 0, tcp = 0, tls = 0] = await freePorts(3);
    const execCommand = [process.execPath, printSocket, commandSocket(this.folder)];
    return {
      folder: this.folder,
      ports: { udp, tcp, tls },
      execCommand,
      hasJournal: this.journal !== undefined,
      kernelMark: this.kernel ? this.#kernelMark : '',
    };
  }

  /** For the agent's next start, or for SIGHUP. */
  writeAgentConfig(moreSources: readonly object[]): void {
    if (!this.#parts) throw new Error('the site is not open');
    const { places, way } = this.#parts;
    const { fence, policy } = sourcesConfig(places, moreSources);
    const encryption = this.#wish.isSealed ? { encryption: { keyFile: this.#keyFile } } : {};
    const buffer = { ...(this.#wish.buffer ?? smallest.buffer), ...encryption };
    const config = { version: 1, hub: `wss://localhost:${way}`, buffer, fence, policy };
    writeFileSync(join(this.folder, 'agent.yaml'), stringify(config), { mode: 0o600 });
  }

  async #diedOfUs(program: Program): Promise<boolean> {
    const { code, signal } = await program.exited;
    if (signal !== 'SIGKILL') throw new Error(`the ${program.name} ended by itself (${signal ?? `exit ${code}`}):\n${program.tail}`);
    return true;
  }
}

interface Parts {
  readonly live: LiveWriters;
  readonly places: SourcePlaces;
  /** The hub's port as the agent knows it. */
  readonly way: number;
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
