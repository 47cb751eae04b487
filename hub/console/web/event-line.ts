// An event in one line of a list. The whole raw line is one click away, so the list leaves out what its other columns say
// (a header's time) and what nobody reads in one line (JSON, the dashes of a web server).
import type { EventView } from '../api/shapes.ts';

type LineOf = Pick<EventView, 'fields' | 'raw'>;

export function eventLine({ fields, raw }: LineOf): string {
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '');
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
  const signature = text('rule.name');
  if (raw.startsWith('{') && signature !== '') {
    const ends = [text('source.ip'), text('destination.ip')].filter((end) => end !== '');
    return [signature, ends.join(' → ')].filter((part) => part !== '').join(' · ');
  }
  return raw;
}
