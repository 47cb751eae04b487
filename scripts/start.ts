// `npm start`: builds when the source is newer, starts a hub and a local agent enrolled in it over mutual TLS, follows this
// host's real logs, and stops both cleanly on Ctrl-C. Everything lies in one data folder; a second start goes on with it.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadAgentConfig } from '../config/agent-config.ts';
import { parseListen } from '../config/hub-config.ts';
import type { Program } from './programs/program.ts';
import { enrolAgent, hubStatus, startAgent, startHub } from './programs/site.ts';
import { buildWhenStale } from './start/build-when-stale.ts';
import { findSources, writeAgentConfig, type Found } from './start/find-sources.ts';
import { freePort } from './start/free-port.ts';
import { openProgramLog } from './start/program-log.ts';

const help = `npm start [-- OPTIONS]

Builds, starts the hub and an agent on this host's logs, and prints the console's address and the first password.

  --tail FILE     follow this file too (may be repeated; a glob is fine)
  --port N        the console's port on 127.0.0.1 (7480, or the next that is free)
  --agents-port N the agents' port (7443, or the next that is free)
  --data FOLDER   everything that is kept (.atalaia of this checkout)
  --no-system     only what --tail names, not this host's logs

Ctrl-C stops both. The same command starts them again on the same data.
`;

interface Options {
  readonly tail: readonly string[];
  readonly port: string | undefined;
  readonly agentsPort: string | undefined;
  readonly data: string | undefined;
  readonly isBare: boolean;
  readonly isHelp: boolean;
}

function readOptions(): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = { port: text, 'agents-port': text, data: text, 'no-system': flag, help: flag };
  const { values } = parseArgs({ options: { ...options, tail: { ...text, multiple: true } }, strict: true });
  const { tail = [], port, data, help: isHelp, 'no-system': isBare, 'agents-port': agentsPort } = values;
  return { tail, port, agentsPort, data, isBare, isHelp };
}

async function start({ tail, port, agentsPort, data, isBare }: Options): Promise<void> {
  const folder = resolve(data ?? join(import.meta.dirname, '..', '.atalaia'));
  if ((await hubStatus(folder)) !== undefined)
    throw new Error(`a hub runs on ${folder} already; stop it, or name another folder with --data`);
  await buildWhenStale((text) => console.log(text));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const console_ = `127.0.0.1:${await freePort(port, 7_480, '--port')}`;
  const agents = `127.0.0.1:${await freePort(agentsPort, 7_443, '--agents-port')}`;
  const { sources, closed } = findSources(
    tail.map((file) => resolve(file)),
    { withSystem: !isBare },
  );
  const config = writeAgentConfig(folder, { sources, hub: `wss://localhost:${parseListen(agents, '--agents-port').port}` });
  loadAgentConfig(config);
  console.log(`Starting the hub on ${folder} …`);
  const hubLog = openProgramLog(folder, 'hub');
  const hub = await startHub({ data: folder, console: console_, agents, isBuilt: true, isShown: true, onLog: hubLog });
  let agent: Program | undefined;
  try {
    await enrolAgent(folder, folder, { isBuilt: true });
    agent = await startAgent({ data: folder, config, isBuilt: true, onLog: openProgramLog(folder, 'agent') });
    tellSources({ sources, closed }, folder);
    await untilStopped([hub, agent]);
  } finally {
    await agent?.stop();
    await hub.stop();
    console.log('Stopped; nothing that was acknowledged is lost. Start again with: npm start');
  }
}

function tellSources({ sources, closed }: Found, folder: string): void {
  console.log('The local agent follows:');
  for (const { told } of sources) console.log(`  ${told}`);
  if (sources.length === 0) console.log('  nothing. Name a file: npm start -- --tail FILE');
  if (closed.length > 0)
    console.log(`Not readable by this user: ${closed.join(', ')}. Join its group (Debian: adm) and sign in again, then start again.`);
  console.log(`Logs of both programs: ${folder}/hub.log and ${folder}/agent.log. Ctrl-C stops them.`);
}

/** Resolves on a signal; rejects when a program ends by itself. */
async function untilStopped(programs: readonly Program[]): Promise<void> {
  const asked = new Promise<void>((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
  });
  const ended = programs.map(async (program) => {
    const { code, signal } = await program.exited;
    throw new Error(`the ${program.name} ended by itself (${signal ?? `exit ${code}`}):\n${program.tail}`);
  });
  for (const one of ended) one.catch(() => undefined);
  await Promise.race([asked, ...ended]);
}

async function run(): Promise<number> {
  let chosen: Options;
  try {
    chosen = readOptions();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  if (chosen.isHelp) {
    console.log(help);
    return 0;
  }
  try {
    await start(chosen);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

process.exitCode = await run();
