import { expect, test } from 'vitest';
import { headlineOf } from './evidence-line.ts';

test.each([
  ['a syslog line is read as it is', 'Nov 24 10:00:00 web1 sshd[811]: Failed password for root', undefined],
  [
    'a journal entry says its message and who wrote it',
    '{"_PID":"811","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"Failed password for root"}',
    'sshd: Failed password for root',
  ],
  [
    'an IDS alert says its signature, both ends and what was asked for',
    '{"src_ip":"203.0.113.7","dest_ip":"192.0.2.10","alert":{"signature":"EXAMPLE script in URI"},"http":{"url":"/?q=<script>"}}',
    'EXAMPLE script in URI · 203.0.113.7 → 192.0.2.10 · /?q=<script>',
  ],
  ['JSON that was cut is read as it is', '{"MESSAGE":"Failed pass', undefined],
  ['JSON of another kind is read as it is', '{"a":1}', undefined],
])('%s', (_name, raw, headline) => {
  expect(headlineOf(raw)).toBe(headline);
});
