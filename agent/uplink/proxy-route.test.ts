import { expect, test } from 'vitest';
import { proxySchema } from '../../config/uplink-config.ts';
import { proxyRoute } from './proxy-route.ts';

function goesThrough(host: string, { proxy, environment = {} }: { proxy: unknown; environment?: Record<string, string> }): string {
  return proxyRoute(proxySchema.parse(proxy), host, environment)?.name ?? 'straight';
}

const proxy = {
  url: 'http://proxy.example:3128',
  noProxy: ['intranet.example', '.lab.example', '*.test.example', '192.0.2.0/24', '2001:db8::/32', '198.51.100.7'],
};

test.each([
  ['hub.example.org', 'http://proxy.example:3128'],
  ['intranet.example', 'straight'],
  ['hub.intranet.example', 'straight'],
  ['notintranet.example', 'http://proxy.example:3128'],
  ['HUB.LAB.EXAMPLE', 'straight'],
  ['a.test.example', 'straight'],
  ['192.0.2.200', 'straight'],
  ['192.0.3.1', 'http://proxy.example:3128'],
  ['198.51.100.7', 'straight'],
  ['198.51.100.8', 'http://proxy.example:3128'],
  ['2001:db8:1::5', 'straight'],
  ['2001:db9::5', 'http://proxy.example:3128'],
])('%s goes %s', (host, way) => {
  expect(goesThrough(host, { proxy })).toBe(way);
});

test.each([
  [{ https_proxy: 'http://p:1' }, 'http://p:1'],
  [{ HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
  [{ https_proxy: 'p:1' }, 'http://p:1'],
  [{ all_proxy: 'http://p:2' }, 'http://p:2'],
  [{ http_proxy: 'http://p:3' }, 'straight'],
  [{ https_proxy: 'http://p:1', no_proxy: 'a.example, hub.example' }, 'straight'],
  [{ https_proxy: 'http://p:1', NO_PROXY: '*' }, 'straight'],
  [{}, 'straight'],
])('of the environment %j makes it %s, when it is asked', (environment, way) => {
  expect(goesThrough('hub.example', { proxy: 'environment', environment })).toBe(way);
});

test('the environment is not asked unless the configuration says so', () => {
  expect(proxyRoute(undefined, 'hub.example', { https_proxy: 'http://p:1' })).toBeUndefined();
  expect(goesThrough('hub.example', { proxy: 'http://q:2', environment: { https_proxy: 'http://p:1', no_proxy: '*' } })).toBe('http://q:2');
});

test('an address of the environment that holds a password is refused with the remedy, and not repeated', () => {
  const asked = (): unknown => goesThrough('hub.example', { proxy: 'environment', environment: { https_proxy: 'http://u:hunter2@p:1' } });

  expect(asked).toThrow(/environment.*file.*`credentials`/);
  expect(asked).not.toThrow(/hunter2/);
});
