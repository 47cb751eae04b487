import { expect, test } from 'vitest';
import { agentConfigSchema, configPerHub, hubFolder } from './agent-config.ts';
import { parseYaml } from './load-yaml.ts';

const policy = `
policy:
  kind: Policy
  version: 1
  sources:
    - { id: web, type: file, paths: ["/var/log/web.log"] }
    - { id: ids, type: file, paths: ["/var/log/eve.json"] }
  filter:
    - drop: { source: web, where: { "text|contains": healthz } }
    - drop: { where: { "text|contains": debug } }
  trim:
    - { source: ids, format: json, drop: [payload] }
`;

function configured(otherHubs: string): ReturnType<typeof configPerHub> {
  return configPerHub(parseYaml(`version: 1\nhub: wss://one:7443\n${policy}otherHubs:\n${otherHubs}`, agentConfigSchema, 'agent.yaml'));
}

test('another hub gets the policy as far as it concerns its sources, and its own way and room', () => {
  const [first, partner] = configured(
    '  - { name: partner, hub: "wss://two:7443", maxBytes: 64MiB, sources: [ids], whenFull: drop-oldest }',
  );

  expect(first?.config.policy.sources.map(({ id, whenFull }) => [id, whenFull])).toEqual([
    ['web', 'block'],
    ['ids', 'block'],
  ]);
  expect(partner?.config).toMatchObject({
    hub: { addresses: ['wss://two:7443'] },
    buffer: { maxBytes: 64 * 1024 ** 2 },
    policy: { sources: [{ id: 'ids', whenFull: 'drop-oldest' }], trim: [{ source: 'ids' }] },
  });
  expect(partner?.config.policy.filter).toHaveLength(1);
  expect([first, partner].map((hub) => hubFolder('/data', hub?.name))).toEqual(['/data', '/data/other-hubs/partner']);
});

test('its own rules take the place of the policy’s, an empty list too', () => {
  const [, partner] = configured('  - { name: partner, filter: [], trim: [{ source: web, format: key-value, drop: [user] }] }');

  expect(partner?.config.policy).toMatchObject({ filter: [], trim: [{ source: 'web' }] });
  expect(partner?.config.policy.sources).toHaveLength(2);
  expect(partner?.config.hub).toBeUndefined();
});

test.each([
  ['  - { name: partner, sources: [idss] }', 'agent.yaml:16:32: `otherHubs[0].sources[0]`: there is no source idss; did you mean ids?'],
  ['  - { name: a }\n  - { name: a }', 'agent.yaml:17:13: `otherHubs[1].name`: another hub has the name a; give each its own'],
  ['  - { name: ../etc }', 'agent.yaml:16:13: `otherHubs[0].name`: expected a name of small letters'],
  [
    '  - { name: p, sources: [web], trim: [{ source: ids, format: json, drop: [a] }] }',
    'agent.yaml:16:49: `otherHubs[0].trim[0].source`: there is no source ids; known: web',
  ],
  ['  - { name: p, trims: [] }', 'agent.yaml:16:16: unknown key `otherHubs[0].trims`; did you mean `trim`?'],
])('%s is refused at its place', (written, message) => {
  expect(() => configured(written)).toThrow(message);
});
