// `atalaia-agent run`: the agent in the foreground until SIGINT or SIGTERM.
import { untilStopped } from '../../proto/runtime/until-stopped.ts';
import { runAgent } from '../run-agent.ts';
import { becomeOwner } from './become-owner.ts';
import { configHelp, configOptions, findConfig, findDataFolder } from './find-config.ts';
import { readOptions, type Command } from './read-options.ts';
import { version } from './version.ts';

const usage = 'run';

export const run: Command = {
  summary: 'run                                   collect, buffer and ship until stopped',
  help: `atalaia-agent ${usage} [--config FILE] [--data FOLDER]

Collects what the policy says, buffers it on disk and ships it to the hub, until SIGINT or SIGTERM. Its own log goes to
standard error as JSON lines. When the hub cannot be reached it buffers and tries again.
On SIGHUP it reads the configuration anew and takes its \`policy\`, at a batch boundary; one that is not good leaves the earlier
one in force and is told. What else changed takes effect at the next start.
Started by root it goes on as the owner of the data folder. Under systemd (Type=notify) it says when it is ready and feeds the
watchdog while it gets on.

${configHelp}
`,
  async run(args, io) {
    const options = readOptions(args, configOptions, usage);
    const config = findConfig(options, io);
    const dataFolder = findDataFolder(options, io);
    becomeOwner(dataFolder);
    await untilStopped((signal) => runAgent({ config, dataFolder, version, signal, reread: () => findConfig(options, io) }));
    return 0;
  },
};
