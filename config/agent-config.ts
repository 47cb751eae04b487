// agent.yaml: its schema, its defaults and where the agent's data folder is. The shipped config/agent.yaml explains every
// option and is tested to say the same defaults as this file.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { bufferSchema } from './buffer-config.ts';
import { loadYamlFile } from './load-yaml.ts';
import { metricsSchema } from './metrics-config.ts';
import { checkOtherHubs, otherHubsSchema, policyFor } from './other-hubs.ts';
import { policySchema } from './policy/policy.ts';
import { command } from './policy/sources/exec-source.ts';
import { bandwidthSchema, hubClusterSchema, pinSchema, proxySchema } from './uplink-config.ts';

const glob = z.string().min(1).max(1_024).startsWith('/', 'expected a whole path or glob that begins with /');

/** An address and port, either of which may be `*`, or a glob of Unix sockets. */
const listenable = z
  .string()
  .max(1_024)
  .regex(/^(\/.+|(\*|[0-9.]{7,15}|\[[0-9a-fA-F:.]{2,45}\]):(\*|\d{1,5}))$/, 'expected 127.0.0.1:*, [::1]:6514, *:514 or a glob of sockets');

export const agentConfigSchema = z
  .strictObject({
    version: z.literal(1),
    /** Absent: where the agent enrolled. */
    hub: hubClusterSchema.optional(),
    pin: pinSchema.default([]),
    proxy: proxySchema.optional(),
    bandwidth: bandwidthSchema.prefault({}),
    data: z.string().min(1).startsWith('/', 'expected a whole path that begins with /').optional(),
    buffer: bufferSchema.prefault({}),
    log: z
      .strictObject({ level: z.enum(['error', 'warn', 'info', 'debug']).default('info'), showLines: z.boolean().default(false) })
      .prefault({}),
    fence: z
      .strictObject({
        paths: z.array(glob).max(256).default(['/var/log/**', '/run/log/**']),
        listen: z.array(listenable).max(256).default(['127.0.0.1:*', '[::1]:*', '/run/atalaia/**']),
        commands: z.array(command).max(256).default([]),
      })
      .prefault({}),
    control: z.strictObject({ tap: z.enum(['off', 'trimmed', 'all']).default('trimmed') }).prefault({}),
    metrics: metricsSchema.optional(),
    policy: policySchema.prefault({ kind: 'Policy', version: 1 }),
    otherHubs: otherHubsSchema.default([]),
  })
  .superRefine(checkOtherHubs);

export type AgentConfig = z.output<typeof agentConfigSchema>;

/** The configuration as it is for one hub: the first one has no name. */
export interface HubConfig {
  readonly name: string | undefined;
  readonly config: AgentConfig;
}

/** The first hub, then the others as if each were the only one. */
export function configPerHub(config: AgentConfig): readonly HubConfig[] {
  const others = config.otherHubs.map((other): HubConfig => {
    const { name, hub, pin, proxy, bandwidth, maxBytes } = other;
    const buffer = { ...config.buffer, maxBytes: maxBytes ?? config.buffer.maxBytes };
    return { name, config: { ...config, hub, pin, proxy, bandwidth, buffer, policy: policyFor(other, config.policy), otherHubs: [] } };
  });
  return [{ name: undefined, config }, ...others];
}

/** Where identity and buffer for a hub live. */
export function hubFolder(dataFolder: string, name: string | undefined): string {
  return name === undefined ? dataFolder : join(dataFolder, 'other-hubs', name);
}

export function loadAgentConfig(path: string): AgentConfig {
  return loadYamlFile(path, agentConfigSchema, "the agent's configuration");
}

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
}

/** `--data`, else ATALAIA_DATA, else what the configuration says, else `.atalaia/` in a checkout, else /var/lib/atalaia. */
export function dataFolder(
  option: string | undefined,
  configured: string | undefined,
  { environment, workingFolder }: Surroundings,
): string {
  const chosen = option ?? (environment.ATALAIA_DATA || undefined) ?? configured;
  if (chosen !== undefined) return chosen;
  const isCheckout = existsSync(join(workingFolder, 'config', 'agent.yaml')) && existsSync(join(workingFolder, 'package.json'));
  return isCheckout ? join(workingFolder, '.atalaia') : '/var/lib/atalaia';
}
