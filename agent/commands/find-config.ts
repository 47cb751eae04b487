// Which agent.yaml and which data folder a command means.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { configPerHub, dataFolder, hubFolder, loadAgentConfig, type AgentConfig } from '../../config/agent-config.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { text, type CommandIo, type Read } from './read-options.ts';

export const configOptions = { config: { type: 'string' }, data: { type: 'string' } } as const;

export const configHelp = `  --config FILE   the configuration; else ATALAIA_CONFIG, else /etc/atalaia/agent.yaml, else config/agent.yaml of a checkout
  --data FOLDER   buffer, keys and socket; else ATALAIA_DATA, else \`data\` of the configuration, else .atalaia in a
                  checkout, else /var/lib/atalaia`;

/** For commands that concern one hub at a time. */
export const hubOptions = { ...configOptions, 'other-hub': { type: 'string' } } as const;

export const hubHelp = `  --other-hub N   the one of \`otherHubs\` of the configuration that is meant; without it, the first hub
${configHelp}`;

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

/** The hub that a command means, its folder, and the configuration as if it were the only one. */
export interface HubMeant {
  /** The first one has no name. */
  readonly name: string | undefined;
  readonly folder: string;
  /** Read when it is asked for: commands that speak to a running agent need none. Throws UsageError. */
  readonly config: () => AgentConfig;
}

/** Throws UsageError where the configuration has no hub of that name. */
export function findHub(options: Read, io: CommandIo): HubMeant {
  const name = text(options, 'other-hub');
  const folder = hubFolder(findDataFolder(options, io), name);
  if (name === undefined) return { name, folder, config: () => findConfig(options, io) };
  const hubs = configPerHub(findConfig(options, io));
  const config = hubs.find((hub) => hub.name === name)?.config;
  const known = hubs.flatMap((hub) => hub.name ?? []).join(', ');
  if (!config) throw new UsageError(`--other-hub ${name}: \`otherHubs\` of the configuration names ${known || 'none'}`);
  return { name, folder, config: () => config };
}
