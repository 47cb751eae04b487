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
  [
    'a Suricata alert about a request as the alert',
    {
      raw: '{"event_type":"alert"}',
      fields: {
        'rule.name': 'EXAMPLE script in URI',
        'source.ip': '203.0.113.7',
        'destination.ip': '192.0.2.10',
        'destination.port': 80,
        'network.transport': 'tcp',
        'http.request.method': 'GET',
        'url.original': '/?q=<script>',
      },
    },
    'EXAMPLE script in URI · 203.0.113.7 → 192.0.2.10:80 tcp',
  ],
  [
    'a name that was asked for as who asked whom for what',
    {
      raw: '{"event_type":"dns"}',
      fields: {
        'event.action': 'dns_message',
        'dns.question.name': 'example.net',
        'source.ip': '203.0.113.7',
        'destination.ip': '2001:db8::53',
        'destination.port': 53,
        'network.transport': 'udp',
      },
    },
    'dns message · example.net · 203.0.113.7 → [2001:db8::53]:53 udp',
  ],
  [
    'a packet as the firewall’s words and both ends',
    {
      raw: 'Nov 24 10:00:00 gw kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.7 DST=192.0.2.10',
      fields: {
        'event.module': 'netfilter',
        'host.name': 'gw',
        'rule.name': 'UFW BLOCK',
        'source.ip': '203.0.113.7',
        'destination.ip': '192.0.2.10',
        'destination.port': 22,
        'network.transport': 'tcp',
      },
    },
    'gw UFW BLOCK 203.0.113.7 → 192.0.2.10:22 tcp',
  ],
  [
    'a web server’s error without its time',
    { raw: '[Tue Nov 24 18:14:47.091233 2026] [core:error] AH10244: invalid URI path', fields: { 'source.ip': '203.0.113.7' } },
    '[core:error] AH10244: invalid URI path',
  ],
  ['JSON of which nothing is known as it is', { raw: '{"a":1}', fields: {} }, '{"a":1}'],
  ['a line that nobody could parse as it is', { raw: 'hello', fields: { message: 'hello', 'host.name': 'web1' } }, 'hello'],
])('a list shows %s', (_name, event, line) => {
  expect(eventLine(event)).toBe(line);
});
