// The real agent as a process of its own: enrolled by its own command, run, measured from outside, stopped.
// Promises: figures are those of the agent alone (a launcher and what it started count together); `ended` aborts when the
// program ends by itself, with what it last said.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Program } from '../programs/program.ts';
import { figuresOf, type ProcessFigures } from './process-figures.ts';

export interface AgentHome {
  readonly isBuilt: boolean;
  readonly data: string;
  readonly config: string;
}

export interface MeasuredAgent {
  readonly pid: number;
  readonly startedMs: number;
  readonly ended: AbortSignal;
  figures(): ProcessFigures;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');
const builtEntry = join(root, 'dist', 'agent.js');

/** The agent from source, and the built one where there is one. */
export function agentKinds(): readonly { readonly isBuilt: boolean; readonly suffix: string }[] {
  const built = existsSync(builtEntry) ? [{ isBuilt: true, suffix: '.built' }] : [];
  return [{ isBuilt: false, suffix: '' }, ...built];
}

/** A data folder that has enrolled, with its configuration beside it. */
export async function enrolled(
  folder: string,
  told: { readonly isBuilt: boolean; readonly hub: string; readonly token: string; readonly config: object },
): Promise<AgentHome> {
  const home: AgentHome = { isBuilt: told.isBuilt, data: join(folder, 'agent'), config: join(folder, 'agent.yaml') };
  await mkdir(home.data, { recursive: true, mode: 0o700 });
  // JSON is YAML.
  await writeFile(home.config, JSON.stringify(told.config));
  const options = ['--hub', told.hub, '--token-file', '-', '--data', home.data, '--config', home.config];
  const entry = told.isBuilt ? builtEntry : join(root, 'agent', 'main.ts');
  const child = spawn(process.execPath, [entry, 'enroll', ...options], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(told.token);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the agent could not enrol (exit ${String(code)}); see above`);
  return home;
}

export function runAgent({ isBuilt, data, config }: AgentHome): MeasuredAgent {
  const startedMs = Date.now();
  const program = new Program({
    name: 'agent',
    isBuilt,
    args: ['run', '--data', data, '--config', config],
  });
  const ended = new AbortController();
  void program.exited.then(({ code, signal }) =>
    ended.abort(new Error(`the agent ended (${signal ?? code}); it last said:\n${program.tail}`)),
  );
  return {
    pid: program.pid,
    startedMs,
    ended: ended.signal,
    figures: () => sumOf([program.pid, ...childrenOf(program.pid)]),
    stop: () => (program.isRunning ? program.stop() : Promise.resolve()),
  };
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function sumOf(pids: readonly number[]): ProcessFigures {
  const all = pids.flatMap((pid) => figuresOf(pid) ?? []);
  return {
    cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    rssMb: all.reduce((sum, { rssMb }) => sum + rssMb, 0),
    peakRssMb: all.reduce((sum, { peakRssMb }) => sum + peakRssMb, 0),
  };
}
