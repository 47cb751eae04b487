// Who may do what: one function, asked on every call, by route and again for the object itself (reach.ts).
// Promises: what is not listed is refused. Roles contain each other (viewer < analyst < administrator). An object outside
// the actor's constituencies is refused whatever the role; so are actions on the hub itself to who does not reach the house.
import type { Role } from './roles.ts';

const viewerActions = [
  'session.use',
  'overview.read',
  'agents.read',
  'events.read',
  'alerts.read',
  'tickets.read',
  'ledger.read',
  'health.read',
] as const;
const analystActions = ['alerts.triage', 'tickets.work', 'webhooks.read'] as const;
const administratorActions = ['agents.enrol', 'agents.revoke', 'webhooks.change', 'users.change', 'users.read', 'audit.read'] as const;

export const actions = [...viewerActions, ...analystActions, ...administratorActions] as const;
export type Action = (typeof actions)[number];

export interface Actor {
  readonly name: string;
  readonly role: Role;
  /** '*' is all of them. */
  readonly constituencies: readonly string[];
}

export interface Target {
  readonly constituency: string;
}

/** The house itself: its people, its audit trail, its tokens and webhooks, which tell of every constituency. */
const house: Target = { constituency: '' };
const houseActions: ReadonlySet<Action> = new Set([
  'agents.enrol',
  'webhooks.read',
  'webhooks.change',
  'users.read',
  'users.change',
  'audit.read',
]);

const byRole: Readonly<Record<Role, ReadonlySet<Action>>> = {
  viewer: new Set<Action>(viewerActions),
  analyst: new Set<Action>([...viewerActions, ...analystActions]),
  administrator: new Set<Action>(actions),
};

export function can(actor: Actor, action: Action, target?: Target): boolean {
  if (!byRole[actor.role].has(action)) return false;
  const about = houseActions.has(action) ? house : target;
  return about === undefined || reaches(actor, about);
}

export function reaches({ constituencies }: Pick<Actor, 'constituencies'>, { constituency }: Target): boolean {
  return constituencies.includes('*') || constituencies.includes(constituency);
}

/** The role would do; what is refused is the reach. */
export function lacksReach(actor: Actor, action: Action): boolean {
  return byRole[actor.role].has(action) && houseActions.has(action) && !reaches(actor, house);
}

export function actionsOf(actor: Actor): Action[] {
  return actions.filter((action) => can(actor, action));
}

/** The least role that may do it: what a refused person is told to ask for. */
export function leastRole(action: Action): Role {
  if (byRole.viewer.has(action)) return 'viewer';
  return byRole.analyst.has(action) ? 'analyst' : 'administrator';
}
