// An event in one line of a list. The whole raw line is one click away, so the list leaves out what its other columns say
// (the time) and what nobody reads in one line (JSON, a firewall's pairs, the dashes of a web server).
import type { EventView } from '../api/shapes.ts';

type LineOf = Pick<EventView, 'fields' | 'raw'>;
type Text = (name: string) => string;

/** What a connection was about, the first that is known. */
const subjects = ['dns.question.name', 'tls.client.server_name', 'file.name'];
/** The times that logs begin with: ISO, Apache's error log, nginx's error log. */
const leadingTime = /^(?:\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)? |\[\w{3} \w{3} +\d+ [\d:.]+ \d{4}\] |\d{4}\/\d\d\/\d\d [\d:]+ )/;

export function eventLine({ fields, raw }: LineOf): string {
  const text: Text = (name) => (typeof fields[name] === 'string' ? fields[name] : '');
  const isJson = raw.startsWith('{');
  // Before what was asked for: an alert about a request is an alert.
  if (isJson && text('rule.name') !== '') return joined(' · ', [text('rule.name'), ends(fields)]);
  if (text('event.module') === 'netfilter') return joined(' ', [text('host.name'), doing(text), ends(fields)]);
  const message = text('message');
  const host = text('host.name');
  // Only lines with a header have a message that is shorter than they are.
  if (message !== '' && host !== '' && message.length < raw.length) {
    const program = text('process.name') === '' ? text('log.syslog.appname') : text('process.name');
    return `${host} ${program === '' ? '' : `${program}: `}${message}`;
  }
  const [method, target] = [text('http.request.method'), text('url.original')];
  if (method !== '' && target !== '') {
    const status = fields['http.response.status_code'];
    return `${text('source.ip')} ${method} ${target}${status === undefined ? '' : ` → ${String(status)}`}`.trimStart();
  }
  const between = ends(fields);
  if (isJson && between !== '') return joined(' · ', [doing(text), subjects.map(text).find((one) => one !== '') ?? '', between]);
  return raw.replace(leadingTime, '');
}

/** A firewall's own words, else what the decoder calls it. */
function doing(text: Text): string {
  return text('rule.name') === '' ? text('event.action').replaceAll('_', ' ') : text('rule.name');
}

/** `203.0.113.7 → 192.0.2.10:22 tcp`; empty when neither end is known. */
function ends(fields: LineOf['fields']): string {
  const [from, to, port] = [fields['source.ip'] ?? '', fields['destination.ip'] ?? '', fields['destination.port']];
  const target =
    to === '' || port === undefined ? String(to) : `${String(to).includes(':') ? `[${String(to)}]` : String(to)}:${String(port)}`;
  const both = joined(' → ', [String(from), target]);
  return both === '' ? '' : joined(' ', [both, String(fields['network.transport'] ?? '')]);
}

function joined(between: string, parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(between);
}
