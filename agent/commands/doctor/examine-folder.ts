// The data folder: is it there, closed to others, the caller's own, and is there room for the buffer?
import { lstat, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentConfig } from '../../../config/agent-config.ts';
import { levelDisk } from '../../../proto/durable/level-disk.ts';
import { systemRandom } from '../../../proto/runtime/clock.ts';
import { errorCode } from '../../../proto/runtime/errors.ts';
import { readSeals } from '../../buffer/read-seals.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const entriesMax = 1_000;

export async function examineFolder(folder: string, config: AgentConfig): Promise<Finding[]> {
  const check = 'data folder';
  try {
    const found = await stat(folder);
    if (!found.isDirectory()) return [fail(check, `${folder} is not a folder`, 'name another one with --data, or move it away')];
    if (found.uid !== process.geteuid?.())
      return [
        fail(
          check,
          `${folder} belongs to user ${found.uid}, not to user ${process.geteuid?.()}`,
          'run this command as root or as that user',
        ),
      ];
  } catch (error) {
    const isAbsent = errorCode(error) === 'ENOENT';
    const says = isAbsent ? `${folder} is not there` : `${folder} cannot be looked at (${errorCode(error) ?? 'unknown'})`;
    return [fail(check, says, isAbsent ? 'enrolling makes it: atalaia-agent enroll --hub URL --token-file F' : 'run this command as root')];
  }
  return [...(await examineModes(folder)), await examineSpace(folder, config), ...examineKeys(config)];
}

async function examineModes(folder: string): Promise<Finding[]> {
  const open: string[] = [];
  const foreign: string[] = [];
  const identity = join(folder, 'identity');
  const names: readonly string[] = await readdir(identity).catch(() => []);
  const paths = [
    folder,
    identity,
    join(folder, 'buffer'),
    join(folder, 'originals'),
    join(folder, 'agent.sock'),
    ...names.map((name) => join(identity, name)),
  ];
  for (const path of paths.slice(0, entriesMax)) {
    const found = await lstat(path).catch(() => undefined);
    if (!found) continue;
    // What lies inside a closed folder is closed, but a key is copied with its own mode.
    const mustBeClosed = path === folder || path.startsWith(identity) || path.endsWith('.sock');
    if (mustBeClosed && (found.mode & 0o077) !== 0) open.push(`${path} (${(found.mode & 0o777).toString(8).padStart(4, '0')})`);
    if (found.uid !== process.geteuid?.()) foreign.push(path);
  }
  const check = 'data folder modes';
  if (foreign.length > 0)
    return [fail(check, `not the agent's own: ${foreign.join(', ')}`, `chown -R --reference=${folder} ${folder}, as root`)];
  if (open.length > 0) return [fail(check, `open to other users: ${open.join(', ')}`, `chmod -R go= ${folder}`)];
  return [ok(check, `${folder} is closed to other users`)];
}

async function examineSpace(folder: string, { buffer, policy }: AgentConfig): Promise<Finding> {
  const { maxBytes, reserveBytes } = buffer;
  const check = 'disk space';
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const lanes = join(folder, 'buffer');
  const names: readonly string[] = await readdir(lanes).catch(() => []);
  let usedBytes = 0;
  for (const name of names) usedBytes += await levelDisk().sizeOf(join(lanes, name));
  const originalsBytes = policy.sources.reduce((sum, { originals }) => sum + (originals?.maxBytes ?? 0), 0);
  const keptBytes = await levelDisk().sizeOf(join(folder, 'originals'));
  const wantedBytes = Math.max(0, maxBytes * Math.max(1, names.length) - usedBytes) + Math.max(0, originalsBytes - keptBytes);
  const holder = originalsBytes > 0 ? 'the buffer and the originals hold' : 'the buffer holds';
  const says = `${mebibytes(freeBytes)} free; ${holder} ${mebibytes(usedBytes + keptBytes)} and may take ${mebibytes(wantedBytes)} more`;
  if (freeBytes < reserveBytes) return fail(check, says, `make room on the disk of ${folder}, or move the folder with \`data\``);
  if (freeBytes < wantedBytes)
    return warn(check, says, 'make room, or lower buffer.maxBytes or originals, so that the limit is reached before the disk is full');
  return ok(check, says);
}

/** Nothing where the buffer is plain. */
function examineKeys({ buffer: { encryption } }: AgentConfig): Finding[] {
  if (encryption.keyFile === undefined && encryption.previousKeyFiles.length === 0) return [];
  const check = 'buffer key';
  try {
    const { keyId } = readSeals(encryption, systemRandom)('normal');
    return [ok(check, keyId === '' ? 'nothing new is sealed; earlier keys can be read' : `what is buffered is sealed with key ${keyId}`)];
  } catch (error) {
    const [says = '', ...remedy] = (error instanceof Error ? error.message : String(error)).split('; ');
    return [fail(check, says, remedy.join('; '))];
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576).toLocaleString('en')} MiB`;
}
