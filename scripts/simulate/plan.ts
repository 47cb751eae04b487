// What one schedule is like, drawn from its seed: how large, how loaded, and which kinds of misfortune it may meet.
// A roll-back, a clone or a restored hub has promises of its own (DELIVERY.md, known residue), so each is a kind of schedule.
import type { WhenFull } from '../../agent/buffer/lane-store.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import type { World } from './turns.ts';

export const specialKinds = ['none', 'damage', 'roll-back', 'clone', 'hub-restore'] as const;
export type SpecialKind = (typeof specialKinds)[number];

/** `changing`: at each start of an agent another key than before, or none. */
export type Sealing = 'plain' | 'sealed' | 'changing';
/** One under which the seeds of simulate.test.ts that show faults of before stay plain. */
const sealingSalt = 15;
/** Like it, for clusters. */
const clusterSalt = 7;
const clusterShare = 0.25;
const sealings: readonly Sealing[] = ['plain', 'plain', 'sealed', 'changing'];

/** Like it, for lines that travel first. */
const firstSalt = 11;
const firstShare = 0.7;

export interface Plan {
  readonly special: SpecialKind;
  readonly machines: number;
  /** Times at which somebody writes lines. */
  readonly writings: number;
  readonly faults: number;
  /** Turns between two faults, on average. */
  readonly faultEvery: number;
  readonly poisonShare: number;
  readonly repeats: number;
  readonly bufferBytes: number;
  readonly generationBytes: number;
  readonly journalBytes: number;
  readonly journalGenerationBytes: number;
  readonly datagramsWhenFull: WhenFull;
  readonly webhookFailures: number;
  readonly insertTimeouts: number;
  readonly clocksJump: boolean;
  readonly flushIntervalMs: number;
  /** Datagrams travel with the files, not in a lane of their own. */
  readonly sharesLane: boolean;
  /** Of the agents' buffers. */
  readonly sealing: Sealing;
  /** Some lines of a source travel first, by conditions that policies move. */
  readonly sortsLines: boolean;
  /** Hubs that share the journal, each with a gateway that knows nothing of the other's connections. */
  readonly hubs: 1 | 2;
}

export function drawPlan(world: World): Plan {
  world.grainMs = world.pick([1, 100, 250, 500]) ?? 1;
  world.slowness = world.pick([0, 0, 0.02, 0.1]) ?? 0;
  const draw = world.random.unit();
  const special: SpecialKind =
    draw < 0.5 ? 'none' : draw < 0.68 ? 'damage' : draw < 0.82 ? 'roll-back' : draw < 0.88 ? 'clone' : 'hub-restore';
  const datagramsWhenFull = world.pick(['block', 'drop-oldest', 'drop-newest'] as const) ?? 'block';
  return {
    special,
    machines: special === 'clone' ? 1 : 1 + world.below(2),
    writings: 5 + world.below(16),
    faults: world.below(8),
    faultEvery: 15 + world.below(100),
    poisonShare: world.chance(0.1) ? 0.04 : 0,
    repeats: world.chance(0.25) ? 0.05 : 0,
    bufferBytes: world.pick([5_000, 12_000, 200_000]) ?? 0,
    generationBytes: world.pick([300, 1_500, 6_000]) ?? 0,
    journalBytes: world.pick([8_000, 60_000, 500_000]) ?? 0,
    journalGenerationBytes: world.pick([500, 4_000, 30_000]) ?? 0,
    datagramsWhenFull,
    webhookFailures: world.pick([0, 0, 0.3]) ?? 0,
    insertTimeouts: world.pick([0, 0, 0.2]) ?? 0,
    clocksJump: world.chance(0.3),
    flushIntervalMs: world.pick([200, 400, 800]) ?? 0,
    // One answer to a full buffer a lane (DELIVERY.md 5), and files block.
    sharesLane: datagramsWhenFull === 'block' && world.chance(0.5),
    // From randomness of its own: what a seed drew before there was sealing, it draws still.
    sealing: sealings[Math.floor(seededRandom(world.seed ^ sealingSalt).unit() * sealings.length)] ?? 'plain',
    // Here too a lane has one answer.
    sortsLines: datagramsWhenFull === 'block' && seededRandom(world.seed ^ firstSalt).unit() < firstShare,
    // Two live machines of one identity need the newest connection to win (11), which no hub sees of another's.
    hubs: special !== 'clone' && seededRandom(world.seed ^ clusterSalt).unit() < clusterShare ? 2 : 1,
  };
}
