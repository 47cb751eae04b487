// `atalaia-agent buffer inspect`: what waits on disk, asked of the running agent or read from the folder when none runs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import { systemClock, systemRandom } from '../../proto/runtime/clock.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { openBuffers } from '../open-buffers.ts';
import { becomeOwner } from './become-owner.ts';
import { configHelp, configOptions, findConfig, findDataFolder } from './find-config.ts';
import { readOptions, writeJson, type Command } from './read-options.ts';

const usage = 'buffer inspect';

export const buffer: Command = {
  summary: 'buffer inspect                        what waits on disk, lane by lane',
  help: `atalaia-agent ${usage} [--data FOLDER] [--config FILE]

Prints one JSON object per lane: batches and bytes waiting, sequences, generations, holes and the positions of streams.

${configHelp}
`,
  async run(args, io) {
    const options = readOptions(args, configOptions, usage);
    if (options.positionals.length !== 1 || options.positionals[0] !== 'inspect') throw new UsageError(`the one thing to do is: ${usage}`);
    const dataFolder = findDataFolder(options, io);
    const answer = await askLocal(dataFolder, { program: 'agent', ask: 'buffer' });
    if (Array.isArray(answer)) {
      for (const lane of answer) await writeJson(io.output, lane);
      return 0;
    }
    if (!existsSync(join(dataFolder, 'buffer'))) throw new AtalaiaError('NO_BUFFER', `${dataFolder} holds no buffer; check --data`);
    becomeOwner(dataFolder);
    const lanes = await openBuffers(findConfig(options, io), { dataFolder, clock: systemClock, random: systemRandom });
    for (const lane of lanes.values()) {
      await writeJson(io.output, lane.inspect());
      await lane.close();
    }
    return 0;
  },
};
