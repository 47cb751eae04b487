// A hub and one agent that follows files of ours, both from source, in one folder: for journeys and the demo.
// Promises: the agent is enrolled over mutual TLS and its first connection stands; what is in the folder is gone on with;
// stop ends the agent before its hub. Ports are any that are free unless named.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { buildPagesWhenStale } from './console-pages.ts';
import type { Program } from './program.ts';
import { askHub, enrolAgent, hubStatus, startAgent, startHub, type HubStatus } from './site.ts';

export interface LocalSiteWish {
  readonly folder: string;
  readonly files: readonly { readonly id: string; readonly path: string }[];
  readonly console?: string;
  /** What hub.yaml says beside its version. */
  readonly hubOptions?: object;
  /** Both programs' logs, line by line. */
  readonly onLog?: (program: 'hub' | 'agent', line: string) => void;
  readonly isShown?: boolean;
}

export interface LocalSite {
  readonly hub: Program;
  readonly agent: Program;
  /** Where `askHub` and the hub's commands look. */
  readonly hubData: string;
  readonly firstPasswordFile: string;
  readonly status: HubStatus;
  stop(): Promise<void>;
}

const connectMsMax = 30_000;

export async function startLocalSite(wish: LocalSiteWish): Promise<LocalSite> {
  const { folder, onLog, isShown = false } = wish;
  await buildPagesWhenStale();
  const hubData = join(folder, 'hub');
  const agentData = join(folder, 'agent');
  mkdirSync(hubData, { recursive: true, mode: 0o700 });
  const logOf = (name: 'hub' | 'agent'): { onLog?: (line: string) => void } => (onLog ? { onLog: (line) => onLog(name, line) } : {});
  const config = join(folder, 'hub.yaml');
  writeFileSync(config, stringify({ version: 1, ...wish.hubOptions }), { mode: 0o600 });
  const listen = { console: wish.console ?? '127.0.0.1:0', agents: '127.0.0.1:0' };
  const hub = await startHub({ data: hubData, config, ...listen, isShown, ...logOf('hub') });
  let agent: Program | undefined;
  const stop = async (): Promise<void> => {
    await agent?.stop();
    await hub.stop();
  };
  try {
    const status = await hubStatus(hubData);
    if (!status) throw new Error(`the hub on ${hubData} does not say how it is; its last words:\n${hub.tail}`);
    await enrolAgent(hubData, agentData);
    agent = await startAgent({ data: agentData, config: writeConfig(wish, status), ...logOf('agent') });
    await untilConnected(hubData, agent);
    return { hub, agent, hubData, firstPasswordFile: join(hubData, 'first-password'), status, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function writeConfig({ folder, files }: LocalSiteWish, status: HubStatus): string {
  const path = join(folder, 'agent.yaml');
  const sources = files.map((file) => ({ id: file.id, type: 'file', paths: [file.path], startAt: 'start', timeZone: 'UTC' }));
  const hub = new URL(status.agents);
  hub.hostname = 'localhost';
  const fence = { paths: [...new Set(files.map((file) => join(dirname(file.path), '**')))] };
  writeFileSync(path, stringify({ version: 1, hub: hub.href, fence, policy: { kind: 'Policy', version: 1, sources } }), { mode: 0o600 });
  return path;
}

async function untilConnected(hubData: string, agent: Program): Promise<void> {
  const untilMs = Date.now() + connectMsMax;
  while (Date.now() < untilMs) {
    const agents = await askHub(hubData, 'agents');
    if (Array.isArray(agents) && agents.some((one: { isConnected?: unknown }) => one.isConnected === true)) return;
    if (!agent.isRunning) throw new Error(`the agent ended by itself:\n${agent.tail}`);
    await delay(100);
  }
  throw new Error(`the agent did not reach its hub within ${connectMsMax / 1_000} s; its last words:\n${agent.tail}`);
}
