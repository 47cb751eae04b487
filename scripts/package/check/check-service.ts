// The installed service at work under a booted systemd: what its user may read, its drop-ins, reload, kill, memory, an upgrade
// while lines are written.
import type { CheckParts } from './check-chroot.ts';
import { property, until } from './unit-state.ts';

const dropInFolder = '/etc/systemd/system/atalaia-agent.service.d';
const examples = '/usr/share/doc/atalaia-agent/examples';
/** Written one by one while the agent is away or is being exchanged. */
const linesWritten = 200;

export async function checkService(parts: CheckParts): Promise<void> {
  checkNewcomer(parts);
  await checkReload(parts);
  await checkDropIns(parts);
  await checkKill(parts);
  checkMemory(parts);
}

/** What somebody who has just installed it types. */
function checkNewcomer({ guest, report }: CheckParts): void {
  const proposed = guest.run('atalaia-agent discover --form config > /root/proposed.yaml && atalaia-agent validate /root/proposed.yaml');
  report.must(proposed.code === 0, 'what discover proposes on this host is valid', proposed.out);
  const doctor = guest.run('atalaia-agent doctor');
  report.must(doctor.code === 0, 'its doctor finds nothing that fails', doctor.out);
}

/** Each source on its own place in the file, as an operator would write it. */
function configText(sources: readonly string[], buffer = ''): string {
  const written = sources.map((source) => `    - ${source}\n`).join('');
  return `version: 1\n${buffer}policy:\n  kind: Policy\n  version: 1\n  sources:\n${written}`;
}

const authSource = '{ id: system, type: file, paths: [/var/log/auth.log], startAt: start }';
const journalSource = '{ id: journal, type: journald, startAt: start }';
const kernelSource = '{ id: kernel, type: kmsg, startAt: start }';
const sealed = 'buffer: { encryption: { keyFile: /run/credentials/atalaia-agent.service/buffer.key } }\n';

/** The shipped configuration has no journal: with the reload comes what no group but systemd-journal may read. */
async function checkReload(parts: CheckParts): Promise<void> {
  const { guest, hub, report } = parts;
  const before = property(parts, 'MainPID');
  guest.write('etc/atalaia/agent.yaml', configText([authSource, journalSource]));
  const reloaded = guest.run('systemctl reload atalaia-agent');
  report.must(reloaded.code === 0, 'systemctl reload is taken', reloaded.out);
  await until(parts, 'the new policy is in force', () => guest.run('atalaia-agent status').out.includes('"journal"'));
  guest.run('logger -p auth.info reloadword');
  const found = await hub.arrived('reloadword', 2);
  report.must(found === 2, 'auth.log and the journal are read as its own user, each line once', `${found} found`);
  guest.write('etc/atalaia/agent.yaml', configText(['{ id: system, type: flie }']));
  guest.run('systemctl reload atalaia-agent');
  await until(parts, 'a policy that is not good is refused in the journal', () =>
    guest.run('journalctl --no-pager -u atalaia-agent').out.includes('the earlier one stays in force'),
  );
  guest.run('logger -p auth.info staysword');
  const stayed = await hub.arrived('staysword', 2);
  report.must(
    stayed === 2 && property(parts, 'MainPID') === before,
    'the policy before it stays in force, the process too',
    `${stayed} found`,
  );
}

/** The drop-ins as they are shipped: the kernel's log, and the key of a sealed buffer that only root can read. */
async function checkDropIns(parts: CheckParts): Promise<void> {
  const { guest, hub, report } = parts;
  guest.run(
    'test -e /dev/kmsg || mknod -m 0640 /dev/kmsg c 1 11; head -c 32 /dev/urandom > /etc/atalaia/buffer.key; chmod 0600 /etc/atalaia/buffer.key',
  );
  guest.write('etc/atalaia/agent.yaml', configText([authSource, journalSource, kernelSource], sealed));
  guest.run(
    `mkdir -p ${dropInFolder} && cp ${examples}/kernel-log.conf ${examples}/buffer-key.conf ${dropInFolder}/ && systemctl daemon-reload`,
  );
  const restarted = guest.run('systemctl restart atalaia-agent');
  report.must(restarted.code === 0, 'it starts with the drop-ins kernel-log.conf and buffer-key.conf', restarted.out + said(parts));
  // The kernel's log is this host's, and holds what an earlier check wrote.
  const word = `kernelword${process.pid}`;
  guest.run(`echo "<6>atalaia package check: ${word}" > /dev/kmsg`);
  report.must(
    (await hub.arrived(`${word} and atalaia.source:kernel`, 1)) === 1,
    "the kernel's log is read with kernel-log.conf",
    said(parts),
  );
  const inspected = guest.run('atalaia-agent buffer inspect');
  report.must(/seal/i.test(inspected.out), 'the buffer is sealed with the key that LoadCredential= hands over', inspected.out);
}

/** What is written while nobody reads is read afterwards. */
async function checkKill(parts: CheckParts): Promise<void> {
  const { guest, hub, report } = parts;
  const restarts = Number(property(parts, 'NRestarts'));
  guest.run('kill -KILL $(systemctl show -p MainPID --value atalaia-agent)');
  guest.run(writing('killword'));
  await until(
    parts,
    'killed, it is started again',
    () => Number(property(parts, 'NRestarts')) > restarts && property(parts, 'ActiveState') === 'active',
  );
  const found = await hub.arrived('killword', 2 * linesWritten);
  report.must(
    found === 2 * linesWritten,
    'every line written meanwhile arrives once from auth.log and once from the journal',
    `${found} found`,
  );
}

/** The guest goes on writing while dpkg exchanges the package. */
export async function checkUpgrade(parts: CheckParts): Promise<void> {
  const { guest, hub, report, nextDeb } = parts;
  const before = property(parts, 'MainPID');
  const upgraded = guest.run(`(${writing('upgradeword', '0.02')}) & dpkg -i ${nextDeb}; code=$?; wait; exit $code`);
  report.must(upgraded.code === 0, 'an upgrade ends well', upgraded.out);
  await until(
    parts,
    'an upgrade restarts the service',
    () => property(parts, 'MainPID') !== before && property(parts, 'ActiveState') === 'active',
  );
  const found = await hub.arrived('upgradeword', 2 * linesWritten);
  report.must(found === 2 * linesWritten, 'lines written during an upgrade arrive, each once', `${found} found`);
}

function writing(word: string, pause = '0'): string {
  return `i=0; while [ $i -lt ${linesWritten} ]; do i=$((i+1)); logger -p auth.info "${word} number $i"; sleep ${pause}; done`;
}

/** Of the control group, as the kernel counted it. */
function checkMemory({ guest, report }: CheckParts): void {
  const v1 = '/sys/fs/cgroup/memory/system.slice/atalaia-agent.service';
  const v2 = '/sys/fs/cgroup/system.slice/atalaia-agent.service';
  const { out } = guest.run(`cat ${v2}/memory.peak ${v1}/memory.max_usage_in_bytes; cat ${v2}/memory.events ${v1}/memory.oom_control`);
  const peak = Number(/^\d+$/m.exec(out)?.[0] ?? NaN);
  report.must(!/^oom_kill [1-9]/m.test(out), `MemoryMax ended nothing (at most ${Math.round(peak / 1_048_576)} MiB with its caches)`, out);
}

function said({ guest }: CheckParts): string {
  return guest.run('journalctl --no-pager -u atalaia-agent | tail -20').out;
}
