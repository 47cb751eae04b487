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
    'a web server’s line as who asked for what, and the answer',
    {
      raw: '203.0.113.7 - - [24/Nov/2026:10:00:00 +0000] "GET /shop?x=1 HTTP/1.1" 404 162 "-" "curl/8.5.0"',
      fields: { 'source.ip': '203.0.113.7', 'http.request.method': 'GET', 'url.original': '/shop?x=1', 'http.response.status_code': 404 },
    },
    '203.0.113.7 GET /shop?x=1 → 404',
  ],
  ['a line that nobody could parse as it is', { raw: 'hello', fields: { message: 'hello', 'host.name': 'web1' } }, 'hello'],
])('a list shows %s', (_name, event, line) => {
  expect(eventLine(event)).toBe(line);
});
