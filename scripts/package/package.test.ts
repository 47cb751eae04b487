// The parts that packages are made of. Whole packages, installed and run, are for `npm run package -- --check`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropIns, shipped, shippedFiles, unitFile, type AgentParts } from './agent-files.ts';
import { buildDeb, type BuiltDeb } from './build-deb.ts';
import { buildTarball } from './build-tarball.ts';
import { addonName, bundleAgent } from './bundle-agent.ts';
import { requireIntegrity } from './fetch-node.ts';
import { agentPage, configPage } from './man-pages.ts';
import { readElf } from './read-elf.ts';
import { targets, type Target } from './target.ts';

const root = join(import.meta.dirname, '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'atalaia-package-test-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const epoch = 1_764_000_000;
const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
const levelFolder = join(root, 'node_modules', 'classic-level');

function target(name: Target['debian']): Target {
  const found = targets.find(({ debian }) => debian === name);
  if (!found) throw new Error(`no target ${name}`);
  return found;
}

describe('what a program needs is read from its ELF file', () => {
  test.each(targets)('of LevelDB for $debian', ({ addon, elfMachine }) => {
    const facts = readElf(readFileSync(join(levelFolder, addon)), addon);

    expect(facts).toEqual({
      machine: elfMachine,
      needed: ['libstdc++.so.6', 'libm.so.6', 'libgcc_s.so.1', 'libpthread.so.0', 'libc.so.6'],
    });
  });

  test.each([Buffer.alloc(0), Buffer.from('#!/bin/sh\n'.repeat(20)), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1])])(
    'anything else is refused by name (%#)',
    (file) => {
      expect(() => readElf(file, 'node')).toThrow(/node is not a 64-bit/);
    },
  );
});

test('an archive that is not the one of the lock is refused, and so is a lock without a SHA-512', () => {
  const archive = Buffer.from('node');
  const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;

  requireIntegrity(archive, integrity, 'node@26');

  expect(() => requireIntegrity(Buffer.from('nodf'), integrity, 'node@26')).toThrow(/node@26 is not what package-lock\.json names/);
  expect(() => requireIntegrity(archive, 'sha1-abc', 'node@26')).toThrow(/no sha512/);
});

describe('the manual pages', () => {
  const source = { version: '1.2.3', epoch };
  const commands = [{ name: 'trim', help: "atalaia-agent trim\n\n.hidden\n'quoted\nback\\slash --policy FILE\n" }];

  test.skipIf(!isThere('man'))('say what the help says, word for word (skipped without man: apt-get install man-db)', () => {
    const page = join(scratch, 'atalaia-agent.8');
    writeFileSync(page, agentPage(commands, source));

    const { stdout, stderr } = spawnSync('man', ['--warnings', '--local-file', page], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', MANWIDTH: '200' },
    });

    expect(stderr).toBe('');
    for (const line of ['.hidden', "'quoted", 'back\\slash --policy FILE']) expect(stdout).toContain(line);
  });

  test('explain every option that is shipped', () => {
    const config = readFileSync(join(root, 'config', 'agent.yaml'), 'utf8');

    const page = configPage(config, source);

    for (const key of ['maxBytes', 'flushInterval', 'whenFull']) expect(page).toContain(key);
  });
});

describe('the unit', () => {
  const isAnalysable = isThere('systemd-analyze');

  test.skipIf(!isAnalysable).each(['no drop-in', ...dropIns])(
    'is closed in, with %s too: exposure of 2.5 at most (skipped without systemd-analyze: apt-get install systemd)',
    (dropIn) => {
      const folder = mkdtempSync(join(scratch, 'unit-'));
      const unit = join(folder, 'atalaia-agent.service');
      writeFileSync(unit, unitFile('/usr/bin'));
      mkdirSync(`${unit}.d`);
      if (dropIn !== 'no drop-in') writeFileSync(join(`${unit}.d`, dropIn), shipped(dropIn));

      const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], { encoding: 'utf8' });

      const level = Number(/exposure level for \S+: ([0-9.]+)/.exec(stdout)?.[1]);
      expect(level).toBeGreaterThan(0);
      expect(level).toBeLessThanOrEqual(2.5);
    },
  );

  test('gives no capability and has the agent watched', () => {
    const unit = unitFile('/usr/bin');

    for (const line of ['CapabilityBoundingSet=', 'AmbientCapabilities=', 'NoNewPrivileges=yes', 'ProtectSystem=strict', 'Type=notify'])
      expect(unit.split('\n')).toContain(line);
    expect(unit).toMatch(/^MemoryMax=\d+M$/m);
    expect(unit).toMatch(/^WatchdogSec=\d+s$/m);
    expect(unit).toMatch(/^ExecStart=\/usr\/bin\/atalaia-agent run$/m);
    expect(unit).toMatch(/^ExecReload=.*kill -HUP \$MAINPID/m);
  });
});

