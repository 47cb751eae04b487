import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { HostRoot } from './host-root.ts';
import { findAgentUser, refusalOf } from './may-read.ts';
import { makeHost } from './testing/made-host.ts';

const made: string[] = [];
afterEach(() => made.splice(0).forEach((root) => rmSync(root, { recursive: true })));

const isRoot = process.geteuid?.() === 0;

describe('a user that is to read /var/log/app/a.log', () => {
  const group = 'root:x:0:\nadm:x:4:\napp:x:700:\nshared:x:701:other,atalaia\nsystemd-journal:x:101:\n';
  const hostWith = (passwd: string): HostRoot => {
    const root = makeHost({ 'etc/group': group, 'etc/passwd': passwd, 'var/log/app/a.log': 'x\n' });
    made.push(root);
    return new HostRoot(root);
  };

  test('is taken from the tables of its host, with the groups that the unit adds', () => {
    expect(findAgentUser(hostWith('atalaia:x:901:901::/:\n'), 'atalaia')).toEqual({
      name: 'atalaia',
      uid: 901,
      gids: new Set([4, 701, 101, 901]),
    });
    expect(findAgentUser(hostWith(''), 'atalaia')).toMatchObject({ uid: undefined });
    expect(findAgentUser(hostWith('other:x:902:902::/:\n'), 'other').gids).toEqual(new Set([701, 902]));
  });

  test.skipIf(!isRoot).each([
    ['its own file', { uid: 901, gid: 0, mode: 0o400 }, undefined],
    ["a group's of the unit", { uid: 0, gid: 4, mode: 0o640 }, undefined],
    ['a group of its own', { uid: 0, gid: 701, mode: 0o640 }, undefined],
    ['another group', { uid: 0, gid: 700, mode: 0o640 }, 'usermod -aG app atalaia, then restart the agent'],
    ["root's alone", { uid: 0, gid: 0, mode: 0o600 }, /^setfacl -m u:atalaia:r \/var\/log\/app\/a\.log/],
    ["root's, open to root's group", { uid: 0, gid: 0, mode: 0o640 }, /^setfacl/],
    ['closed to its owner alone', { uid: 901, gid: 4, mode: 0o040 }, /^setfacl|^usermod/],
  ])('%s', (_, { uid, gid, mode }, remedy) => {
    const host = hostWith('atalaia:x:901:901::/:\n');
    const path = join(host.root, 'var/log/app/a.log');
    chownSync(path, uid, gid);
    chmodSync(path, mode);

    const refusal = refusalOf(host, '/var/log/app/a.log', findAgentUser(host, 'atalaia'));

    if (remedy === undefined) expect(refusal).toBe(undefined);
    else expect(refusal?.remedy).toMatch(remedy);
  });

  test('a folder on the way that it may not look into is told, with the folder', () => {
    const host = hostWith('atalaia:x:901:901::/:\n');
    chmodSync(join(host.root, 'var/log/app'), 0o700);

    expect(refusalOf(host, '/var/log/app/a.log', findAgentUser(host, 'atalaia'))).toMatchObject({
      says: expect.stringContaining('may not look into /var/log/app'),
      remedy: expect.stringMatching(/:x \/var\/log\/app$|^usermod/),
    });
  });
});

const canList = isRoot && spawnSync('setfacl', ['--version']).status === 0 && spawnSync('id', ['www-data']).status === 0;
test.skipIf(!canList)('on this host access control lists count (skipped without root: apt-get install acl)', () => {
  const folder = mkdtempSync('/var/tmp/may-read-');
  made.push(folder);
  const path = join(folder, 'a.log');
  writeFileSync(path, 'x\n', { mode: 0o600 });
  const host = new HostRoot('/');
  const user = findAgentUser(host, 'www-data');
  const before = refusalOf(host, path, user);

  for (const [rights, on] of [
    ['x', folder],
    ['r', path],
  ] as const)
    spawnSync('setfacl', ['-m', `u:www-data:${rights}`, on]);

  expect(before?.says).toContain('may not look into');
  expect(refusalOf(host, path, user)).toBe(undefined);
  expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0]);
});
