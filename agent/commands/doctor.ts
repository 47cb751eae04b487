// `atalaia-agent doctor`: everything that must be right on this host and on the way to the hub, one line each.
import { configPerHub, hubFolder, type AgentConfig } from '../../config/agent-config.ts';
import type { Identity } from '../control/identity.ts';
import { becomeOwner } from './become-owner.ts';
import { examineIdentity, examineRunning } from './doctor/examine-agent.ts';
import { examineFolder } from './doctor/examine-folder.ts';
import { examineClock, examineHubs } from './doctor/examine-hub.ts';
import { examineSources } from './doctor/examine-sources.ts';
import { examineSystem } from './doctor/examine-system.ts';
import type { Finding } from './doctor/finding.ts';
import { configHelp, configOptions, findConfig, findDataFolder } from './find-config.ts';
import { readOptions, write, writeJson, type Command, type CommandIo } from './read-options.ts';

const usage = 'doctor';

export const doctor: Command = {
  summary: 'doctor                                what is wrong on this host and on the way to the hub',
  help: `atalaia-agent ${usage} [--json] [--config FILE] [--data FOLDER]

Looks at the data folder (modes, room), the enrolment, the running agent, every source (may it be read?), the kernel's
limits, every address of every hub (name, connection or proxy, TLS, certificate, pin, whether it accepts this agent) and the clocks. Each finding is one line,
ok, warn or fail, with what to do. Exits with 1 when something fails. Changes nothing, and the running agent goes on.
Started by root it looks with the rights of the data folder's owner, the service's own user.

  --json          one JSON object per finding
${configHelp}
`,
  async run(args, io) {
    const options = readOptions(args, { ...configOptions, json: { type: 'boolean' } }, usage);
    const config = findConfig(options, io);
    const dataFolder = findDataFolder(options, io);
    becomeOwner(dataFolder);
    const tell = options.values.json === true ? tellJson : tellLine;
    let hasFailed = false;
    const tellAll = async (findings: readonly Finding[]): Promise<void> => {
      for (const finding of findings) {
        hasFailed ||= finding.is === 'fail';
        await tell(io, finding);
      }
    };
    const [first, ...others] = configPerHub(config).map(({ name, config: own }): HubToLookAt => ({
      name,
      config: own,
      folder: hubFolder(dataFolder, name),
      environment: io.environment,
    }));
    if (!first) return 0;
    const own = await examineOwn(first);
    await tellAll(own.findings);
    const running = await examineRunning(dataFolder);
    await tellAll(running.findings);
    await tellAll(await examineSources(config));
    await tellAll(await examineSystem(config.policy.sources));
    await tellAll(await examineWay(first, own.identity, running.clockOffsetMs));
    for (const other of others) {
      const { findings, identity } = await examineOwn(other);
      const all = [...findings, ...(await examineWay(other, identity))];
      await tellAll(all.map((finding) => ({ ...finding, check: `hub ${other.name}: ${finding.check}` })));
    }
    return hasFailed ? 1 : 0;
  },
};

interface HubToLookAt {
  /** The first one has no name. */
  readonly name: string | undefined;
  readonly config: AgentConfig;
  readonly folder: string;
  readonly environment: CommandIo['environment'];
}

/** What this host holds for one hub. */
async function examineOwn({
  folder,
  config,
  name,
}: HubToLookAt): Promise<{ readonly findings: readonly Finding[]; readonly identity: Identity | undefined }> {
  const { finding, identity } = await examineIdentity(folder, name);
  // What was never enrolled with has no folder.
  const isBegun = name === undefined || identity !== undefined;
  return { findings: [...(isBegun ? await examineFolder(folder, config) : []), finding], identity };
}

/** The way to one hub, and its clock. */
async function examineWay(
  { config, environment }: HubToLookAt,
  identity: Identity | undefined,
  clockOffsetMs?: number,
): Promise<readonly Finding[]> {
  const hubs = config.hub?.addresses ?? (identity ? [identity.hub] : []);
  if (hubs.length === 0) return [];
  const pins = config.pin.length > 0 ? config.pin : (identity?.pins ?? []);
  const seen = await examineHubs(hubs, { identity, proxy: config.proxy, pins, environment });
  return [...seen.findings, examineClock(clockOffsetMs ?? seen.clockOffsetMs)];
}

async function tellJson({ output }: CommandIo, finding: Finding): Promise<void> {
  await writeJson(output, finding);
}

async function tellLine({ output }: CommandIo, { check, is, says, remedy }: Finding): Promise<void> {
  await write(output, `${is.padEnd(4)}  ${check}: ${says}${remedy === undefined ? '' : `; to do: ${remedy}`}\n`);
}
