import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { agentConfigSchema } from '../../config/agent-config.ts';
import { loadDecoders } from '../../config/decoders/load-decoders.ts';
import { parseYaml } from '../../config/load-yaml.ts';
import { policySchema, type Policy } from '../../config/policy/policy.ts';
import { parseGlob } from '../inputs/glob-pattern.ts';
import { HostRoot } from './discover/host-root.ts';
import { propose, type Proposal } from './discover/proposal.ts';
import { madeAtMs, makeHost, type MadeFiles } from './discover/testing/made-host.ts';
import { debianApachePostfix, debianNginx, empty, redHat, sensor } from './discover/testing/made-hosts.ts';
import { watchSources } from './discover/watch-sources.ts';
import { writePolicy } from './discover/write-policy.ts';

const made: string[] = [];
afterEach(() => made.splice(0).forEach((root) => rmSync(root, { recursive: true })));

function hostOf(files: MadeFiles): HostRoot {
  const root = makeHost(files);
  made.push(root);
  return new HostRoot(root);
}

function proposed(host: HostRoot): Proposal {
  return propose(host, { userName: 'atalaia', nowMs: madeAtMs });
}

function written(proposal: Proposal, form: 'policy' | 'config' = 'policy'): string {
  return writePolicy(proposal, { host: 'made', at: '2026-11-24T10:00Z' }, form);
}

function policyOf(proposal: Proposal): Policy {
  return parseYaml(written(proposal), policySchema, 'the proposal');
}

function collected(host: HostRoot, { sources }: Policy): string[] {
  return sources.flatMap((source) => {
    if (source.type !== 'file') return [];
    const left = source.exclude.flatMap(parseGlob);
    const files = new Set(source.paths.flatMap((path) => host.matches(path)).filter((path) => !left.some((glob) => glob.matches(path))));
    return [...files].map((path) => host.look(path)?.path ?? path);
  });
}

const hosts = { 'debian-nginx': debianNginx, 'debian-apache-postfix': debianApachePostfix, 'red-hat': redHat, sensor, empty };

