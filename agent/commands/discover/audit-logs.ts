// The kernel's audit trail as auditd writes it.
import { nothing, type Found, type Repeat } from './candidate.ts';
import type { HostRoot } from './host-root.ts';
import { settingIn } from './read-setting.ts';

const config = '/etc/audit/auditd.conf';
/** What its syslog plugin calls itself, by version. */
const copiers = ['audispd', 'audisp-syslog'];

export function findAuditLogs(host: HostRoot): Found {
  const text = host.text(config);
  if (text === undefined) return nothing;
  const path = settingIn(text, 'log_file') || '/var/log/audit/audit.log';
  if (/^no$/i.test(settingIn(text, 'write_logs') ?? 'yes') || /^nolog$/i.test(settingIn(text, 'log_format') ?? ''))
    return { candidates: [], leftOut: [{ what: path, because: `auditd writes no file (${config}: write_logs, log_format)` }] };
  const group = settingIn(text, 'log_group') ?? 'root';
  const toDo = group === 'root' ? [`to let the agent read it: \`log_group = adm\` in ${config}, then restart auditd`] : [];
  const repeats: Repeat[] = [];
  if (copiesToSyslog(host)) {
    const because = `auditd copies its records to syslog (audit/plugins.d/syslog.conf), and ${path} has them`;
    repeats.push({ source: 'system', where: { 'syslog.appname': copiers }, because });
    repeats.push({ source: 'journal', where: { SYSLOG_IDENTIFIER: copiers }, because });
  }
  const candidate = {
    id: 'auditd',
    type: 'file',
    paths: [path],
    typeHint: 'auditd',
    records: 'audit',
    why: `${config}: log_file`,
  } as const;
  return { candidates: [{ ...candidate, toDo }], leftOut: [], repeats };
}

/** auditd hands its records to syslog too. */
function copiesToSyslog(host: HostRoot): boolean {
  return ['/etc/audit/plugins.d/syslog.conf', '/etc/audisp/plugins.d/syslog.conf'].some(
    (path) => settingIn(host.text(path), 'active') === 'yes',
  );
}
