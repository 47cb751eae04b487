// The values that ECS 8 allows for event.kind, category, type and outcome, and which types go with which category.
// Decoder files are checked against it when they are loaded: a rule author can rely on these words.
// It does not promise more than ECS does: a type has to be expected by at least one of the event's categories.

const eventKinds = ['alert', 'asset', 'enrichment', 'event', 'metric', 'state', 'pipeline_error', 'signal'];
const eventOutcomes = ['success', 'failure', 'unknown'];

const typesByCategory: Readonly<Record<string, readonly string[]>> = {
  api: ['access', 'admin', 'allowed', 'change', 'creation', 'deletion', 'denied', 'end', 'info', 'start', 'user'],
  authentication: ['start', 'end', 'info'],
  configuration: ['access', 'change', 'creation', 'deletion', 'info'],
  database: ['access', 'change', 'info', 'error'],
  driver: ['change', 'end', 'info', 'start'],
  email: ['info'],
  file: ['access', 'change', 'creation', 'deletion', 'info'],
  host: ['access', 'change', 'end', 'info', 'start'],
  iam: ['admin', 'change', 'creation', 'deletion', 'group', 'info', 'user'],
  intrusion_detection: ['allowed', 'denied', 'info'],
  library: ['start'],
  malware: ['info'],
  network: ['access', 'allowed', 'connection', 'denied', 'end', 'info', 'protocol', 'start'],
  package: ['access', 'change', 'deletion', 'info', 'installation', 'start'],
  process: ['access', 'change', 'end', 'info', 'start'],
  registry: ['access', 'change', 'creation', 'deletion'],
  session: ['start', 'end', 'info'],
  threat: ['indicator'],
  vulnerability: ['info'],
  web: ['access', 'error', 'info'],
};

const eventCategories = Object.keys(typesByCategory);

/** What is wrong with these constants, or undefined. */
export function ecsFault(constants: Readonly<Record<string, string | number | boolean | readonly string[]>>): string | undefined {
  const { 'event.kind': kind, 'event.outcome': outcome, 'event.category': categories, 'event.type': types } = constants;
  if (kind !== undefined && !eventKinds.includes(String(kind))) return `event.kind ${String(kind)} is not one of ${eventKinds.join(', ')}`;
  if (outcome !== undefined && !eventOutcomes.includes(String(outcome)))
    return `event.outcome ${String(outcome)} is not one of ${eventOutcomes.join(', ')}`;
  const named = listOf(categories);
  for (const category of named) {
    if (!eventCategories.includes(category)) return `event.category ${category} is not one of ${eventCategories.join(', ')}`;
  }
  for (const type of listOf(types)) {
    if (!named.some((category) => typesByCategory[category]?.includes(type)))
      return `event.type ${type} goes with none of the categories ${named.join(', ') || '(none)'} in ECS`;
  }
  return undefined;
}

function listOf(value: string | number | boolean | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  return typeof value === 'object' ? [...value] : [String(value)];
}
