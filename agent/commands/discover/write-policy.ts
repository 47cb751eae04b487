// A proposal as YAML with comments: a policy, or a whole agent.yaml around one.
// Promises: what it writes is valid as it stands; nothing that a host's files say gets out of its comment or its quotes.
import type { Proposal, ProposedSource } from './proposal.ts';
import { amountOf, rateOf, tellJournal, tellMeasure } from './tell-measure.ts';

export interface Heading {
  /** `web1, Debian GNU/Linux 12 (bookworm)`. */
  readonly host: string;
  readonly at: string;
}

const listedMax = 40;
const carryOver =
  '# Here is fence.paths and the policy alone: carry over what else your /etc/atalaia/agent.yaml says (hub, buffer, fence.listen ...).';
const shareMin = 0.005;

export function writePolicy(proposal: Proposal, heading: Heading, form: 'policy' | 'config'): string {
  const policy = ['kind: Policy', 'version: 1', ...sources(proposal), ...filter(proposal), ...trim(proposal)];
  const body =
    form === 'policy' ? policy : ['version: 1', ...fence(proposal), 'policy:', ...policy.map((line) => (line === '' ? '' : `  ${line}`))];
  return `${[...head(proposal, heading), ...(form === 'config' && proposal.isConfigured ? [carryOver] : []), ...body, ...tail(proposal)].join('\n')}\n`;
}

function head({ services, sources, user }: Proposal, { host, at }: Heading): string[] {
  const active = sources.filter(({ candidate }) => candidate.heldBack === undefined);
  const waiting = active.filter(({ toDo }) => toDo.length > 0).length;
  const rates = active.flatMap(
    ({ measure, journal }) => measure?.rate?.bytesPerSecond ?? (journal && journal.seconds > 0 ? journal.bytes / journal.seconds : []),
  );
  const total = rates.reduce((all, one) => all + one, 0);
  const names = [...services.names].filter((name) => !/^(?:kworker|getty|systemd|user@|init$|sh$|bash$)/.test(name)).sort();
  return [
    `Proposed by atalaia-agent discover for ${host}, ${at}. Read it, then: atalaia-agent validate FILE`,
    `${active.length} sources${waiting > 0 ? `, ${waiting} of them with something to do first: look for TODO` : ''}; ${rates.length > 0 ? `about ${rateOf(total)}, ${amountOf(total * 86_400)} a day, where it could be told` : 'how fast they grow could not be told; try --watch 30s'}.`,
    ...(user.uid === undefined
      ? [`There is no user ${user.name} yet: what it may read is reckoned as the package makes it, in the groups adm and systemd-journal.`]
      : []),
    ...(names.length > 0
      ? [
          `Known from ${services.from}: ${names.slice(0, listedMax).join(', ')}${names.length > listedMax ? ` and ${names.length - listedMax} more` : ''}.`,
        ]
      : []),
  ].map(comment);
}

function sources({ sources }: Proposal): string[] {
  const active = sources.filter(({ candidate }) => candidate.heldBack === undefined);
  const lines = active.flatMap((source) => [...told(source).map((line) => `  ${comment(line)}`), ...entry(source)]);
  const heldBack = sources.filter(({ candidate }) => candidate.heldBack !== undefined);
  const offered = heldBack.flatMap((source) => [
    '',
    `  ${comment(`NOT PROPOSED: ${source.candidate.heldBack}.`)}`,
    ...told(source).map((line) => `  ${comment(line)}`),
    ...entry(source).map((line) => `  # ${line.slice(2)}`),
  ]);
  return [active.length === 0 ? 'sources: []' : 'sources:', ...lines, ...offered];
}

