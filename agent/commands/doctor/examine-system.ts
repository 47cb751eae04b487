// What the kernel allows: how much a UDP socket may hold, and how many files may be open.
import { readFile } from 'node:fs/promises';
import { fail, ok, warn, type Finding } from './finding.ts';

/** At 20,000 messages/s of 300 bytes this is what comes in half a second, the longest that a busy host may keep us waiting. */
const udpBufferBytesMin = 8 * 1_048_576;
const openFilesMin = 1_024;

export async function examineSystem({ listensOnUdp }: { readonly listensOnUdp: boolean }): Promise<Finding[]> {
  return [await examineUdp(listensOnUdp), await examineOpenFiles()];
}

async function examineUdp(listensOnUdp: boolean): Promise<Finding> {
  const check = 'UDP buffer';
  const bytes = Number(await readFile('/proc/sys/net/core/rmem_max', 'utf8').catch(() => 'NaN'));
  if (Number.isNaN(bytes)) return ok(check, 'net.core.rmem_max is not to be seen here');
  const says = `net.core.rmem_max is ${bytes.toLocaleString('en')} bytes`;
  if (!listensOnUdp) return ok(check, `${says}; nothing listens on UDP`);
  if (bytes >= udpBufferBytesMin) return ok(check, says);
  const remedy = `sysctl -w net.core.rmem_max=${udpBufferBytesMin}, and the same in /etc/sysctl.d; until then bursts are dropped (and counted)`;
  return warn(check, says, remedy);
}

async function examineOpenFiles(): Promise<Finding> {
  const check = 'open files';
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unlimited';
  if (Number(soft) < openFilesMin)
    return fail(check, `this shell may open ${soft}`, `ulimit -n ${openFilesMin} or more; the unit has its own limit`);
  return ok(check, `may open ${soft}`);
}
