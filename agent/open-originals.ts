// The rings of originals on the data folder, sealed where the buffer is. Which sources have one is said by the policy in force.
import { join } from 'node:path';
import type { AgentConfig } from '../config/agent-config.ts';
import type { Clock, Random } from '../proto/runtime/clock.ts';
import { readSeals } from './buffer/read-seals.ts';
import type { RingLog } from './originals/original-ring.ts';
import { Originals } from './originals/originals.ts';

export interface OriginalsSurroundings {
  readonly config: AgentConfig;
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly agentLog: { readonly log: RingLog };
}

/** Of the buffer's reserve: what a ring leaves free for it, and for everybody else. */
const reservesLeftFree = 2;

/** Throws UsageError when a key file is refused. */
export function openOriginals({ config, dataFolder, clock, random, agentLog }: OriginalsSurroundings): Originals {
  const { buffer } = config;
  return new Originals({
    root: join(dataFolder, 'originals'),
    sealOf: readSeals(buffer.encryption, random),
    freeBytesMin: reservesLeftFree * buffer.reserveBytes,
    clock,
    log: agentLog.log,
  });
}
