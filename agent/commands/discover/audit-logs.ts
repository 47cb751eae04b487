// The kernel's audit trail as auditd writes it.
import { nothing, type Found, type LeftOut } from './candidate.ts';
import type { HostRoot } from './host-root.ts';

const config = '/etc/audit/auditd.conf';

export function findAuditLogs(host: HostRoot): Found {
  const text = host.text(config);
  if (text === undefined) return nothing;
  const setting = (name: string): string | undefined => new RegExp(`^\\s*${name}\\s*=\\s*(.*?)\\s*$`, 'im').exec(text)?.[1];
  const path = setting('log_file') || '/var/log/audit/audit.log';
  if (/^no$/i.test(setting('write_logs') ?? 'yes') || /^nolog$/i.test(setting('log_format') ?? ''))
    return { candidates: [], leftOut: [{ what: path, because: `auditd writes no file (${config}: write_logs, log_format)` }] };
  const group = setting('log_group') ?? 'root';
  const toDo = group === 'root' ? [`to let the agent read it: \`log_group = adm\` in ${config}, then restart auditd`] : [];
  const leftOut: LeftOut[] = [];
  if (copiesToSyslog(host))
    leftOut.push({
      what: "auditd's copy in syslog",
      because: `the same records as ${path}; \`active = no\` in audit/plugins.d/syslog.conf ends it`,
    });
  const candidate = { id: 'auditd', type: 'file', paths: [path], typeHint: '', why: `${config}: log_file` } as const;
  return { candidates: [{ ...candidate, toDo }], leftOut };
}

/** auditd hands its records to syslog too. */
export function copiesToSyslog(host: HostRoot): boolean {
  return ['/etc/audit/plugins.d/syslog.conf', '/etc/audisp/plugins.d/syslog.conf'].some((path) =>
    /^\s*active\s*=\s*yes/im.test(host.text(path) ?? ''),
  );
}
