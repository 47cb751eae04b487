// hub.yaml: its schema, its defaults and where the hub's data folder is. The shipped config/hub.yaml explains every
// option and is tested to say the same defaults as this file.
import { existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { UsageError } from '../proto/runtime/errors.ts';
import { dataFolder, type Surroundings } from './agent-config.ts';
import { loadYamlFile } from './load-yaml.ts';
import { durationSchema, sizeSchema } from './quantities.ts';

const listen = z
  .string()
  .refine((text) => readListen(text) !== undefined, 'expected an address and a port, such as 127.0.0.1:8080 or [::1]:8080');
const name = z.string().regex(/^[0-9A-Za-z.:-]{1,253}$/, 'expected a host name or an IP address');
const path = z.string().min(1).max(4_096).startsWith('/', 'expected a whole path that begins with /');
const cron = z.string().regex(/^(\S+ ){4}\S+$/, 'expected five cron fields, such as "17 3 * * *" for a quarter past three each night');

export const hubConfigSchema = z.strictObject({
  version: z.literal(1),
  data: path.optional(),
  console: z
    .strictObject({
      listen: listen.default('127.0.0.1:7480'),
      hostNames: z.array(name).max(64).default([]),
      tls: z.strictObject({ certificate: path, key: path }).optional(),
    })
    .prefault({}),
  agents: z
    .strictObject({
      listen: listen.default('0.0.0.0:7443'),
      names: z.array(name).max(64).default([]),
      certificateLife: durationSchema({ min: '1m', max: '366d' }).prefault('7d'),
      renewalGrace: durationSchema({ min: '0s', max: '366d' }).prefault('30d'),
    })
    .prefault({}),
  journal: z
    .strictObject({
      maxBytes: sizeSchema({ min: '64MiB', max: '16TiB' }).prefault('10GiB'),
      generationBytes: sizeSchema({ min: '1MiB', max: '1GiB' }).prefault('64MiB'),
    })
    .prefault({}),
  store: z
    .strictObject({
      retention: durationSchema({ min: '1d', max: '3660d' }).prefault('90d'),
      retentionAt: cron.default('17 3 * * *'),
      searches: z
        .strictObject({
          atOnce: z.int().min(1).max(16).default(2),
          timeLimit: durationSchema({ min: '1s', max: '10m' }).prefault('20s'),
          memory: sizeSchema({ min: '64MiB', max: '64GiB' }).prefault('1GiB'),
        })
        .prefault({}),
    })
    .prefault({}),
  detection: z
    .strictObject({
      rules: z.array(path).max(64).default([]),
      workers: z
        .union([z.literal('auto'), z.int().min(1).max(64)])
        .default('auto')
        .transform((count) => (count === 'auto' ? workersOf(availableParallelism()) : count)),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['error', 'warn', 'info', 'debug']).default('info') }).prefault({}),
});

export type HubConfig = z.output<typeof hubConfigSchema>;

const installed = '/etc/atalaia/hub.yaml';

export function defaultHubConfig(): HubConfig {
  return hubConfigSchema.parse({ version: 1 });
}

/** `named`, else ATALAIA_HUB_CONFIG, else /etc/atalaia/hub.yaml, else config/hub.yaml of a checkout, else the defaults. */
export function loadHubConfig(named: string | undefined, { environment, workingFolder }: Surroundings): HubConfig {
  const chosen = named ?? (environment.ATALAIA_HUB_CONFIG || undefined);
  const file = chosen ?? [installed, join(workingFolder, 'config', 'hub.yaml')].find((usual) => existsSync(usual));
  return file === undefined ? defaultHubConfig() : loadYamlFile(file, hubConfigSchema, "the hub's configuration");
}

/** As the agent's: `--data`, else ATALAIA_DATA, else what the configuration says, else `.atalaia/` in a checkout. */
export function hubDataFolder(option: string | undefined, surroundings: Surroundings, configured?: string): string {
  return dataFolder(option, configured, surroundings);
}

/** Address and port as they are written; a UsageError that names `option` otherwise. */
export function parseListen(text: string, option: string): { readonly host: string; readonly port: number } {
  const read = readListen(text);
  if (!read) throw new UsageError(`${option} ${text}: expected an address and a port, such as 127.0.0.1:8080 or [::1]:8080`);
  return read;
}

function readListen(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z.-]{1,253})):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535 || (match?.[1] !== undefined && !isIPv6(host))) return undefined;
  return { host, port };
}

/** The main thread and the engine want a core too: a second worker gained nothing on two. */
function workersOf(cores: number): number {
  return Math.max(1, Math.min(16, Math.floor(cores / 2)));
}
