// `atalaia-hub run`: the hub in the foreground until SIGINT or SIGTERM.
import { parseArgs } from 'node:util';
import { hubDataFolder, loadHubConfig, parseListen, type HubConfig } from '../../config/hub-config.ts';
import { shippedFolder } from '../../config/shipped.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { untilStopped } from '../../proto/runtime/until-stopped.ts';
import { openHubLog } from '../hub-log.ts';
import { runHub } from '../run-hub.ts';
import type { RuleSource } from '../work.ts';
import type { CommandIo } from './decode.ts';
import { readRuleFiles } from './rules/rule-files.ts';
import { version } from './version.ts';

export const runHelp = `atalaia-hub run [--config FILE] [--data FOLDER] [--console HOST:PORT] [--agents HOST:PORT]

Takes lines from agents, stores them, matches the rules, raises alerts and tickets, calls webhooks and serves the console,
until SIGINT or SIGTERM. Its own log goes to standard error as JSON lines.

  --config FILE        else ATALAIA_HUB_CONFIG, else /etc/atalaia/hub.yaml, else config/hub.yaml of a checkout, else defaults
  --data FOLDER        else ATALAIA_DATA, else \`data\` of the configuration, else .atalaia in a checkout, else /var/lib/atalaia
  --console HOST:PORT  where people come in; beyond loopback it needs a certificate (console.tls)
  --agents HOST:PORT   where agents come in, over mutual TLS; port 0 takes any that is free
`;

const options = { config: { type: 'string' }, data: { type: 'string' }, console: { type: 'string' }, agents: { type: 'string' } } as const;

export async function runRun(args: readonly string[], io: CommandIo): Promise<number> {
  const values = readValues(args);
  const surroundings = { environment: process.env, workingFolder: process.cwd() };
  const config = loadHubConfig(values.config, surroundings);
  await untilStopped((signal) =>
    runHub({
      config,
      dataFolder: hubDataFolder(values.data, surroundings, config.data),
      log: openHubLog(config.log.level),
      rules: ruleSources(config),
      version,
      console: parseListen(values.console ?? config.console.listen, '--console'),
      agents: parseListen(values.agents ?? config.agents.listen, '--agents'),
      signal,
      isTerminal: process.stdout.isTTY,
      tell: (text) => io.output.write(`${text}\n`),
    }),
  );
  return 0;
}

/** The shipped rules and those of the configuration's folders; a folder's name keeps equal file names apart. */
function ruleSources(config: HubConfig): RuleSource[] {
  const shipped = readRuleFiles(shippedFolder('rules'));
  const others = config.detection.rules.flatMap((folder) =>
    readRuleFiles(folder).map(({ file, text }) => ({ file: `${folder}/${file}`, text })),
  );
  return [...shipped, ...others];
}

function readValues(args: readonly string[]): Partial<Record<keyof typeof options, string>> {
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}; try: atalaia-hub run --help`, { cause: error });
  }
}