describe.each(Object.entries(hosts))('the made host %s', (name, files) => {
  test('gets the proposal that was looked at and found right', async () => {
    const host = hostOf(files);

    await expect(written(proposed(host))).toMatchFileSnapshot(`discover/golden/${name}.yaml`);
  });

  test('gets a proposal that a running agent takes, as a policy and as a configuration', () => {
    const proposal = proposed(hostOf(files));

    const policy = policyOf(proposal);
    const config = parseYaml(written(proposal, 'config'), agentConfigSchema, 'the configuration');

    expect(config.policy).toEqual(policy);
  });

  test('gets no file collected twice', () => {
    const host = hostOf(files);

    const all = collected(host, policyOf(proposed(host)));

    expect([...all].sort()).toEqual([...new Set(all)].sort());
  });

  test('gets type hints that the hub has decoders for', () => {
    const known = new Set(loadDecoders().flatMap(({ id, types }) => [id, ...(types ?? [])]));

    const hints = policyOf(proposed(hostOf(files))).sources.map(({ typeHint }) => typeHint);

    expect(hints.filter((hint) => hint !== '' && !known.has(hint))).toEqual([]);
  });

  test('gets suggestions that are valid when their mark of a comment is taken off', () => {
    const uncommented = written(proposed(hostOf(files)))
      .replaceAll(/^# (?=(?:trim|filter):$| {2})/gm, '')
      .replaceAll(/^ {2}# (?=- id: | {2}(?:type|paths|path|exclude|typeHint):| {4}- ")/gm, '  ');

    expect(() => parseYaml(uncommented, policySchema, 'uncommented')).not.toThrow();
  });
});

describe('a host that means no good', () => {
  test('links that lead out of the root, in circles or nowhere lead to nothing', () => {
    const host = hostOf({
      ...empty,
      'etc/nginx/nginx.conf': 'http { include sites/*; access_log /var/log/nginx/a.log; }',
      'etc/nginx/sites/loop': '-> loop',
      'etc/nginx/sites/out': '-> ../../../../../../../etc/passwd',
      'etc/passwd': 'made:x:0:0::/:\n',
    });

    expect(host.text('/etc/nginx/sites/out')).toBe('made:x:0:0::/:\n');
    expect(policyOf(proposed(host)).sources.map(({ id }) => id)).toEqual(['nginx-access', 'nginx-error']);
    expect([...host.problems]).toContainEqual(['/etc/nginx/sites/loop', 'ELOOP']);
  });

  test('configurations that include themselves, are too large or are no files stop nothing', () => {
    const host = hostOf({
      ...empty,
      'etc/nginx/nginx.conf': 'include nginx.conf; include big.conf; include folder; access_log /var/log/nginx/a.log;',
      'etc/nginx/big.conf': `# ${'x'.repeat(2_000_000)}`,
      'etc/nginx/folder/': '',
    });

    expect(policyOf(proposed(host)).sources[0]).toMatchObject({ id: 'nginx-access', paths: ['/var/log/nginx/a.log'] });
    expect([...host.problems.values()]).toEqual([expect.stringContaining('includes itself'), expect.stringContaining('larger than')]);
  });

  test('brackets without end in YAML are told, not parsed', () => {
    const host = hostOf({
      ...empty,
      'etc/suricata/suricata.yaml': `outputs: ${'{'.repeat(60_000)}`,
      'etc/atalaia/agent.yaml': '['.repeat(60_000),
    });

    expect(policyOf(proposed(host)).sources).toEqual([]);
    expect([...host.problems.values()]).toEqual([expect.stringContaining('nested'), expect.stringContaining('nested')]);
  });

  test('names with line ends and quotes stay in their comment and in their quotes', () => {
    const host = hostOf({
      ...empty,
      'etc/nginx/nginx.conf': 'access_log "/var/log/nginx/a\n  - id: evil\n\\" #.log"; error_log off;',
      'var/log/x\nkind: Evil': 'y\n',
    });

    const policy = policyOf(proposed(host));

    expect(policy.kind).toBe('Policy');
    expect(policy.sources.map(({ id }) => id)).toEqual(['nginx-access']);
  });

  const readers = {
    'etc/nginx/nginx.conf': 'nginx',
    'etc/apache2/apache2.conf': 'apache',
    'etc/rsyslog.conf': 'rsyslog',
    'etc/syslog-ng/syslog-ng.conf': 'syslog-ng',
    'etc/suricata/suricata.yaml': 'suricata',
    'etc/audit/auditd.conf': 'auditd',
  };
  const words = fc.constantFrom(
    '{',
    '}',
    ';',
    '"',
    "'",
    '\\',
    '\n',
    '#',
    '$',
    '(',
    ')',
    ' ',
    'include',
    'access_log',
    'CustomLog',
    '/var/log/a*',
    '${x}',
    '*.*',
    'if',
    'then',
    'else',
    'stop',
    '&',
    ':msg',
    'ruleset(name="a")',
    'log {',
    'filter f {',
    'not',
    'and',
    'file("/x")',
    '- eve-log:',
    'outputs:',
    '%',
    '[',
    '{a,b}',
    '\0',
  );
  test.each(Object.entries(readers))('%s may hold anything: the proposal is valid', (path) => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
        const host = hostOf({ ...empty, [path]: parts.join(' ') });

        expect(policyOf(proposed(host)).kind).toBe('Policy');
      }),
      { numRuns: 60 },
    );
  });
});

