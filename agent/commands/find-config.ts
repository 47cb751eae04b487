// Which agent.yaml and which data folder a command means.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder, loadAgentConfig, type AgentConfig } from '../../config/agent-config.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { text, type CommandIo, type Read } from './read-options.ts';

export const configOptions = { config: { type: 'string' }, data: { type: 'string' } } as const;

export const configHelp = `  --config FILE   the configuration; else ATALAIA_CONFIG, else /etc/atalaia/agent.yaml, else config/agent.yaml of a checkout
  --data FOLDER   buffer, keys and socket; else ATALAIA_DATA, else \`data\` of the configuration, else .atalaia in a
                  checkout, else /var/lib/atalaia`;

const installed = '/etc/atalaia/agent.yaml';

/** Undefined when none was named and none is in a usual place. */
export function configPath(options: Read, { environment, workingFolder }: CommandIo): string | undefined {
  const named = text(options, 'config') ?? (environment.ATALAIA_CONFIG || undefined);
  return named ?? [installed, join(workingFolder, 'config', 'agent.yaml')].find((path) => existsSync(path));
}

export function findConfig(options: Read, io: CommandIo): AgentConfig {
  const path = configPath(options, io);
  if (path === undefined) throw new UsageError(`there is no configuration: write ${installed} or name one with --config FILE`);
  return loadAgentConfig(path);
}

export function findDataFolder(options: Read, io: CommandIo): string {
  const named = text(options, 'data') ?? (io.environment.ATALAIA_DATA || undefined);
  if (named !== undefined) return named;
  const path = configPath(options, io);
  return dataFolder(undefined, path === undefined ? undefined : loadAgentConfig(path).data, io);
}
