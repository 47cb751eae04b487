// A log that a server's configuration says is written, and which of several hold the same requests.
import type { Candidate, Found, LeftOut } from './candidate.ts';

export interface WrittenLog {
  readonly path: string;
  /** As the configuration writes it; empty where there is one only. */
  readonly format: string;
  /** `/etc/nginx/nginx.conf:12`. */
  readonly at: string;
  /** The part of the configuration it stands in: what is logged there goes into each of its logs. */
  readonly context: string;
  /** Takes some requests only. */
  readonly isPartial: boolean;
}

export interface WebLogs {
  readonly access: readonly WrittenLog[];
  readonly error: readonly WrittenLog[];
  readonly leftOut: readonly LeftOut[];
}

const placesMax = 4;

/** What a web server writes, as sources. `isReadable`: the hub reads its format. */
export function webLogs(server: string, logs: WebLogs, isReadable: (log: WrittenLog) => boolean): Found {
  const leftOut = [...logs.leftOut];
  const access = onePerContext(logs.access, isReadable, leftOut);
  return { candidates: [...accessCandidates(server, access, isReadable), ...errorCandidates(server, logs.error)], leftOut };
}

/** Of the logs of one context the first is enough, one that the hub can read before others; a partial one may differ. */
function onePerContext(logs: readonly WrittenLog[], isReadable: (log: WrittenLog) => boolean, leftOut: LeftOut[]): WrittenLog[] {
  const first = new Map<string, WrittenLog>();
  for (const log of [...logs].sort((a, b) => Number(isReadable(b)) - Number(isReadable(a))))
    if (!log.isPartial && !first.has(log.context)) first.set(log.context, log);
  return logs.filter((log) => {
    const other = first.get(log.context);
    const isRepeat = !log.isPartial && other !== undefined && other.path !== log.path;
    if (isRepeat) leftOut.push({ what: `${log.path} (${log.at})`, because: `the same requests as in ${other.path}` });
    return !isRepeat;
  });
}

/** One source for what the hub reads as the server's own format, one for the rest, of which it recognises what it can. */
function accessCandidates(server: string, logs: readonly WrittenLog[], isReadable: (log: WrittenLog) => boolean): Candidate[] {
  const known = logs.filter(isReadable);
  // A file that is named with two formats holds both; its first is as good as another.
  const other = logs.filter((log) => !isReadable(log) && !known.some(({ path }) => path === log.path));
  const note = 'a format of its own: look at the hub whether its lines become events (atalaia-hub decode < FILE), else use combined';
  return [
    ...filesOf(`${server}-access`, known).map((candidate) => ({ ...candidate, typeHint: `${server}-access` })),
    ...filesOf(`${server}-access-other`, other).map((candidate) => ({ ...candidate, notes: [note] })),
  ];
}

function errorCandidates(server: string, logs: readonly WrittenLog[]): Candidate[] {
  return filesOf(`${server}-error`, logs).map((candidate) => ({ ...candidate, typeHint: `${server}-error` }));
}

function filesOf(id: string, logs: readonly WrittenLog[]): Candidate[] {
  if (logs.length === 0) return [];
  return [{ id, type: 'file', paths: [...new Set(logs.map(({ path }) => path))], typeHint: '', why: whyOf(logs) }];
}

function whyOf(logs: readonly WrittenLog[]): string {
  const places = [...new Set(logs.map(({ at }) => at))];
  return places.length > placesMax ? `${places.slice(0, placesMax).join(', ')} and ${places.length - placesMax} more` : places.join(', ');
}
