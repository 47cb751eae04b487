import { expect, test } from 'vitest';
import { agentConfigSchema } from './agent-config.ts';
import { parseYaml } from './load-yaml.ts';

function read(text: string) {
  return parseYaml(`version: 1\n${text}`, agentConfigSchema, 'agent.yaml');
}

test.each([
  ['one address', 'hub: wss://a:7443', ['wss://a:7443'], 300_000],
  ['a list', 'hub: ["wss://a:7443", "wss://b:7443"]', ['wss://a:7443', 'wss://b:7443'], 300_000],
  ['an object', 'hub: { addresses: ["wss://a:7443", "wss://b:7443"], failBackAfter: 30s }', ['wss://a:7443', 'wss://b:7443'], 30_000],
])('the hub may be %s', (_form, text, addresses, failBackAfter) => {
  expect(read(text).hub).toEqual({ addresses, failBackAfter });
});

test.each([
  ['hub: []', /at least 1 entries/],
  ['hub: ["wss://a:7443", "wss://a:7443/"]', /every address once/],
  ['hub: ["wss://a:7443", "http://b:7443"]', /wss:\/\//],
  ['hub: { addresses: ["wss://a:1"], failback: 1m }', /unknown key `hub.failback`; known here: addresses, failBackAfter/],
  ['pin: ["sha256/short="]', /sha256\/ and 44 characters/],
  ['proxy: "http://user:secret@proxy:3128"', /file .*credentials/],
  ['proxy: { url: "http://user:secret@proxy:3128" }', /file .*credentials/],
  ['proxy: "https://proxy:3128"', /http:\/\/proxy/],
  ['proxy: { url: "http://proxy:3128/path" }', /nothing behind the port/],
  ['bandwidth: { timeZone: Nowhere/At-All }', /IANA name/],
  ['bandwidth: { windows: [{ from: "25:00", to: "08:00", bytesPerSecond: 1MiB }] }', /time of day/],
  ['bandwidth: { windows: [{ from: "08:00", to: "08:00", bytesPerSecond: 1MiB }] }', /to differ from `from`/],
  ['bandwidth: { windows: [{ from: "08:00", to: "09:00", bytesPerSecond: 1B }] }', /from 1KiB/],
])('%s is refused with what to write instead', (text, remedy) => {
  expect(() => read(text)).toThrow(remedy);
});

test('a password in the address of a proxy is not repeated in the complaint', () => {
  expect(() => read('proxy: "http://user:hunter2@proxy:3128"')).not.toThrow(/hunter2/);
});

test('a proxy may be an address, the environment or an object', () => {
  const [address, environment, whole] = [
    'proxy: http://p:3128',
    'proxy: environment',
    'proxy: { url: environment, credentials: /etc/atalaia/proxy, noProxy: [a.example] }',
  ].map((text) => read(text).proxy);

  expect(address).toEqual({ url: 'http://p:3128', noProxy: [] });
  expect(environment).toEqual({ url: 'environment', noProxy: [] });
  expect(whole).toEqual({ url: 'environment', credentials: '/etc/atalaia/proxy', noProxy: ['a.example'] });
});

test('0 bytes a second is a pause, and a window is every day unless days are named', () => {
  const { windows } = read('bandwidth: { windows: [{ from: "22:00", to: "24:00", bytesPerSecond: 0 }] }').bandwidth;

  expect(windows).toEqual([{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: 1_320, to: 1_440, bytesPerSecond: 0 }]);
});
