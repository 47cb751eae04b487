// When a line says it was written, in the few ways that logs begin: enough to measure a rate, not to date an event.

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const month = `(${months.join('|')})`;
const headMax = 400;
const iso = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)?\s?(Z|[+-]\d\d:?\d\d)?/;
const clf = new RegExp(`\\[(\\d\\d)/${month}/(\\d{4}):(\\d\\d):(\\d\\d):(\\d\\d) ([+-]\\d{4})\\]`);
const slashes = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)/;
const asctime = new RegExp(`\\[\\w{3} ${month} ([ \\d]\\d) (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.\\d+)? (\\d{4})\\]`);
const bsd = new RegExp(`^(?:<\\d{1,3}>)?${month} ([ \\d]\\d) (\\d\\d):(\\d\\d):(\\d\\d)`);
const epoch = /^(\d{10})\.\d|"ts":(\d{10})\.|audit\((\d{10})\.\d+:|"__REALTIME_TIMESTAMP"\s*:\s*"(\d{10})\d{6}"/;

/** Milliseconds since 1970; undefined when no time is seen. Times without a zone are this host's. */
export function timeOf(line: string, nowMs: number): number | undefined {
  const head = line.slice(0, headMax);
  const seconds = epoch.exec(head);
  if (seconds) return Number(seconds.slice(1).find((part) => part !== undefined)) * 1_000;
  const inClf = clf.exec(head);
  if (inClf) return Date.parse(`${inClf[3]}-${number(inClf[2])}-${inClf[1]}T${inClf[4]}:${inClf[5]}:${inClf[6]}${zone(inClf[7])}`);
  const inBsd = bsd.exec(head);
  if (inBsd) return yearless(inBsd.slice(1), nowMs);
  const inAsctime = asctime.exec(head);
  if (inAsctime) return local(inAsctime[6], number(inAsctime[1]), inAsctime[2], inAsctime.slice(3, 6));
  const inSlashes = slashes.exec(head);
  if (inSlashes) return local(inSlashes[1], inSlashes[2], inSlashes[3], inSlashes.slice(4, 7));
  const inIso = iso.exec(head);
  if (!inIso) return undefined;
  const parsed = Date.parse(`${inIso[1]}-${inIso[2]}-${inIso[3]}T${inIso[4]}:${inIso[5]}:${inIso[6]}${zone(inIso[7])}`);
  return Number.isNaN(parsed) ? undefined : parsed;
}

function local(year = '', monthNumber = '', day = '', clock: readonly string[] = []): number | undefined {
  const parsed = new Date(
    Number(year),
    Number(monthNumber) - 1,
    Number(day),
    Number(clock[0]),
    Number(clock[1]),
    Number(clock[2]),
  ).getTime();
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** The latest year in which it is not in the future. */
function yearless([name = '', day = '', ...clock]: readonly string[], nowMs: number): number | undefined {
  const year = new Date(nowMs).getFullYear();
  const thisYear = local(String(year), number(name), day, clock);
  if (thisYear === undefined || thisYear <= nowMs + 86_400_000) return thisYear;
  return local(String(year - 1), number(name), day, clock);
}

function number(name = ''): string {
  return String(months.indexOf(name) + 1).padStart(2, '0');
}

function zone(text: string | undefined): string {
  if (text === undefined || text === 'Z') return text ?? '';
  return text.includes(':') ? text : `${text.slice(0, 3)}:${text.slice(3)}`;
}
