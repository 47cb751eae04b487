import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agentConfigSchema, dataFolder, loadAgentConfig } from './agent-config.ts';
import { parseYaml } from './load-yaml.ts';

const shipped = new URL('agent.yaml', import.meta.url).pathname;

test('the shipped agent.yaml loads', () => {
  expect(loadAgentConfig(shipped).policy.sources.map(({ id }) => id)).toEqual(['system']);
});

test('the shipped agent.yaml says the same defaults as the schema', () => {
  const { policy: shippedPolicy, ...written } = loadAgentConfig(shipped);
  const { policy: emptyPolicy, ...defaults } = agentConfigSchema.parse({ version: 1 });

  expect(written).toEqual(defaults);
  expect({ ...shippedPolicy, sources: [] }).toEqual(emptyPolicy);
  const source = shippedPolicy.sources[0]!;
  const bare = agentConfigSchema.parse({
    version: 1,
    policy: { kind: 'Policy', version: 1, sources: [{ id: source.id, type: 'file', paths: ['paths' in source ? source.paths[0] : ''] }] },
  }).policy.sources[0]!;
  expect({ ...source, paths: [] }).toEqual({ ...bare, paths: [] });
});

test('every option of the schema is explained in the shipped agent.yaml', () => {
  const text = readFileSync(shipped, 'utf8');
  const way = ['addresses', 'failBackAfter', 'credentials', 'noProxy', 'exceptFirst', 'windows', 'days', 'bytesPerSecond'];
  const buffer = [
    'maxBytes',
    'generationBytes',
    'reserveBytes',
    'flushInterval',
    'encryption',
    'keyFile',
    'previousKeyFiles',
    'level',
    'showLines',
  ];
  const source = [
    'paths',
    'exclude',
    'typeHint',
    'timeZone',
    'startAt',
    'whenFull',
    'lane',
    'labels',
    'originals',
    'journald',
    'filter',
    'trim',
  ];

  for (const option of [...Object.keys(agentConfigSchema.shape), ...way, ...buffer, ...source]) expect(text).toContain(option);
});

test('the examples in the comments of the shipped agent.yaml are true', () => {
  const uncommented = readFileSync(shipped, 'utf8')
    .replaceAll(': []\n  #', ':\n  #')
    .replace('otherHubs: []\n#  -', 'otherHubs:\n#  -')
    .replaceAll(/^# {2}/gm, '  ')
    .replaceAll(/^# ((data|hub|proxy|metrics): )/gm, '$1')
    .replaceAll(/^ {6}# (originals:)/gm, '      $1')
    .replaceAll(/^ {2}# {2}/gm, '    ')
    .replaceAll(/^ {4}# (- id:| {2,4}\w+:)/gm, '    $1');

  const { data, hub, proxy, bandwidth, metrics, policy, otherHubs } = parseYaml(uncommented, agentConfigSchema, 'agent.yaml');

  expect([data, hub?.addresses.length, proxy?.url]).toEqual(['/var/lib/atalaia', 2, 'http://proxy.example.org:3128']);
  expect(metrics?.listen).toEqual({ host: '127.0.0.1', port: 9464 });
  expect(bandwidth.windows.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([262_144, 4_194_304]);
  expect(policy.sources.map(({ id }) => id)).toEqual([
    'system',
    'application',
    'zeek',
    'audit',
    'journal',
    'kernel',
    'firewall',
    'servers',
    'suricata',
    'sessions',
    'pipe',
  ]);
  expect([policy.filter.length, policy.trim.length, policy.tests.length]).toEqual([5, 2, 1]);
  expect(otherHubs).toMatchObject([{ name: 'partner', sources: ['system'], whenFull: 'drop-oldest', trim: [{ source: 'system' }] }]);
  expect(policy.sources[0]).toMatchObject({ originals: { keep: 604_800_000, maxBytes: 2 * 1024 ** 3 } });
});

test('the data folder is the option, else the environment, else the configuration, else the usual place', () => {
  const place = { environment: { ATALAIA_DATA: '/from/environment' }, workingFolder: '/nowhere' };

  expect(dataFolder('/option', '/configured', place)).toBe('/option');
  expect(dataFolder(undefined, '/configured', place)).toBe('/from/environment');
  expect(dataFolder(undefined, '/configured', { ...place, environment: {} })).toBe('/configured');
  expect(dataFolder(undefined, undefined, { ...place, environment: { ATALAIA_DATA: '' } })).toBe('/var/lib/atalaia');
});
