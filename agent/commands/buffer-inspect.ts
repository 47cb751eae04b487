// `atalaia-agent buffer inspect`: what waits on disk, asked of the running agent or read from the folder when none runs.
// Promises: a buffer whose key is not at hand still says its lanes, their generations and sizes, and which key it needs.
import { join } from 'node:path';
import type { AgentConfig } from '../../config/agent-config.ts';
import { laneNames } from '../../proto/delivery.ts';
import { levelDisk } from '../../proto/durable/level-disk.ts';
import { folderOf, idOfFolder } from '../../proto/durable/log-state.ts';
import { systemClock, systemRandom } from '../../proto/runtime/clock.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { openBuffers } from '../open-buffers.ts';
import { writeJson, type CommandIo } from './read-options.ts';

export async function inspectFolder(config: AgentConfig, dataFolder: string, io: CommandIo): Promise<void> {
  try {
    const lanes = await openBuffers(config, { dataFolder, clock: systemClock, random: systemRandom });
    for (const lane of lanes.values()) {
      await writeJson(io.output, lane.inspect());
      await lane.close();
    }
  } catch (error) {
    // A key file that is refused, or not the one that is needed.
    if (error instanceof UsageError) for (const lane of await outsideOf(join(dataFolder, 'buffer'))) await writeJson(io.output, lane);
    throw error;
  }
}

/** What names and sizes of folders say. */
async function outsideOf(root: string): Promise<object[]> {
  const disk = levelDisk();
  const lanes: object[] = [];
  for (const lane of laneNames) {
    const folder = join(root, lane);
    const ids = (await disk.list(folder)).flatMap((name) => idOfFolder(name) ?? []).sort((a, b) => a - b);
    if (ids.length === 0) continue;
    const generations = await Promise.all(ids.map(async (id) => ({ id, bytesOnDisk: await disk.sizeOf(folderOf(folder, id)) })));
    lanes.push({ lane, isSealed: true, generations });
  }
  return lanes;
}
