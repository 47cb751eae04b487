// How far a person sees: everything, or what belongs to their constituencies. Events and ledger rows carry no constituency
// of their own; theirs is their agent's.
// Promises: an object out of reach is neither listed, counted, found nor told apart from one that does not exist.
import type { SearchNode } from '../../ports.ts';
import type { Actor, Target } from './permissions.ts';
import { reaches } from './permissions.ts';
import { Problem } from './problems.ts';

/** What a search may name; who reaches more agents reaches as well as all of them. */
const namedAgentsMax = 2_000;

interface OwnedAgent extends Target {
  readonly agentId: string;
}

export function within<T extends Target>(actor: Actor, objects: readonly T[]): T[] {
  return objects.filter((object) => reaches(actor, object));
}

/** Refuses an object out of reach as if it did not exist, so that ids cannot be probed. */
export function visible<T extends Target>(actor: Actor, found: T | undefined, missing: Problem): T {
  if (found === undefined || !reaches(actor, found)) throw missing;
  return found;
}

export function hasAgent(actor: Actor, agents: readonly OwnedAgent[], agentId: unknown): boolean {
  return actor.constituencies.includes('*') || within(actor, agents).some((agent) => agent.agentId === agentId);
}

/** The query, over the events that the person reaches; undefined when there can be none. */
export function searchWithin(actor: Actor, agents: readonly OwnedAgent[], where: SearchNode): SearchNode | undefined {
  if (actor.constituencies.includes('*')) return where;
  const own = within(actor, agents);
  if (own.length > namedAgentsMax) throw tooManyAgents();
  if (own.length === 0) return undefined;
  const of = own.map(({ agentId }): SearchNode => ({ is: 'field', field: 'agent.id', op: 'eq', value: agentId }));
  return { is: 'and', of: [where, { is: 'or', of }] };
}

function tooManyAgents(): Problem {
  return new Problem({
    status: 422,
    code: 'AGENTS_LIMIT',
    title: 'Your constituencies have too many agents for a search',
    detail: `A search names at most ${namedAgentsMax} agents.`,
    place: 'session',
    remedy: 'Ask an administrator for access to all constituencies.',
  });
}
