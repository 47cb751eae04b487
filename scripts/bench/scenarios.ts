// Which scenarios there are. A new one is one more row in its family.
import { agentScenarios } from './agent-scenarios.ts';
import { hubScenarios } from './hub-scenarios.ts';
import { microScenarios } from './micro-scenarios.ts';
import { peerScenarios } from './peer-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { searchScenarios } from './search-scenarios.ts';
import { syslogScenarios } from './syslog-scenarios.ts';

const all: readonly Scenario[] = [
  ...agentScenarios,
  ...syslogScenarios,
  ...peerScenarios,
  ...hubScenarios,
  ...searchScenarios,
  ...microScenarios,
];

/** By family (`agent`), by name (`agent.trim`), or `all`; in the order in which they are listed. */
export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  return all.filter(({ name }) => names.includes('all') || names.includes(name) || names.includes(name.slice(0, name.indexOf('.'))));
}
