// What each round does, from a seed alone: whom it strikes and when, how files are rotated meanwhile, which attacks are
// written. Promises: the same seed and round give the same plan, so a failing round can be run again (its timing on the
// machine is the machine's); within one deck of rounds every named kill point comes exactly once.
import { createHash } from 'node:crypto';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { killPointNames, type KillPointName } from '../../proto/runtime/kill-points.ts';

export type Victim = 'agent' | 'hub' | 'engine';
export type Damage = 'overwrite' | 'cut' | 'remove';

export type Strike =
  /** `atInsert`: the moment is counted from when the next block is handed to the engine. */
  | { readonly is: 'kill'; readonly victim: Victim; readonly afterMs: number; readonly atInsert: boolean }
  | { readonly is: 'point'; readonly point: KillPointName; readonly pass: number }
  /** `isSourceGone`: what the agent had read is removed, so that it cannot be read again. */
  | { readonly is: 'damage'; readonly how: Damage; readonly isSourceGone: boolean };

export interface RoundPlan {
  readonly round: number;
  readonly strike: Strike;
  /** How long the victim stays dead. */
  readonly downMs: number;
  readonly rotations: readonly { readonly afterMs: number; readonly how: 'rename' | 'copytruncate' }[];
  readonly attackEveryMs: number;
  /** Decides what depends on what is there at the time: which file is damaged, where. */
  readonly unit: () => number;
}

export type Card = 'agent' | 'hub' | 'engine' | 'engine-insert' | 'damage' | KillPointName;

/** Kills at random, each with points after it: whoever was killed is started again with the next point armed. */
const killsBeforePoints = { agent: 3, hub: 3 } as const;
const others: readonly Card[] = ['engine', 'engine', 'engine-insert', 'engine-insert', 'engine-insert', 'damage', 'damage'];

const deckSize = killPointNames.length + killsBeforePoints.agent + killsBeforePoints.hub + others.length;

/** `cards` for a short form: exactly these, in turn. */
export function planRound(seed: number, round: number, cards?: readonly Card[]): RoundPlan {
  const random = seededRandom(seedOf(seed, `round ${round}`));
  const unit = (): number => random.unit();
  const card = cards ? cards[round % cards.length] : dealt(seedOf(seed, `deck ${Math.floor(round / deckSize)}`))[round % deckSize];
  const between = (low: number, high: number): number => Math.floor(low + unit() * (high - low));
  const strike = strikeOf(card ?? 'hub', unit, between);
  const rotations = Array.from({ length: between(0, 4) }, () => ({
    afterMs: between(50, 1_500),
    how: unit() < 0.5 ? ('rename' as const) : ('copytruncate' as const),
  }));
  return { round, strike, downMs: between(0, 700), rotations, attackEveryMs: between(250, 600), unit };
}

export function sideOf(point: KillPointName): 'agent' | 'hub' {
  return point.startsWith('agent.') ? 'agent' : 'hub';
}

export function tellStrike(strike: Strike): string {
  if (strike.is === 'point') return `${strike.point}:${strike.pass}`;
  if (strike.is === 'damage') return `damage ${strike.how}${strike.isSourceGone ? ', source gone' : ''}`;
  return `kill ${strike.victim} ${strike.atInsert ? 'at an insert ' : ''}after ${strike.afterMs} ms`;
}

function strikeOf(card: Card, unit: () => number, between: (low: number, high: number) => number): Strike {
  switch (card) {
    case 'agent':
    case 'hub':
    case 'engine':
      return { is: 'kill', victim: card, afterMs: between(100, 1_200), atInsert: false };
    case 'engine-insert':
      return { is: 'kill', victim: 'engine', afterMs: between(0, 40), atInsert: true };
    case 'damage': {
      const how = (['overwrite', 'cut', 'remove'] as const)[between(0, 3)] ?? 'cut';
      return { is: 'damage', how, isSourceGone: unit() < 0.5 };
    }
    default:
      // Generations and alerts are few in a round; everything else passes many times a second.
      return { is: 'point', point: card, pass: isRare(card) ? 1 : between(1, 6) };
  }
}

function isRare(point: KillPointName): boolean {
  return point.startsWith('agent.generation') || point.startsWith('hub.alert') || point.startsWith('hub.ticket');
}

/** One deck: every kill point once. */
function dealt(seed: number): Card[] {
  const random = seededRandom(seed);
  const shuffled = <T>(cards: readonly T[]): T[] =>
    cards
      .map((card) => ({ card, at: random.unit() }))
      .sort((a, b) => a.at - b.at)
      .map(({ card }) => card);
  const chains = (['agent', 'hub'] as const).flatMap((side) => {
    const points = shuffled(killPointNames.filter((point) => sideOf(point) === side));
    const count = killsBeforePoints[side];
    return Array.from({ length: count }, (_, at): Card[] => [side, ...points.filter((_, place) => place % count === at)]);
  });
  return shuffled([...chains, ...others.map((card) => [card])]).flat();
}

function seedOf(seed: number, purpose: string): number {
  return createHash('sha256').update(`${seed} ${purpose}`).digest().readUInt32LE(0);
}
