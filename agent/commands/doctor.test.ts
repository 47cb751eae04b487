import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { agentConfigSchema, type AgentConfig } from '../../config/agent-config.ts';
import { examineIdentity } from './doctor/examine-agent.ts';
import { examineFolder } from './doctor/examine-folder.ts';
import { examineClock } from './doctor/examine-hub.ts';
import { examineSources } from './doctor/examine-sources.ts';
import { examineUdp } from './doctor/examine-system.ts';
import type { Finding } from './doctor/finding.ts';

const root = mkdtempSync(join(tmpdir(), 'atalaia-doctor-'));
afterAll(() => rmSync(root, { recursive: true }));
const isRoot = process.geteuid?.() === 0;

let data: string;
let logs: string;
beforeEach(() => {
  const own = mkdtempSync(join(root, 'case-'));
  data = join(own, 'data');
  logs = join(own, 'logs');
  mkdirSync(data, { mode: 0o700 });
  mkdirSync(logs);
});

function config(wish: object = {}): AgentConfig {
  return agentConfigSchema.parse({ version: 1, ...wish });
}

function followed(...paths: string[]): AgentConfig {
  const sources = [{ id: 'web', type: 'file', paths }];
  return config({ fence: { paths: [`${logs}/**`] }, policy: { kind: 'Policy', version: 1, sources } });
}

function about(findings: readonly Finding[], check: string): Finding {
  const found = findings.find((finding) => finding.check === check);
  if (!found) throw new Error(`nothing is said about ${check}: ${JSON.stringify(findings)}`);
  return found;
}

describe('the data folder', () => {
  test('is well when it is closed, our own and has room', async () => {
    const findings = await examineFolder(data, config({ buffer: { maxBytes: '1MiB', reserveBytes: '1MiB' } }));

    expect(findings.map(({ check, is }) => [check, is])).toEqual([
      ['data folder modes', 'ok'],
      ['disk space', 'ok'],
    ]);
  });

  test('that is not there is made by enrolling', async () => {
    const [finding] = await examineFolder(join(data, 'absent'), config());

    expect(finding).toMatchObject({ is: 'fail', remedy: expect.stringContaining('enroll') });
  });

  test.each([['data'], ['data/identity/agent.key'], ['data/identity']])('%s that others may read is told with its mode', async (path) => {
    mkdirSync(join(data, 'identity'), { mode: 0o700 });
    writeFileSync(join(data, 'identity', 'agent.key'), 'key', { mode: 0o600 });
    chmodSync(join(data, '..', path), 0o755);

    const finding = about(await examineFolder(data, config()), 'data folder modes');

    expect(finding).toMatchObject({ is: 'fail', says: expect.stringContaining('(0755)'), remedy: expect.stringContaining('chmod') });
  });

  test.skipIf(!isRoot)('a key that belongs to another user is told: the service could not read it', async () => {
    mkdirSync(join(data, 'identity'), { mode: 0o700 });
    const key = join(data, 'identity', 'agent.key');
    writeFileSync(key, 'key', { mode: 0o600 });
    chownSync(key, 65_534, 65_534);

    expect(about(await examineFolder(data, config()), 'data folder modes')).toMatchObject({
      is: 'fail',
      says: expect.stringContaining(key),
      remedy: expect.stringContaining('chown'),
    });
  });

  test('a disk that is smaller than the buffer may grow is a warning', async () => {
    const finding = about(await examineFolder(data, config({ buffer: { maxBytes: '16TiB' } })), 'disk space');

    expect(finding).toMatchObject({ is: 'warn', remedy: expect.stringContaining('buffer.maxBytes') });
  });

  test('originals may take room too', async () => {
    const source = { id: 'web', type: 'file', paths: [`${logs}/a`], originals: { keep: '7d', maxBytes: '16TiB' } };
    const wish = config({ policy: { kind: 'Policy', version: 1, sources: [source] } });

    expect(about(await examineFolder(data, wish), 'disk space')).toMatchObject({
      is: 'warn',
      remedy: expect.stringContaining('originals'),
    });
  });

  test('a key of the buffer that others may read is told with the remedy; one that is well, by its id', async () => {
    const keyFile = join(data, 'buffer.key');
    writeFileSync(keyFile, '7'.repeat(64), { mode: 0o600 });
    const wish = config({ buffer: { encryption: { keyFile } } });

    const well = about(await examineFolder(data, wish), 'buffer key');
    chmodSync(keyFile, 0o644);
    const open = about(await examineFolder(data, wish), 'buffer key');

    expect(well).toMatchObject({ is: 'ok', says: expect.stringMatching(/sealed with key [0-9a-f]{16}/) });
    expect(open).toMatchObject({
      is: 'fail',
      says: expect.stringContaining('can be read by others'),
      remedy: expect.stringContaining('chmod 600'),
    });
  });
});