describe('what the agent may not read', () => {
  const closed = (mode: number): Proposal => {
    const host = hostOf({
      ...empty,
      'etc/group': 'adm:x:4:\n',
      'etc/passwd': 'root:x:0:0::/:\natalaia:x:4242:4242::/:\n',
      'etc/nginx/nginx.conf': 'access_log /var/log/nginx/a.log; error_log off;',
      'var/log/nginx/a.log': 'x\n',
    });
    chmodSync(join(host.root, 'var/log/nginx/a.log'), mode);
    return proposed(host);
  };

  test('is told with the remedy', () => {
    expect(closed(0o600).sources[0]?.toDo).toEqual([
      expect.stringMatching(/user atalaia may not read \/var\/log\/nginx\/a\.log \(0600 .*setfacl -m u:atalaia:r/),
    ]);
    expect(closed(0o644).sources[0]?.toDo).toEqual([]);
  });
});

test('postfix writing into a file of rsyslog brings only its own lines from there', () => {
  const host = hostOf({ ...debianNginx, 'etc/postfix/main.cf': 'maillog_file = /var/log/mail.log\n' });

  const policy = policyOf(proposed(host));

  expect(policy.filter).toEqual([
    { drop: { source: 'system', where: { 'syslog.appname': 'shop' } } },
    { drop: { source: 'postfix', where: { own: { 'syslog.appname|startswith': 'postfix' }, condition: 'not own' } } },
  ]);
});

test('journald and auditd together bring audit records once', () => {
  const host = hostOf({ ...debianApachePostfix, 'etc/audit/auditd.conf': 'log_file = /var/log/audit/audit.log\n' });

  expect(policyOf(proposed(host)).filter).toEqual([{ drop: { source: 'journal', where: { _TRANSPORT: 'audit' } } }]);
});

test('a sensor image is not looked at through its links, nor is anything written into it', () => {
  const host = hostOf(sensor);
  mkdirSync(join(host.root, 'srv'));
  symlinkSync('/', join(host.root, 'srv/host'));
  writeFileSync(join(host.root, 'etc/nginx.conf'), '');

  expect(host.look('/srv/host/etc/hostname')?.path).toBe('/etc/hostname');
  expect(readFileSync(join(host.root, 'etc/hostname'), 'utf8')).toBe('made\n');
});

describe('the command', () => {
  const program = join(import.meta.dirname, '..', 'main.ts');
  const call = (...args: string[]): { code: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
    return { code: status, out: stdout, err: stderr };
  };

  test('writes a file that `validate` takes, once: a file that is there is left alone', () => {
    const { root } = hostOf(sensor);
    const output = join(root, 'proposal.yaml');

    expect(call('discover', '--root', root, '--form', 'config', '--output', output)).toEqual({ code: 0, out: '', err: '' });
    expect(call('validate', output)).toMatchObject({ code: 0, out: expect.stringContaining('"kind":"configuration"') });
    const before = readFileSync(output, 'utf8');
    expect(call('discover', '--root', root, '--output', output)).toMatchObject({ code: 1, err: expect.stringMatching(/is there already/) });
    expect(readFileSync(output, 'utf8')).toBe(before);
  });

  test('prints one object per source and per thing left out', () => {
    const { root } = hostOf(sensor);

    const objects = call('discover', '--root', root, '--json')
      .out.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

    expect(objects.filter(({ is }) => is === 'source').map(({ id }) => id)).toEqual(['suricata', 'suricata-2', 'zeek']);
    expect(objects.find(({ id }) => id === 'suricata')).toMatchObject({ bytes: expect.any(Number), bytesPerSecond: expect.any(Number) });
    expect(objects).toContainEqual(expect.objectContaining({ is: 'left-out', what: expect.stringContaining('fast.log') }));
  });

  test.each([
    [['--form', 'x'], /--form is policy or config/],
    [['--watch', '5'], /--watch is a time from 1s to 1h/],
    [['--root', '/no/such/folder'], /--root: \/no\/such\/folder is not a folder/],
    [['/etc'], /takes options only/],
  ])('%j is a wrong call', (args, message) => {
    expect(call('discover', ...args)).toMatchObject({ code: 2, err: expect.stringMatching(message) });
  });
});

test('what is written between two looks is the rate of now', async () => {
  const host = hostOf({
    ...empty,
    'etc/nginx/nginx.conf': 'access_log /var/log/nginx/a.log; error_log off;',
    'var/log/nginx/a.log': `${'x'.repeat(99)}\n`,
  });

  const watched = await watchSources(host, proposed(host), {
    ms: 10_000,
    wait: async () => appendFileSync(join(host.root, 'var/log/nginx/a.log'), `${'y'.repeat(99)}\n`.repeat(50)),
  });

  expect(watched.sources[0]?.measure?.rate).toEqual({ bytesPerSecond: 500, linesPerSecond: 5, by: 'watching' });
});

test('what agent.yaml lets through needs no change of it, and what it collects is said', () => {
  const agent =
    'version: 1\nfence: { paths: ["/srv/**"] }\npolicy: { kind: Policy, version: 1, sources: [{ id: mine, type: file, paths: ["/srv/*.log"] }] }\n';
  const nginx = 'access_log /srv/a.log; error_log /var/log/e.log;';
  const { sources } = proposed(hostOf({ ...empty, 'etc/nginx/nginx.conf': nginx, 'etc/atalaia/agent.yaml': agent }));

  expect(sources.map(({ candidate, toDo, collectedBy }) => [candidate.id, toDo, collectedBy])).toEqual([
    ['nginx-access', [], ['mine']],
    ['nginx-error', ['add to fence.paths of agent.yaml: /var/log/e.log'], []],
  ]);
});
