// What each round does, from a seed alone: whom it strikes and when, how files are rotated meanwhile, which attacks are
// written. Promises: the same seed and round give the same plan, so a failing round can be run again (its timing on the
// machine is the machine's); within one deck of rounds every named kill point comes exactly once.
import { createHash } from 'node:crypto';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { killPointNames, type KillPointName } from '../../proto/runtime/kill-points.ts';

type Side = 'agent' | 'hub';
export type Victim = Side | 'engine';
export type Damage = 'overwrite' | 'cut' | 'remove';

export type Strike =
  /** `atInsert`: the moment is counted from when the next block is handed to the engine. */
  | { readonly is: 'kill'; readonly victim: Victim; readonly afterMs: number; readonly atInsert: boolean }
  | { readonly is: 'point'; readonly point: KillPointName; readonly pass: number }
  /** `isSourceGone`: what the agent had read is removed, so that it cannot be read again. */
  | { readonly is: 'damage'; readonly how: Damage; readonly isSourceGone: boolean }
  /** Asked to stop, and started again. */
  | { readonly is: 'stop'; readonly victim: Side; readonly afterMs: number }
  /** Its disk is full for so long; `isKilled`: it dies meanwhile, and is started while there is no room. */
  | { readonly is: 'full'; readonly victim: Side; readonly afterMs: number; readonly holdMs: number; readonly isKilled: boolean }
  /** Its wall clock is set to another hour, and back; `isKilled`: it dies in between. */
  | { readonly is: 'jump'; readonly victim: Side; readonly byMs: number; readonly holdMs: number; readonly isKilled: boolean }
  /** The hub is away until buffers are full and longer; agents die meanwhile. */
  | { readonly is: 'away'; readonly agentDeaths: number }
  /** The same for much longer: the agent lives so often meanwhile, and its backlog grows over all of it. */
  | { readonly is: 'absence'; readonly agentLives: number };

export interface RoundPlan {
  readonly round: number;
  readonly strike: Strike;
  /** How long the victim stays dead. */
  readonly downMs: number;
  readonly rotations: readonly { readonly afterMs: number; readonly how: 'rename' | 'copytruncate' }[];
  /** More lines than every day's, so that a generation is soon full. */
  readonly isBusy: boolean;
  readonly attackEveryMs: number;
  /** Decides what depends on what is there at the time: which file is damaged, where. */
  readonly unit: () => number;
}

const faults = ['stop-agent', 'stop-hub', 'full-agent', 'full-hub', 'jump-agent', 'jump-hub', 'away', 'absence'] as const;
export type Card = 'agent' | 'hub' | 'engine' | 'engine-insert' | 'damage' | (typeof faults)[number] | KillPointName;

/** Kills at random, each with points after it: whoever was killed is started again with the next point armed. */
const killsBeforePoints = { agent: 3, hub: 3 } as const;
const others: readonly Card[] = [
  'engine',
  'engine',
  'engine-insert',
  'engine-insert',
  'engine-insert',
  'damage',
  'damage',
  'stop-agent',
  'stop-agent',
  'stop-hub',
  'full-agent',
  'full-agent',
  'full-hub',
  'full-hub',
  'jump-agent',
  'jump-agent',
  'jump-hub',
  'jump-hub',
  'away',
  'absence',
];

/** Throws when there is no such card. */
export function cardNamed(name: string): Card {
  const names = new Set<Card>(['agent', 'hub', ...others, ...killPointNames]);
  const card = [...names].find((one) => one === name);
  if (card === undefined) throw new Error(`${name} is no strike; there are ${[...names].join(', ')}`);
  return card;
}

/** Rounds after which every kill point came once. */
export const deckSize = killPointNames.length + killsBeforePoints.agent + killsBeforePoints.hub + others.length;

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
  return { round, strike, downMs: between(0, 700), rotations, attackEveryMs: between(250, 600), isBusy: isBusyIn(strike), unit };
}

function isBusyIn(strike: Strike): boolean {
  return strike.is === 'away' || strike.is === 'absence' || (strike.is === 'point' && strike.point.startsWith('agent.generation'));
}

export function sideOf(point: KillPointName): 'agent' | 'hub' {
  return point.startsWith('agent.') ? 'agent' : 'hub';
}

export function tellStrike(strike: Strike): string {
  if (strike.is === 'point') return `${strike.point}:${strike.pass}`;
  if (strike.is === 'damage') return `damage ${strike.how}${strike.isSourceGone ? ', source gone' : ''}`;
  if (strike.is === 'stop') return `stop ${strike.victim} after ${strike.afterMs} ms`;
  if (strike.is === 'full')
    return `disk of the ${strike.victim} full for ${strike.holdMs} ms${strike.isKilled ? ', killed meanwhile' : ''}`;
  if (strike.is === 'jump')
    return `clock of the ${strike.victim} ${strike.byMs / 60_000} min off for ${strike.holdMs} ms${strike.isKilled ? ', killed meanwhile' : ''}`;
  if (strike.is === 'absence') return `hub away over ${strike.agentLives} lives of the agent`;
  if (strike.is === 'away') return `hub away, the agent killed ${strike.agentDeaths} times`;
  return `kill ${strike.victim} ${strike.atInsert ? 'at an insert ' : ''}after ${strike.afterMs} ms`;
}

/** For the summary: rounds of one kind are told together. */
export function kindOf(strike: Strike): string {
  switch (strike.is) {
    case 'kill':
      return `kill ${strike.victim}${strike.atInsert ? ' at an insert' : ''}`;
    case 'point':
      return strike.point;
    case 'damage':
    case 'away':
    case 'absence':
      return strike.is;
    default:
      return `${strike.is} ${strike.victim}${'isKilled' in strike && strike.isKilled ? ', killed meanwhile' : ''}`;
  }
}

/** Minutes by which clocks are wrong: a second hand, an hour of daylight saving, a zone, a day. */
const jumpMinutes = [-1_440, -300, -60, -1, 1, 60, 300, 1_440] as const;

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
    case 'stop-agent':
    case 'stop-hub':
      return { is: 'stop', victim: sideIn(card), afterMs: between(100, 1_000) };
    case 'full-agent':
    case 'full-hub':
      return { is: 'full', victim: sideIn(card), afterMs: between(50, 600), holdMs: between(1_200, 3_500), isKilled: unit() < 0.5 };
    case 'jump-agent':
    case 'jump-hub': {
      const byMs = (jumpMinutes[between(0, jumpMinutes.length)] ?? 60) * 60_000;
      return { is: 'jump', victim: sideIn(card), byMs, holdMs: between(800, 3_000), isKilled: unit() < 0.5 };
    }
    case 'away':
      return { is: 'away', agentDeaths: between(0, 4) };
    case 'absence':
      return { is: 'absence', agentLives: between(6, 13) };
    default:
      // Generations, alerts and snapshots are few in a round; everything else passes many times a second.
      return { is: 'point', point: card, pass: isRare(card) ? 1 : between(1, 6) };
  }
}

function sideIn(card: Card): Side {
  return card.endsWith('agent') ? 'agent' : 'hub';
}

function isRare(point: KillPointName): boolean {
  return /^(?:agent\.generation|hub\.(?:alert|ticket|after-snapshot))/.test(point);
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