describe('sources', () => {
  test('files that can be read are counted', async () => {
    for (const name of ['a.log', 'b.log', 'c.txt']) writeFileSync(join(logs, name), 'line\n');

    expect(await examineSources(followed(`${logs}/*.log`))).toEqual([{ check: 'source web', is: 'ok', says: '2 files can be read' }]);
  });

  test('files that are not there yet are a warning, not a failure', async () => {
    expect(await examineSources(followed(`${logs}/later.log`))).toMatchObject([{ is: 'warn' }]);
  });

  test('a link that leads outside the fence and a folder named like a log are told', async () => {
    symlinkSync('/etc/passwd', join(logs, 'a.log'));
    mkdirSync(join(logs, 'b.log'));

    const [finding] = await examineSources(followed(`${logs}/*.log`));

    expect(finding).toMatchObject({ is: 'fail', says: expect.stringMatching(/outside `fence\.paths`.*b\.log: not a file/) });
  });

  test.skipIf(!isRoot)('a file of another group is told with the group that may read it', () => {
    // As another user, because root may read everything.
    const path = join(logs, 'auth.log');
    writeFileSync(path, 'secret\n');
    chmodSync(path, 0o640);
    chownSync(path, 0, 4);
    for (const folder of [root, join(logs, '..'), logs]) chmodSync(folder, 0o755);
    chownSync(data, 65_534, 65_534);
    writeFileSync(
      join(logs, 'agent.yaml'),
      JSON.stringify({
        version: 1,
        fence: { paths: [`${logs}/**`] },
        policy: { kind: 'Policy', version: 1, sources: [{ id: 'web', type: 'file', paths: [path] }] },
      }),
    );
    const args = [join(import.meta.dirname, '..', 'main.ts'), 'doctor', '--json', '--config', join(logs, 'agent.yaml'), '--data', data];

    const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });

    const findings = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Finding);
    expect(status).toBe(1);
    expect(about(findings, 'source web')).toMatchObject({ is: 'fail', says: expect.stringContaining('group adm may read it') });
    expect(about(findings, 'data folder modes').is).toBe('ok');
  });
});

describe('what listens and what is run', () => {
  const examined = (source: object): Promise<Finding[]> =>
    examineSources(config({ policy: { kind: 'Policy', version: 1, sources: [{ id: 'one', ...source }] } }));

  test('a command that is there may be run, one that is not is told', async () => {
    expect(await examined({ type: 'exec', command: ['/bin/sh'] })).toMatchObject([{ is: 'ok' }]);
    expect(await examined({ type: 'exec', command: ['/no/such/program'] })).toMatchObject([
      { is: 'fail', says: expect.stringContaining('ENOENT') },
    ]);
  });

  test('a port above 1024 is well; a key that is not there is told', async () => {
    const listening = { type: 'syslog', listen: '127.0.0.1:6514' };
    const tls = { certificate: '/no/cert.pem', key: '/no/key.pem', clientCertificate: 'none' };

    expect(await examined({ ...listening, transport: 'tcp' })).toMatchObject([{ is: 'ok' }]);
    expect(await examined({ ...listening, transport: 'tls', tls })).toMatchObject([
      { is: 'fail', says: expect.stringContaining('/no/key.pem') },
    ]);
  });
});

describe('a kernel that lets a UDP socket hold 208 KiB', () => {
  const told = (...sources: object[]): Finding => {
    const named = sources.map((source, at) => ({ id: `s${at}`, type: 'syslog', listen: '127.0.0.1:5514', ...source }));
    return examineUdp(config({ policy: { kind: 'Policy', version: 1, sources: named } }).policy.sources, 212_992);
  };

  test('is told with one command that lasts, for as much as the policy asks for', () => {
    const { is, remedy } = told({ transport: 'udp' }, { transport: 'udp', receiveBuffer: '32MiB' });

    expect({ is, remedy }).toEqual({ is: 'warn', remedy: expect.stringContaining('echo net.core.rmem_max=33554432 > /etc/sysctl.d/') });
  });

  test('is well where nothing listens on UDP, and where less is asked for', () => {
    expect(told({ transport: 'tcp' }).is).toBe('ok');
    expect(told({ transport: 'udp', receiveBuffer: '64KiB' }).is).toBe('ok');
  });
});

test('an agent that has not enrolled is told how', async () => {
  expect((await examineIdentity(data)).finding).toMatchObject({ is: 'fail', remedy: expect.stringContaining('--token-file') });
});

test.each([
  [0, 'ok'],
  [4_000, 'ok'],
  [-20_000, 'warn'],
  [20_000, 'warn'],
  [-400_000, 'fail'],
  [undefined, 'warn'],
])('a hub whose clock is %j ms ahead is %s', (offsetMs, is) => {
  expect(examineClock(offsetMs)).toMatchObject({ check: 'clock', is });
});
