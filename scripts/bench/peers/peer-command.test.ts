import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { peerCommand, peerName } from './peer-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'atl-peer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const place = { file: '/logs/eve.json', folder };

test('a collector that is all told on its command line is told file, folder and port; other braces are its own', async () => {
  const { isTls, line } = await peerCommand("tail-it {file} -t {folder}/db --port {port} --template '{message} {}'", place);

  expect(isTls).toBe(false);
  expect(await line(5514)).toBe(`tail-it /logs/eve.json -t ${folder}/db --port 5514 --template '{message} {}'`);
});

test('a configuration is filled in beside the data, and says whether its lines come over TLS', async () => {
  const config = join(folder, 'collect.conf');
  writeFileSync(config, 'read "{file}" send 127.0.0.1:{tls-port} ca "{folder}/ca.pem" line "${MSG}\\n"');

  const { isTls, line } = await peerCommand(`collect -f {config:${config}}`, place);
  const [, , filled = ''] = (await line(6514)).split(' ');

  expect(isTls).toBe(true);
  expect(readFileSync(filled, 'utf8')).toBe(`read "/logs/eve.json" send 127.0.0.1:6514 ca "${folder}/ca.pem" line "\${MSG}\\n"`);
  expect(readFileSync(config, 'utf8')).toContain('{file}');
});

test.each([
  ['fluent-bit -q -i tail', 'fluent-bit'],
  ['/usr/local/sbin/syslog-ng -F', 'syslog-ng'],
  ['env LD_LIBRARY_PATH=/x/lib /x/sbin/syslog-ng -F', 'syslog-ng'],
])('%s is told as %s', (command, name) => {
  expect(peerName(command)).toBe(name);
});
