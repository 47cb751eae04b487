// What the kernel allows: how much a UDP socket may hold, and how many files may be open.
import { readFile } from 'node:fs/promises';
import type { Source } from '../../../config/policy/sources/sources.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const openFilesMin = 1_024;

export async function examineSystem(sources: readonly Source[]): Promise<Finding[]> {
  const bytes = Number(await readFile('/proc/sys/net/core/rmem_max', 'utf8').catch(() => 'NaN'));
  return [examineUdp(sources, bytes), await examineOpenFiles()];
}

/** What the kernel lets a UDP socket hold, in bytes (NaN: not to be seen), against what the policy asks for. */
export function examineUdp(sources: readonly Source[], bytes: number): Finding {
  const check = 'UDP buffer';
  if (Number.isNaN(bytes)) return ok(check, 'net.core.rmem_max is not to be seen here');
  const says = `net.core.rmem_max is ${bytes.toLocaleString('en')} bytes`;
  const asked = sources.map((source) => (source.type === 'syslog' && source.transport === 'udp' ? source.receiveBuffer : 0));
  const wanted = Math.max(0, ...asked);
  if (wanted === 0) return ok(check, `${says}; nothing listens on UDP`);
  if (bytes >= wanted) return ok(check, says);
  const file = '/etc/sysctl.d/60-atalaia.conf';
  const remedy = `as root: echo net.core.rmem_max=${wanted} > ${file} && sysctl -p ${file}, then restart the agent`;
  return warn(check, `${says}, and receiveBuffer asks for ${wanted.toLocaleString('en')}: bursts are dropped sooner (and counted)`, remedy);
}

async function examineOpenFiles(): Promise<Finding> {
  const check = 'open files';
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unlimited';
  if (Number(soft) < openFilesMin)
    return fail(check, `this shell may open ${soft}`, `ulimit -n ${openFilesMin} or more; the unit has its own limit`);
  return ok(check, `may open ${soft}`);
}
