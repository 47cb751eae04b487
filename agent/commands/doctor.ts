// `atalaia-agent doctor`: everything that must be right on this host and on the way to the hub, one line each.
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
limits, every address of the hub (name, connection or proxy, TLS, certificate, pin, whether it accepts this agent) and the clocks. Each finding is one line,
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
    await tellAll(await examineFolder(dataFolder, config));
    const { finding, identity } = await examineIdentity(dataFolder);
    await tellAll([finding]);
    const running = await examineRunning(dataFolder);
    await tellAll(running.findings);
    await tellAll(await examineSources(config));
    await tellAll(await examineSystem(config.policy.sources));
    const hubs = config.hub?.addresses ?? (identity ? [identity.hub] : []);
    const pins = config.pin.length > 0 ? config.pin : (identity?.pins ?? []);
    const { proxy } = config;
    const seen = hubs.length === 0 ? undefined : await examineHubs(hubs, { identity, proxy, pins, environment: io.environment });
    if (seen) await tellAll([...seen.findings, examineClock(running.clockOffsetMs ?? seen.clockOffsetMs)]);
    return hasFailed ? 1 : 0;
  },
};

async function tellJson({ output }: CommandIo, finding: Finding): Promise<void> {
  await writeJson(output, finding);
}

async function tellLine({ output }: CommandIo, { check, is, says, remedy }: Finding): Promise<void> {
  await write(output, `${is.padEnd(4)}  ${check}: ${says}${remedy === undefined ? '' : `; to do: ${remedy}`}\n`);
}
