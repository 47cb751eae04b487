// `atalaia-agent status`: what the running agent says about itself, asked over its local socket.
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { configHelp, configOptions, findDataFolder } from './find-config.ts';
import { readOptions, writeJson, type Command } from './read-options.ts';

const usage = 'status';

export const status: Command = {
  summary: 'status                                what the running agent does: sources, buffer, connection',
  help: `atalaia-agent ${usage} [--data FOLDER]

Prints one JSON object: identity, connection to the hub (the address in use; of each its state, last error, next try, bytes
sent and acknowledged; round trip, clock offset, the limit in force), the ladder (read, buffered, committed) of each lane,
every source with its lag and problem, positions, rates of the last seconds and the last error. Exits with 1 when no agent
runs there.

${configHelp}
`,
  async run(args, io) {
    const dataFolder = findDataFolder(readOptions(args, configOptions, usage), io);
    const answer = await askLocal(dataFolder, { program: 'agent', ask: 'status' });
    if (answer === undefined) throw new AtalaiaError('NOT_RUNNING', `no agent runs on ${dataFolder}; start one with \`atalaia-agent run\``);
    await writeJson(io.output, answer);
    return 0;
  },
};
