// Packages of the agent: `npm run package [-- --arch amd64|arm64] [--revision N] [--out FOLDER] [--check]`, into
// dist/packages/: a .deb and a tarball for each architecture and SHA256SUMS.
// Promises: the same commit gives the same bytes (SOURCE_DATE_EPOCH, else the commit's time); the hub, its console and chDB
// are never inside. --check installs the .deb in Debian, runs it against a hub, upgrades, removes and purges it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, isAbsolute, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { version } from '../agent/commands/version.ts';
import { preparePackages, type Prepared } from './package/prepare.ts';
import { buildDeb } from './package/build-deb.ts';
import { buildTarball } from './package/build-tarball.ts';
import { checkPackage } from './package/check/check-package.ts';
import { ownArchitecture, targets } from './package/target.ts';

const root = join(import.meta.dirname, '..');
const { arch, revision, out, check } = parseArgs({
  options: {
    arch: { type: 'string', default: 'all' },
    revision: { type: 'string', default: '1' },
    out: { type: 'string', default: join('dist', 'packages') },
    check: { type: 'boolean', default: false },
  },
}).values;

/** Who answers for the packages: a distributor sets DEBFULLNAME and DEBEMAIL, as for every Debian package. */
const { DEBFULLNAME: fullName = 'Atalaia maintainers', DEBEMAIL: email = 'maintainers@atalaia.example' } = process.env;

async function main(): Promise<number> {
  const wanted = targets.filter(({ debian }) => arch === 'all' || arch === debian);
  if (wanted.length === 0 || !/^[0-9]{1,6}$/.test(revision)) {
    console.error(`--arch is ${targets.map(({ debian }) => debian).join(', ')} or all; --revision is a number`);
    return 2;
  }
  const epoch = sourceEpoch();
  const outFolder = isAbsolute(out) ? out : join(root, out);
  const scratch = mkdtempSync(join(tmpdir(), 'atalaia-package-'));
  // The bundler reads package.json and tsconfig.json of the folder it is called in.
  process.chdir(root);
  try {
    rmSync(outFolder, { recursive: true, force: true });
    mkdirSync(outFolder, { recursive: true });
    const prepared = await preparePackages({ root, scratch, epoch, version });
    const built: string[] = [];
    for (const target of wanted) built.push(...(await buildFor(prepared, target, { epoch, outFolder, scratch })));
    writeSums(outFolder, built);
    if (!check) return 0;
    const deb = built.find((path) => path.endsWith(`_${ownArchitecture}.deb`));
    if (deb === undefined) throw new Error(`--check needs the package of this machine: --arch ${ownArchitecture}`);
    return await checkPackage(deb);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Place {
  readonly epoch: number;
  readonly outFolder: string;
  readonly scratch: string;
}

async function buildFor(prepared: Prepared, target: (typeof targets)[number], { epoch, outFolder, scratch }: Place): Promise<string[]> {
  const parts = await prepared.partsFor(target);
  const debVersion = `${version}-${revision}`;
  const maintainer = `${fullName} <${email}>`;
  const changelog = `atalaia-agent (${debVersion}) unstable; urgency=medium\n\n  * Atalaia ${version}; see CHANGELOG.md of the sources.\n\n -- ${maintainer}  ${rfc2822(epoch)}\n`;
  const folder = join(scratch, `deb-${target.debian}`);
  const deb = await buildDeb(parts, { target, version: debVersion, maintainer, epoch, changelog, folder, out: outFolder });
  console.log(`${mib(deb.bytes)}  ${relative(process.cwd(), deb.path)}, ${mib(deb.installedKib * 1_024)} installed`);
  const named = join(scratch, `atalaia-agent-${version}-linux-${target.debian}`);
  const tarball = await buildTarball(parts, { epoch, folder: named, out: outFolder });
  console.log(`${mib(tarball.bytes)}  ${relative(process.cwd(), tarball.path)}`);
  return [deb.path, tarball.path];
}

function writeSums(outFolder: string, paths: readonly string[]): void {
  const lines = paths.map((path) => `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${basename(path)}\n`);
  writeFileSync(join(outFolder, 'SHA256SUMS'), lines.join(''));
  console.log(lines.join('').trimEnd());
}

function sourceEpoch(): number {
  const told = process.env.SOURCE_DATE_EPOCH;
  if (told !== undefined && /^[0-9]{1,11}$/.test(told)) return Number(told);
  try {
    return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (cause) {
    throw new Error('not a git checkout: say the time of the sources with SOURCE_DATE_EPOCH (seconds since 1970)', { cause });
  }
}

function rfc2822(epoch: number): string {
  return new Date(epoch * 1_000).toUTCString().replace('GMT', '+0000');
}

function mib(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1).padStart(7)} MiB`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof Error && error.cause instanceof Error) console.error(error.cause.message);
  process.exitCode = 1;
}
