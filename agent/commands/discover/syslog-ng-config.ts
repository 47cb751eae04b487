// syslog-ng's configuration as the files it writes: its log paths with their filters and file destinations.
// Promises: bounded; of filters, facilities and levels are understood, the rest is kept as text; what cannot be read is
// passed over, never an error.
import type { HostRoot } from './host-root.ts';
import { allPriorities, combined, facilitiesNamed, noPriorities, severityBits, type PrioritySet } from './priority-set.ts';
import type { SyslogDaemon, SyslogOutput } from './syslog-output.ts';

const filesMax = 200;
const logsMax = 1_000;
const depthMax = 16;
const bodyCharsMax = 16_384;

/** Whether it holds, as far as it is known: what is not known leaves every priority open. */
interface Filter {
  readonly priorities: PrioritySet;
  readonly isExact: boolean;
}

export function readSyslogNgConfig(host: HostRoot, path: string): SyslogDaemon {
  const text = readWithIncludes(host, path);
  const definitions = (kind: string): Map<string, string> =>
    new Map(
      [...text.matchAll(new RegExp(`^[ \\t]*${kind}[ \\t]+([\\w.-]+)[ \\t]*\\{`, 'gm'))].map((match) => [
        match[1] ?? '',
        bodyAt(text, match.index + match[0].length),
      ]),
    );
  const [sources, filters, destinations] = [definitions('source'), definitions('filter'), definitions('destination')];
  const outputs: SyslogOutput[] = [];
  const logs = [...text.matchAll(/^[ \t]*log[ \t]*\{/gm)].slice(0, logsMax);
  for (const [order, match] of logs.entries()) {
    const body = bodyAt(text, match.index + match[0].length);
    const named = (kind: string): string[] =>
      [...body.matchAll(new RegExp(`\\b${kind}\\s*\\(\\s*"?([\\w.-]+)"?\\s*\\)`, 'g'))].map(([, name = '']) => name);
    const asked = named('filter').map((name) => readFilter(filters.get(name) ?? '', filters, 0));
    const priorities = asked.reduce((all, filter) => combined(all, filter.priorities, (a, b) => a & b), allPriorities());
    const filter = asked.every(({ isExact }) => isExact) ? '' : named('filter').join(' and ');
    const condition = { priorities, filter, isFinal: /\bflags\s*\([^)]*\bfinal\b/.test(body) };
    const at = `${path}: log { ${named('destination').join(', ')} }`;
    for (const destination of named('destination'))
      for (const file of filesOf(destinations.get(destination) ?? ''))
        outputs.push({ path: file, condition, ruleset: named('source').sort().join(' '), order, at });
  }
  const hasOtherInputs = [...sources.values()].some((body) => /\b(?:network|syslog|udp6?|tcp6?|unix-stream|unix-dgram)\s*\(/.test(body));
  return {
    name: 'syslog-ng',
    outputs,
    follows: [],
    hasOtherInputs,
    readsJournal: [...sources.values()].some((body) => /\bsystemd-journal\s*\(/.test(body)),
  };
}

function readWithIncludes(host: HostRoot, path: string): string {
  const folder = path.slice(0, path.lastIndexOf('/'));
  const read = new Set<string>();
  const text = (file: string): string => {
    if (read.has(file) || read.size >= filesMax) return '';
    read.add(file);
    const plain = (host.text(file) ?? '').replaceAll(/(^|[\s;])#[^\n]*/g, '$1');
    return plain.replaceAll(/^[ \t]*@include[ \t]+"([^"]+)"/gm, (_, target: string) =>
      host
        .matches(target.startsWith('/') ? target : `${folder}/${target}`)
        .map(text)
        .join('\n'),
    );
  };
  return text(path);
}

/** Up to the brace that closes what was opened before `from`; quoted braces count for nothing. */
function bodyAt(text: string, from: number): string {
  let depth = 1;
  const pattern = /"(?:[^"\\]|\\.)*"|'[^']*'|[{}]/g;
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    if (found[0] === '{') depth++;
    else if (found[0] === '}' && --depth === 0) return text.slice(from, Math.min(found.index, from + bodyCharsMax));
  }
  return text.slice(from, from + bodyCharsMax);
}

function filesOf(destination: string): string[] {
  return [...destination.matchAll(/\bfile\s*\(\s*"([^"]+)"/g)]
    .map(([, path = '']) => path.replaceAll(/\$\{[^}]*\}|\$\w+/g, '*').replaceAll(/\*{2,}/g, '*'))
    .filter((path) => path.startsWith('/'));
}

/** `or` of `and` of `not`, with parentheses and other filters by name. */
function readFilter(text: string, filters: ReadonlyMap<string, string>, depth: number): Filter {
  const unknown: Filter = { priorities: allPriorities(), isExact: false };
  if (depth > depthMax) return unknown;
  const tokens = text.match(/[\w-]+\s*\((?:[^()]|\([^()]*\))*\)|\(|\)|\b(?:and|or|not)\b/g) ?? [];
  let at = 0;
  const one = (level: number): Filter => {
    const token = tokens[at++] ?? '';
    if (level > depthMax) return unknown;
    if (token === 'not') return inverted(one(level + 1));
    if (token === '(') {
      const inside = any(level + 1);
      at++;
      return inside;
    }
    const [, name = '', value = ''] = /^([\w-]+)\s*\(([\s\S]*)\)$/.exec(token) ?? [];
    if (name === 'facility')
      return exactly((set) => facilitiesNamed(value.replaceAll(/\s/g, '')).forEach((facility) => (set[facility] = 0xff)));
    if (name === 'level' || name === 'severity' || name === 'priority') return exactly((set) => set.fill(levelBits(value)));
    return name === 'filter' ? readFilter(filters.get(value.trim()) ?? '', filters, depth + 1) : unknown;
  };
  const all = (level: number): Filter => {
    let left = one(level);
    while (tokens[at] === 'and' && at++ >= 0) left = joined(left, one(level), (a, b) => a & b);
    return left;
  };
  const any = (level: number): Filter => {
    let left = all(level);
    while (tokens[at] === 'or' && at++ >= 0) left = joined(left, all(level), (a, b) => a | b);
    return left;
  };
  return tokens.length === 0 ? unknown : any(0);
}

function exactly(fill: (set: PrioritySet) => void): Filter {
  const priorities = noPriorities();
  fill(priorities);
  return { priorities, isExact: true };
}

function inverted({ priorities, isExact }: Filter): Filter {
  return isExact ? { priorities: priorities.map((bits) => ~bits & 0xff), isExact } : { priorities: allPriorities(), isExact };
}

function joined(a: Filter, b: Filter, how: (a: number, b: number) => number): Filter {
  return { priorities: combined(a.priorities, b.priorities, how), isExact: a.isExact && b.isExact };
}

/** `info..emerg` or `debug, info`. */
function levelBits(text: string): number {
  const bits = text.split(',').map((part) => {
    const [from = '', to = from] = part.split('..').map((name) => name.trim());
    const [low, high] = [severityBits(from, false) ?? 0, severityBits(to, false) ?? 0];
    const alone = (severityBits(from, true) ?? 0) | (severityBits(to, true) ?? 0);
    return (low ^ high) | alone;
  });
  return bits.reduce((all, one) => all | one, 0);
}
