// A .deb, written by dpkg-deb from a folder laid out here. Why not by ourselves: DECISION-packages.md.
// Promises: the same parts give the same bytes, whoever builds them where and when.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { dropIns, programFiles, prometheusAlerts, shipped, unitFile, type AgentParts } from './agent-files.ts';
import { settleTimes, writeFiles, type PackageFile } from './package-files.ts';
import { readElf } from './read-elf.ts';
import type { Target } from './target.ts';

const run = promisify(execFile);

export interface DebWish {
  readonly target: Target;
  /** Version and revision of Debian: 0.1.0-1. */
  readonly version: string;
  readonly maintainer: string;
  readonly epoch: number;
  readonly changelog: string;
  /** A folder of its own, empty. */
  readonly folder: string;
  readonly out: string;
}

export interface BuiltDeb {
  readonly path: string;
  readonly bytes: number;
  readonly installedKib: number;
}

/** Which package of Debian brings a shared library; the oldest release whose version is new enough is Debian 10. */
const packageOf: Readonly<Record<string, string>> = {
  'libc.so.6': 'libc6 (>= 2.28)',
  'libm.so.6': 'libc6 (>= 2.28)',
  'libdl.so.2': 'libc6 (>= 2.28)',
  'libpthread.so.0': 'libc6 (>= 2.28)',
  'ld-linux-x86-64.so.2': 'libc6 (>= 2.28)',
  'ld-linux-aarch64.so.1': 'libc6 (>= 2.28)',
  'libstdc++.so.6': 'libstdc++6 (>= 8)',
  'libgcc_s.so.1': 'libgcc-s1 | libgcc1',
  'libatomic.so.1': 'libatomic1',
};

export async function buildDeb(parts: AgentParts, wish: DebWish): Promise<BuiltDeb> {
  const { target, version, epoch, folder, out } = wish;
  const files = debFiles(parts, wish);
  await writeFiles(folder, files);
  const installedKib = await sizeInKib(folder, files);
  const depends = await dependencies(parts, target);
  const control: PackageFile[] = [
    { path: 'control', content: { bytes: controlText({ ...wish, depends, installedKib }) } },
    { path: 'conffiles', content: { bytes: '/etc/atalaia/agent.yaml\n' } },
    { path: 'md5sums', content: { bytes: await md5sums(folder, files) } },
    ...['postinst', 'prerm', 'postrm'].map((name) => ({ path: name, content: { bytes: shipped(name) }, isProgram: true })),
  ];
  await writeFiles(join(folder, 'DEBIAN'), control);
  await settleTimes(folder, epoch);
  const path = join(out, `atalaia-agent_${version}_${target.debian}.deb`);
  try {
    await run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', folder, path], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
    });
  } catch (cause) {
    throw new Error('dpkg-deb could not write the package; it comes with Debian and Ubuntu, elsewhere install dpkg', { cause });
  }
  return { path, bytes: (await stat(path)).size, installedKib };
}

function debFiles(parts: AgentParts, { changelog }: DebWish): PackageFile[] {
  const doc = 'usr/share/doc/atalaia-agent';
  return [
    ...programFiles('usr/', parts),
    { path: 'etc/atalaia/agent.yaml', content: { bytes: parts.config } },
    { path: 'usr/lib/systemd/system/atalaia-agent.service', content: { bytes: unitFile('/usr/bin') } },
    ...[...dropIns, ...prometheusAlerts].map((name) => ({ path: `${doc}/examples/${name}`, content: { bytes: shipped(name) } })),
    { path: `${doc}/copyright`, content: { bytes: parts.copyright } },
    { path: `${doc}/changelog.Debian.gz`, content: { bytes: zipped(changelog) } },
    { path: 'usr/share/lintian/overrides/atalaia-agent', content: { bytes: shipped('lintian-overrides') } },
    ...Object.entries(parts.manPages).map(([name, page]) => ({
      path: `usr/share/man/man${name.slice(-1)}/${name}.gz`,
      content: { bytes: zipped(page) },
    })),
  ];
}

/** As `gzip -9n` does: neither name nor time. */
function zipped(text: string): Buffer {
  return gzipSync(text, { level: 9 });
}

async function dependencies({ node, addon }: AgentParts, { elfMachine }: Target): Promise<string> {
  const found = new Set<string>();
  for (const path of [node, addon.from]) {
    const { machine, needed } = readElf(await readFile(path), path);
    if (machine !== elfMachine) throw new Error(`${path} is for machine ${machine}, not for ${elfMachine}`);
    for (const library of needed) {
      const brought = packageOf[library];
      if (brought === undefined) throw new Error(`${path} needs ${library}; say in build-deb.ts which package of Debian brings it`);
      found.add(brought);
    }
  }
  return ['adduser', ...[...found].sort()].join(', ');
}

function controlText({ target, version, maintainer, depends, installedKib }: DebWish & { depends: string; installedKib: number }): string {
  return `Package: atalaia-agent
Version: ${version}
Architecture: ${target.debian}
Maintainer: ${maintainer}
Installed-Size: ${installedKib}
Depends: ${depends}
Recommends: systemd
Section: admin
Priority: optional
Description: log agent that loses nothing: buffers, filters, trims and ships
 The agent of Atalaia, a log collector and SOC hub. It reads the logs of a
 host, keeps them in a buffer on disk until the hub has acknowledged them, cuts
 fields out of lines without re-serialising them, and ships them over mutual
 TLS. It brings its own Node and runs as a user of its own under a hardened
 systemd unit.
`;
}

async function md5sums(folder: string, files: readonly PackageFile[]): Promise<string> {
  const lines: string[] = [];
  // dpkg checks conffiles by itself.
  for (const { path, content } of files.filter(({ path }) => !path.startsWith('etc/'))) {
    if ('linkTo' in content) continue;
    lines.push(
      `${createHash('md5')
        .update(await readFile(join(folder, path)))
        .digest('hex')}  ${path}`,
    );
  }
  return `${lines.sort().join('\n')}\n`;
}

/** As Debian counts: each file in whole KiB, and one for each other entry. */
async function sizeInKib(folder: string, files: readonly PackageFile[]): Promise<number> {
  let kib = 0;
  for (const { path } of files) kib += Math.ceil((await stat(join(folder, path))).size / 1_024);
  return kib;
}
