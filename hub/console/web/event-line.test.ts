import { expect, test } from 'vitest';
import { eventLine } from './event-line.ts';

test.each([
  [
    'a syslog line without its time',
    {
      raw: 'Nov 24 10:00:00 web1 sshd[811]: Accepted password for root',
      fields: { message: 'Accepted password for root', 'host.name': 'web1', 'process.name': 'sshd' },
    },
    'web1 sshd: Accepted password for root',
  ],
  [
    'a program whose process is not known, by the name it gave',
    { raw: '<13>Nov 24 10:00:00 web1 app: up', fields: { message: 'up', 'host.name': 'web1', 'log.syslog.appname': 'app' } },
    'web1 app: up',
  ],
  [
    'a Suricata alert as its signature and who towards whom',
    {
      raw: '{"event_type":"alert"}',
      fields: { 'rule.name': 'EXAMPLE exploit attempt', 'source.ip': '203.0.113.7', 'destination.ip': '192.0.2.10' },
    },
    'EXAMPLE exploit attempt · 203.0.113.7 → 192.0.2.10',
  ],
  [
    'a web server’s line as it is',
    { raw: '203.0.113.7 - - "GET / HTTP/1.1" 200', fields: { 'source.ip': '203.0.113.7' } },
    '203.0.113.7 - - "GET / HTTP/1.1" 200',
  ],
  ['a line that nobody could parse as it is', { raw: 'hello', fields: { message: 'hello', 'host.name': 'web1' } }, 'hello'],
])('a list shows %s', (_name, event, line) => {
  expect(eventLine(event)).toBe(line);
});
