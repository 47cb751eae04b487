import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultHubConfig, hubConfigSchema, loadHubConfig, parseListen } from './hub-config.ts';
import { parseYaml } from './load-yaml.ts';

const shipped = new URL('hub.yaml', import.meta.url).pathname;
const nowhere = { environment: {}, workingFolder: '/nowhere' };

test('the shipped hub.yaml says the same defaults as a hub without one', () => {
  expect(loadHubConfig(shipped, nowhere)).toEqual(defaultHubConfig());
});

test('every option of the schema is explained in the shipped hub.yaml, and what is commented out is true', () => {
  const text = readFileSync(shipped, 'utf8');
  for (const option of Object.keys(hubConfigSchema.shape)) expect(text).toContain(option);
  const uncommented = text.replaceAll(/^# (data: )/gm, '$1').replaceAll(/^ {2}# (tls:|  certificate|  key)/gm, '  $1');
  const config = parseYaml(uncommented, hubConfigSchema, 'hub.yaml');
  expect(config.data).toBe('/var/lib/atalaia');
  expect(config.console.tls?.key).toBe('/etc/atalaia/console.key');
});

test.each([
  ['version: 1\nconsol: {}', /hub\.yaml:2:1.*did you mean `console`/s],
  ['version: 1\nagents: { listen: 7443 }', /hub\.yaml:2:19/],
  ['version: 1\nagents: { listen: "host:99999" }', /expected an address and a port/],
  ['version: 1\nstore: { retention: 90 }', /expected a duration/],
  ['version: 1\nstore: { retentionAt: nightly }', /five cron fields/],
  ['version: 1\nconsole: { tls: { certificate: /a } }', /key/],
  ['version: 1\njournal: [', /hub\.yaml:\d+:\d+/],
  ['version: 2', /hub\.yaml:1:10/],
])('%j is refused with its place and the remedy', (text, told) => {
  expect(() => parseYaml(text, hubConfigSchema, 'hub.yaml')).toThrow(told);
});

test('an address is an IP address or a name with a port, IPv6 in brackets', () => {
  expect(parseListen('[::1]:0', '--agents')).toEqual({ host: '::1', port: 0 });
  expect(parseListen('localhost:7443', '--agents')).toEqual({ host: 'localhost', port: 7443 });
  for (const wrong of ['7443', ':7443', '::1:7443', '[x]:1', 'a b:1'])
    expect(() => parseListen(wrong, '--agents')).toThrow(/--agents .*expected an address and a port/);
});
