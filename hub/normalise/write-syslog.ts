// Writes what a syslog head said: who sent it (host.name as claimed, program, process id), how urgent, structured data.
// Promises: the fields of ECS under log.syslog, process.* where they are what they say; names of facility and severity are
// those of RFC 5424. The message field is the text behind the head.
import { slotOf } from '../../config/fields/registry.ts';
import type { EventRow } from '../../config/fields/row.ts';
import { header } from './syslog-header.ts';

const severities = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'];
const facilities =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7'.split(
    ' ',
  );

const slots = {
  message: slotOf('message'),
  host: slotOf('host.name'),
  app: slotOf('log.syslog.appname'),
  process: slotOf('process.name'),
  pid: slotOf('process.pid'),
  procId: slotOf('log.syslog.procid'),
  msgId: slotOf('log.syslog.msgid'),
  version: slotOf('log.syslog.version'),
  priority: slotOf('log.syslog.priority'),
  facility: slotOf('log.syslog.facility.code'),
  facilityName: slotOf('log.syslog.facility.name'),
  severity: slotOf('log.syslog.severity.code'),
  severityName: slotOf('log.syslog.severity.name'),
  level: slotOf('log.level'),
};

export function writeHeader(row: EventRow, text: string): void {
  const { host, app, procId, msgId, priority, version, data, messageAt } = header;
  row.set(slots.message, text.slice(messageAt));
  if (host !== '') row.set(slots.host, host);
  if (app !== '') {
    row.set(slots.app, app);
    row.set(slots.process, processName(app));
  }
  if (procId !== '') writeProcId(row, procId);
  if (msgId !== '') row.set(slots.msgId, msgId);
  if (version > 0) row.set(slots.version, `${version}`);
  if (priority >= 0) writePriority(row, priority);
  for (let at = 0; at < data.length; at += 2) row.setExtra(`log.syslog.structured_data.${data[at]}`, data[at + 1] ?? '');
}

/** `sshd(pam_unix)` and `postfix/smtpd` are the program with a part of it; a path is taken off only when absolute. */
function processName(app: string): string {
  const open = app.indexOf('(');
  const name = open > 0 ? app.slice(0, open) : app;
  return name.startsWith('/') ? name.slice(name.lastIndexOf('/') + 1) : name;
}

function writeProcId(row: EventRow, procId: string): void {
  const pid = procId.length < 11 ? Number(procId) : Number.NaN;
  if (Number.isInteger(pid) && pid >= 0) row.set(slots.pid, pid);
  else row.set(slots.procId, procId);
}

function writePriority(row: EventRow, priority: number): void {
  const facility = priority >> 3;
  const severity = priority & 7;
  row.set(slots.priority, priority);
  row.set(slots.facility, facility);
  row.set(slots.severity, severity);
  row.set(slots.facilityName, facilities[facility] ?? '');
  const name = severities[severity] ?? '';
  row.set(slots.severityName, name);
  row.set(slots.level, name);
}
