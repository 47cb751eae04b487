// What the policy names, tried with the rights of whoever asks: files behind the same fence as the agent's, the
// journal, ports and programs. Promises: reads no content, writes nothing, listens on nothing, runs nothing but journalctl; bounded
// work per source.
import { constants } from 'node:fs';
import { access, readFile, readdir, realpath, stat } from 'node:fs/promises';
import type { AgentConfig } from '../../../config/agent-config.ts';
import { parseListenAddress } from '../../../config/policy/sources/listen-address.ts';
import type { ExecSource, FileSource, Source, SyslogSource } from '../../../config/policy/sources/sources.ts';
import { fenceOf, type FileFence } from '../../inputs/file-fence.ts';
import { findFiles } from '../../inputs/find-files.ts';
import { parseGlob } from '../../inputs/glob-pattern.ts';
import { newestCursor } from '../../inputs/journal-process.ts';
import { systemKernelLog } from '../../inputs/kernel-device.ts';
import { kernelLogProblem } from '../../inputs/kernel-problem.ts';
import { errorCode } from '../../../proto/runtime/errors.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const stepMsMax = 10_000;
const filesMax = 2_000;
const toldMax = 5;

export async function examineSources({ policy, fence }: AgentConfig): Promise<Finding[]> {
  if (policy.sources.length === 0) return [warn('sources', 'the policy names none', 'write some under policy.sources of agent.yaml')];
  const inFence = fenceOf(fence.paths);
  const findings: Finding[] = [];
  for (const source of policy.sources) findings.push(...(await examineSource(source, inFence)));
  return findings;
}

async function examineSource(source: Source, inFence: FileFence): Promise<Finding[]> {
  const check = `source ${source.id}`;
  if (source.type === 'file') return examineFiles(check, source, inFence);
  if (source.type === 'journald') return [await examineJournal(check)];
  if (source.type === 'kmsg') return [examineKernelLog(check)];
  if (source.type === 'exec') return [await examineCommand(check, source)];
  if (source.type === 'syslog') return examineListening(check, source);
  return [];
}

async function examineFiles(check: string, { paths, exclude }: FileSource, inFence: FileFence): Promise<Finding[]> {
  const left = exclude.flatMap(parseGlob);
  const walk = await findFiles(paths.flatMap(parseGlob), AbortSignal.timeout(stepMsMax));
  const files = [...walk.paths].filter((path) => !left.some((pattern) => pattern.matches(path))).slice(0, filesMax);
  const refused = [...walk.unreadable].map(([path, code]) => `${path}: cannot be looked into (${code})`);
  let readable = 0;
  for (const path of files) {
    const refusal = await refusalOf(path, inFence);
    if (refusal === undefined) readable++;
    else refused.push(`${path}: ${refusal}`);
  }
  if (refused.length > 0) {
    const more = refused.length > toldMax ? `; and ${refused.length - toldMax} more` : '';
    const says = `${readable} files can be read, ${refused.length} cannot: ${refused.slice(0, toldMax).join('; ')}${more}`;
    return [fail(check, says, 'let the agent read them, or exclude them')];
  }
  if (readable === 0)
    return [warn(check, `no file is there yet: ${paths.join(', ')}`, 'nothing, when they are to appear later; else correct the paths')];
  return [ok(check, `${readable} files can be read`)];
}

/** Why the agent will not read a file; undefined when it will, or when it is gone. */
async function refusalOf(path: string, inFence: FileFence): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    if (!inFence(real)) return `${real} is outside \`fence.paths\` of agent.yaml`;
    if (!(await stat(real)).isFile()) return 'not a file';
    await access(real, constants.R_OK);
    return undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    return code === 'EACCES' ? `permission denied${await hintOf(path)}` : `cannot be read (${code ?? 'unknown'})`;
  }
}

/** Which group a file is open to, since joining it is the usual remedy. */
async function hintOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found || (found.mode & constants.S_IRGRP) === 0) return '';
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const name = groups
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , gid]) => gid === String(found.gid))?.[0];
  return name === undefined || found.gid === 0 ? '' : ` (group ${name} may read it)`;
}

async function examineCommand(check: string, { command: [program = ''] }: ExecSource): Promise<Finding> {
  return access(program, constants.X_OK).then(
    () => ok(check, `${program} can be run`),
    (error: unknown) =>
      fail(check, `${program} cannot be run (${errorCode(error) ?? 'unknown'})`, "correct the path, or let the agent's user run it"),
  );
}

async function examineListening(check: string, { listen, tls }: SyslogSource): Promise<Finding[]> {
  const unreadable: string[] = [];
  for (const path of [tls?.certificate, tls?.key, tls?.clientCa]) if (path !== undefined && !(await canRead(path))) unreadable.push(path);
  if (unreadable.length > 0)
    return [fail(check, `cannot be read: ${unreadable.join(', ')}`, "let the agent's user read them: chgrp atalaia, mode 0640")];
  const first = Number(await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').catch(() => '0'));
  const port = parseListenAddress(listen)?.port ?? 0;
  if (port !== 0 && port < first) {
    const remedy = 'let the service: copy low-ports.conf from /usr/share/doc/atalaia-agent/examples into its drop-ins, or listen above';
    return [warn(check, `port ${port} is below ${first}, which takes CAP_NET_BIND_SERVICE`, remedy)];
  }
  return [ok(check, `may listen on ${listen}`)];
}

function examineKernelLog(check: string): Finding {
  try {
    systemKernelLog.open().close();
    return ok(check, "the kernel's log can be read");
  } catch (error) {
    const { says, remedy } = kernelLogProblem(errorCode(error) ?? 'unknown');
    return fail(check, says, remedy);
  }
}

async function examineJournal(check: string): Promise<Finding> {
  const newest = await newestCursor('journalctl', AbortSignal.timeout(stepMsMax));
  if (newest.is === 'failed')
    return fail(
      check,
      `journalctl: ${newest.reason}`,
      'install systemd, or take the source out: without journalctl there is no journal to read',
    );
  const { there, readable } = await systemJournals();
  if (there > 0 && readable === 0)
    return fail(check, "only this user's own messages can be read", "let the agent's user join the group systemd-journal, then restart it");
  if (there === 0) return warn(check, 'there is no journal', 'nothing, when systemd-journald starts later; else take the source out');
  return ok(check, 'the journal can be read');
}

/** The journals of the system, one per machine id, kept or only in memory. */
async function systemJournals(): Promise<{ there: number; readable: number }> {
  const count = { there: 0, readable: 0 };
  for (const folder of ['/var/log/journal', '/run/log/journal']) {
    const machines: readonly string[] = await readdir(folder).catch(() => []);
    for (const machine of machines.slice(0, 16)) {
      const path = `${folder}/${machine}/system.journal`;
      if (!(await stat(path).catch(() => undefined))) continue;
      count.there++;
      if (await canRead(path)) count.readable++;
    }
  }
  return count;
}

async function canRead(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
