// The tarball for hosts without .deb packages: the same parts, with a note on how to install them by hand.
// Promises: the same parts give the same bytes; everything is root's, in one folder named after the version.
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { dropIns, programFiles, prometheusAlerts, shipped, unitFile, type AgentParts } from './agent-files.ts';
import { settleTimes, writeFiles } from './package-files.ts';

const run = promisify(execFile);

export interface TarballWish {
  readonly epoch: number;
  /** Empty, and named as the folder in the tarball is to be. */
  readonly folder: string;
  readonly out: string;
}

export async function buildTarball(parts: AgentParts, { epoch, folder, out }: TarballWish): Promise<{ path: string; bytes: number }> {
  await writeFiles(folder, [
    ...programFiles('', parts),
    { path: 'INSTALL.md', content: { bytes: shipped('INSTALL.md') } },
    { path: 'etc/agent.yaml', content: { bytes: parts.config } },
    { path: 'systemd/atalaia-agent.service', content: { bytes: unitFile('/opt/atalaia-agent/bin') } },
    ...dropIns.map((name) => ({ path: `systemd/${name}`, content: { bytes: shipped(name) } })),
    ...prometheusAlerts.map((name) => ({ path: `share/doc/examples/${name}`, content: { bytes: shipped(name) } })),
    { path: 'share/doc/copyright', content: { bytes: parts.copyright } },
    ...Object.entries(parts.manPages).map(([name, page]) => ({ path: `share/man/man${name.slice(-1)}/${name}`, content: { bytes: page } })),
  ]);
  await settleTimes(folder, epoch);
  const name = basename(folder);
  const plain = join(out, `${name}.tar`);
  const order = ['--sort=name', '--format=gnu', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${epoch}`];
  await run('tar', ['--create', `--file=${plain}`, ...order, `--directory=${dirname(folder)}`, name]);
  const path = `${plain}.gz`;
  await pipeline(createReadStream(plain), createGzip({ level: 9 }), createWriteStream(path));
  await rm(plain);
  return { path, bytes: (await stat(path)).size };
}
