// A hub and agents enrolled in it over mutual TLS, as real processes in folders of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { Program, type ProgramOptions } from './program.ts';

const root = join(import.meta.dirname, '..', '..');

export interface HubStatus {
  readonly version: string;
  readonly pid: number;
  readonly enginePid: number | undefined;
  /** The console's address. */
  readonly console: string;
  /** The agents' port, for enroll. */
  readonly agents: string;
  readonly journal: { readonly oldest: number; readonly next: number; readonly bytes: number; readonly isFull: boolean };
  readonly pipeline: {
    readonly state: string;
    readonly detected: number;
    readonly stored: number;
    readonly snapshot: number;
    readonly lastFailure: string;
  };
  readonly store: { readonly isUp: boolean; readonly restarts: number; readonly rows: number; readonly bytesOnDisk: number };
  readonly rules: { readonly loaded: number; readonly correlations: number; readonly refused: number };
}

export interface HubWish extends Omit<ProgramOptions, 'name' | 'args'> {
  readonly data: string;
  /** Port 0 takes any that is free. */
  readonly console: string;
  readonly agents: string;
  readonly config?: string;
}

/** Resolves when the hub answers; rejects with what it said when it ended instead. */
export async function startHub({ data, console, agents, config, ...options }: HubWish): Promise<Program> {
  const args = ['run', '--data', data, '--console', console, '--agents', agents, ...(config === undefined ? [] : ['--config', config])];
  const hub = new Program({ ...options, name: 'hub', args });
  await untilAnswering(hub, () => hubStatus(data));
  return hub;
}

export async function hubStatus(data: string): Promise<HubStatus | undefined> {
  const answer = await askHub(data, 'status').catch(() => undefined);
  // The hub's own answer, of the same version.
  return isAnswer(answer) ? (answer as HubStatus) : undefined;
}

/** One question over the hub's local socket; undefined when no hub runs there. */
export function askHub(data: string, ask: string, wish?: unknown): Promise<unknown> {
  return askLocal(data, { program: 'hub', ask, wish });
}

/** Enrols an agent with a fresh one-time token, unless its folder holds an identity already. */
export async function enrolAgent(
  hubData: string,
  agentData: string,
  { isBuilt = false }: { readonly isBuilt?: boolean } = {},
): Promise<void> {
  if (existsSync(join(agentData, 'identity'))) return;
  await mkdir(agentData, { recursive: true, mode: 0o700 });
  const status = await hubStatus(hubData);
  const made = await askHub(hubData, 'token create', { note: 'local agent' });
  if (!status || typeof made !== 'object' || made === null || !('token' in made))
    throw new Error(`the hub on ${hubData} gave no enrolment token`);
  const entry = isBuilt ? join(root, 'dist', 'agent.js') : join(root, 'agent', 'main.ts');
  const url = new URL(status.agents);
  url.hostname = 'localhost';
  const child = spawn(process.execPath, [entry, 'enroll', '--hub', url.href, '--token-file', '-', '--data', agentData], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  child.stdin.end(`${String(made.token)}\n`);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`enrolling the agent failed: ${said.trim()}`);
}

export interface AgentWish extends Omit<ProgramOptions, 'name' | 'args'> {
  readonly data: string;
  readonly config: string;
}

/** Resolves when the agent answers; it may not have reached its hub yet. */
export async function startAgent({ data, config, ...options }: AgentWish): Promise<Program> {
  const agent = new Program({ ...options, name: 'agent', args: ['run', '--config', config, '--data', data] });
  await untilAnswering(agent, async () => {
    const answer = await askLocal(data, { program: 'agent', ask: 'status' }).catch(() => undefined);
    return isAnswer(answer) ? answer : undefined;
  });
  return agent;
}

async function untilAnswering(program: Program, ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    if (!program.isRunning) throw new Error(program.tail === '' ? `the ${program.name} ended without a word` : program.tail);
    if ((await ask()) !== undefined) return;
    await Promise.race([delay(100), program.exited]);
  }
}

function isAnswer(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && !('error' in answer);
}
