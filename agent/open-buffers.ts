// The lanes that a policy needs, and those that still hold something from an earlier one, opened on the data folder.
// One drop policy per lane: the sources of a lane agree on it (checked by the policy's schema).
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../config/agent-config.ts';
import { laneNames, type LaneName } from '../proto/delivery.ts';
import { levelDisk } from '../proto/durable/level-disk.ts';
import type { Clock, Random } from '../proto/runtime/clock.ts';
import { LaneBuffer } from './buffer/lane-buffer.ts';
import { explainMissingKey, readSeals } from './buffer/read-seals.ts';
import { contradictsFile } from './inputs/contradicts-file.ts';
import { fenceOf } from './inputs/file-fence.ts';
import type { StreamPosition } from './ports.ts';

export interface BufferSurroundings {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** In the order in which lanes are sent. Closes what it opened when one of them cannot be. Rejects with a UsageError, and with
 * nothing changed, when a key file is refused or one is missing that something here is sealed with. */
export async function openBuffers(
  { buffer, policy, fence }: AgentConfig,
  { dataFolder, clock, random }: BufferSurroundings,
): Promise<ReadonlyMap<LaneName, LaneBuffer>> {
  const root = join(dataFolder, 'buffer');
  const kept: readonly string[] = await readdir(root).catch(() => []);
  const lanes = laneNames.filter(
    (lane) => lane === 'normal' || kept.includes(lane) || policy.sources.some((source) => source.lane === lane) || policy.first.length > 0,
  );
  const inFence = fenceOf(fence.paths);
  const contradicts = (told: StreamPosition, own: StreamPosition): Promise<boolean> => contradictsFile(told, own, inFence);
  const sealOf = readSeals(buffer.encryption, random);
  const open = new Map<LaneName, LaneBuffer>();
  try {
    for (const lane of lanes) {
      // Lines that travel first by a condition alone come from the sources of the other lane.
      const own = policy.sources.find((source) => source.lane === lane) ?? policy.sources.find((source) => source.lane === 'normal');
      const whenFull = own?.whenFull ?? 'block';
      const sizes = { bytesMax: buffer.maxBytes, generationBytes: buffer.generationBytes, reserveBytes: buffer.reserveBytes };
      const folder = join(root, lane);
      const seal = sealOf(lane);
      open.set(lane, await LaneBuffer.open({ disk: levelDisk(), folder, lane, clock, random, whenFull, contradicts, seal, ...sizes }));
    }
    return open;
  } catch (error) {
    for (const opened of open.values()) await opened.close();
    throw explainMissingKey(root, error);
  }
}