function told({ candidate, measure, journal, toDo, isIdle, collectedBy }: ProposedSource): string[] {
  const measured = measure
    ? [tellMeasure(measure)]
    : journal
      ? tellJournal(journal)
      : ['Written when its program connects; nothing to measure yet.'];
  return [
    ...measured,
    `Why: ${candidate.why}.`,
    ...(collectedBy.length > 0 ? [`Note: in /etc/atalaia/agent.yaml ${collectedBy.join(', ')} collects some of it already.`] : []),
    ...(isIdle ? ['Note: what writes it does not run now.'] : []),
    ...(candidate.notes ?? []).map((note) => `Note: ${note}.`),
    ...toDo.map((text) => `TODO ${text}.`),
  ];
}

function entry({ candidate, paths, exclude }: ProposedSource): string[] {
  const { id, type, typeHint, continuation, records } = candidate;
  const list = (values: readonly string[]): string =>
    values.join('').length > 90
      ? `\n${values.map((value) => `      - ${quoted(value)}`).join('\n')}`
      : ` [${values.map(quoted).join(', ')}]`;
  return [
    `  - id: ${id}`,
    `    type: ${type}`,
    ...(type === 'file' ? [`    paths:${list(paths)}`] : []),
    ...(type === 'socket' ? [`    path: ${quoted(paths[0] ?? '')}`] : []),
    ...(exclude.length > 0 ? [`    exclude:${list(exclude)}`] : []),
    ...(typeHint === '' ? [] : [`    typeHint: ${typeHint}`]),
    ...(records === undefined ? [] : [`    records: ${records}`]),
    ...(continuation === undefined ? [] : [`    multiline: { continuation: ${quoted(continuation)} }`]),
  ].flatMap((line) => line.split('\n'));
}

function filter({ repeats, sources }: Proposal): string[] {
  const rules = repeats.flatMap(({ source, where, because }) => [
    `  ${comment(`${because}.`)}`,
    `  - drop: { source: ${source}, where: ${JSON.stringify(where)} }`,
  ]);
  const stats = sources.filter(({ statsShare }) => statsShare > shareMin);
  const ideas = stats.flatMap(({ candidate, statsShare }) => [
    comment(`${percent(statsShare)} of the newest lines of ${candidate.id} are counters of Suricata itself:`),
    `- drop: { source: ${candidate.id}, where: { event_type: stats } }`,
  ]);
  return section('filter', rules, ideas);
}

function trim({ sources }: Proposal): string[] {
  const ideas = sources.flatMap(({ candidate, bulky }) => {
    if (bulky.length === 0) return [];
    const says = bulky.map(({ path, share }) => `${path} ${percent(share)}`).join(', ');
    return [
      comment(`Of the newest lines of ${candidate.id}: ${says}. Take off what nobody reads:`),
      `- { source: ${candidate.id}, format: json, drop: [${bulky.map(({ path }) => quoted(path)).join(', ')}] }`,
    ];
  });
  return section('trim', [], ideas);
}

/** Rules that hold, and ideas: without rules the whole section is a comment, to be uncommented whole. */
function section(name: string, rules: readonly string[], ideas: readonly string[]): string[] {
  if (rules.length > 0) return [`${name}:`, ...rules, ...ideas.map((line) => `  # ${line}`)];
  return ideas.length === 0 ? [] : [`# ${name}:`, ...ideas.map((line) => `#   ${line}`)];
}

function fence({ fence }: Proposal): string[] {
  return ['fence:', `  paths: [${fence.map(quoted).join(', ')}]`];
}

function tail({ leftOut, problems }: Proposal): string[] {
  const seen = leftOut.map(({ what, because }) => `- ${what}: ${because}`);
  const unread = [...problems].map(([path, says]) => `- ${path}: ${says}`);
  return [
    ...(seen.length > 0 ? ['Seen and left out:', ...seen] : []),
    ...(unread.length > 0 ? ['Could not be looked at:', ...unread] : []),
  ].map(comment);
}

function percent(share: number): string {
  return `${Math.max(1, Math.round(share * 100))} %`;
}

/** A double-quoted scalar of YAML is one of JSON. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** One line, whatever a file's name holds. */
function comment(text: string): string {
  return `# ${text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, '?').slice(0, 2_000)}`;
}