test.each(['postinst', 'prerm', 'postrm', 'atalaia-agent.sh'])('%s is a script that any sh can read', (name) => {
  expect(spawnSync('sh', ['-n', join(shippedFiles, name)], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('the launcher becomes the program with the Node beside it, keeps memory small and takes no foreign options', () => {
  const prefix = join(scratch, 'prefix');
  for (const folder of ['bin', 'lib/atalaia-agent', 'elsewhere']) mkdirSync(join(prefix, folder), { recursive: true });
  const launcher = join(prefix, 'bin', 'atalaia-agent');
  writeFileSync(launcher, readFileSync(join(shippedFiles, 'atalaia-agent.sh')), { mode: 0o755 });
  const node = join(prefix, 'lib', 'atalaia-agent', 'node');
  writeFileSync(node, '#!/bin/sh\necho "$@ $MALLOC_ARENA_MAX $MALLOC_MMAP_THRESHOLD_ ${NODE_OPTIONS-none}"\n', { mode: 0o755 });
  const link = join(prefix, 'elsewhere', 'agent');
  spawnSync('ln', ['-s', launcher, link]);

  const { stdout } = spawnSync(link, ['run', '--data', '/a b'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NODE_OPTIONS: '--require /tmp/evil.js', MALLOC_ARENA_MAX: '4' },
  });

  expect(stdout).toMatch(/^--max-semi-space-size=1 \S+\/lib\/atalaia-agent\/agent\.js run --data \/a b 4 262144 none\n$/);
});

describe('the bundle', () => {
  const folder = join(scratch, 'bundle');
  beforeAll(() => mkdirSync(folder));

  test('runs with the addon beside it and nothing else, and holds nothing of the hub', async () => {
    const { files, packages } = await bundleAgent(folder);
    const own = targets.find(({ nodePackage }) => nodePackage.endsWith(process.arch)) ?? target('amd64');
    writeFileSync(join(folder, addonName), readFileSync(join(levelFolder, own.addon)));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');

    const { status, stdout } = spawnSync(process.execPath, [join(folder, 'agent.js'), '--version'], { encoding: 'utf8' });

    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(files).toContain('agent.js');
    expect(packages).toContain('classic-level');
    for (const name of ['chdb', 'fastify', 'preact', '@clickhouse/client']) expect(packages).not.toContain(name);
  });
});

const isDebian = isThere('dpkg-deb');
describe.skipIf(!isDebian)('packages (skipped without dpkg-deb: apt-get install dpkg)', () => {
  /** A small one: LevelDB's addon stands in for Node too, which is a hundred times its size. */
  function partsFor({ addon }: Target): AgentParts {
    const folder = join(scratch, 'tiny');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'agent.js'), 'process.exit(0);\n');
    const from = join(levelFolder, addon);
    return {
      bundle: { folder, files: ['agent.js'] },
      node: from,
      addon: { from, name: addonName },
      config: 'version: 1\n',
      copyright: 'ours\n',
      completions: { bash: '# bash\n', zsh: '# zsh\n', fish: '# fish\n' },
      manPages: { 'atalaia-agent.8': '.TH A 8\n', 'agent.yaml.5': '.TH B 5\n' },
    };
  }

  async function made(name: Target['debian'], umask: number): Promise<BuiltDeb> {
    const place = mkdtempSync(join(scratch, 'deb-'));
    const before = process.umask(umask);
    try {
      return await buildDeb(partsFor(target(name)), {
        target: target(name),
        version: '1.2.3-4',
        maintainer: 'Somebody <somebody@example.org>',
        epoch,
        changelog: 'changed\n',
        folder: join(place, 'tree'),
        out: place,
      });
    } finally {
      process.umask(before);
    }
  }

  const hashOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
  const ask = (...args: string[]): string => spawnSync('dpkg-deb', args, { encoding: 'utf8' }).stdout;

  test('two builds give the same bytes, whatever the umask', async () => {
    const one = await made('amd64', 0o022);
    const other = await made('amd64', 0o077);

    expect(hashOf(one.path)).toBe(hashOf(other.path));
  });

  test('everything is of root, of one time, and readable; the configuration is a conffile', async () => {
    const { path } = await made('amd64', 0o077);

    const entries = ask('--contents', path).trimEnd().split('\n');

    for (const entry of entries) expect(entry).toMatch(/^(?:-rw-r--r--|-rwxr-xr-x|drwxr-xr-x) root\/root +\d+ 2025-11-24 /);
    expect(ask('--info', path, 'conffiles')).toBe('/etc/atalaia/agent.yaml\n');
    expect(ask('--info', path, 'md5sums')).toMatch(/^[0-9a-f]{32} {2}usr\/bin\/atalaia-agent$/m);
  });

  test('it depends on what its programs load, for its own architecture', async () => {
    const { path } = await made('arm64', 0o022);

    expect(ask('--field', path, 'Architecture').trim()).toBe('arm64');
    expect(ask('--field', path, 'Depends').trim()).toBe('adduser, libc6 (>= 2.28), libgcc-s1 | libgcc1, libstdc++6 (>= 8)');
  });

  test('a program of another architecture stops the build', async () => {
    const wish = { version: '1-1', maintainer: 'S <s@example.org>', epoch, changelog: '', folder: join(scratch, 'wrong'), out: scratch };

    await expect(buildDeb(partsFor(target('amd64')), { ...wish, target: target('arm64') })).rejects.toThrow(/for machine 62, not for 183/);
  });

  test('two tarballs are the same bytes in one folder, with the note on how to install', async () => {
    const paths: string[] = [];
    for (const place of ['one', 'two']) {
      const folder = join(scratch, place, 'atalaia-agent-1.2.3-linux-amd64');
      mkdirSync(folder, { recursive: true });
      if (place === 'two') chmodSync(folder, 0o700);
      paths.push((await buildTarball(partsFor(target('amd64')), { epoch, folder, out: join(scratch, place) })).path);
    }

    const names = spawnSync('tar', ['--list', '--file', paths[0] ?? ''], { encoding: 'utf8' })
      .stdout.trimEnd()
      .split('\n');
    expect(hashOf(paths[0] ?? '')).toBe(hashOf(paths[1] ?? ''));
    expect(names.every((name) => name.startsWith('atalaia-agent-1.2.3-linux-amd64/'))).toBe(true);
    expect(names).toContain('atalaia-agent-1.2.3-linux-amd64/INSTALL.md');
  });
});
