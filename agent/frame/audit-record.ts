// What the beginning of an audit record says: which event it belongs to, and whether that ends with it. As auditd writes its
// log, as its dispatcher hands on (`node=web1 type=…`), and behind a syslog header.

export interface AuditRecord {
  /** Of the event: node, time and serial. */
  readonly event: string;
  readonly seconds: number;
  readonly type: string;
}

const headBytesMax = 512;
const heading = /(?:node=(\S{1,255}) )?type=(\S{1,64}) msg=audit\((\d{1,12})\.(\d{1,6}:\d{1,20})\):/;

/** Undefined: not a record of the audit system. */
export function readAuditRecord(bytes: Buffer, start: number, end: number): AuditRecord | undefined {
  const match = heading.exec(bytes.toString('latin1', start, Math.min(end, start + headBytesMax)));
  if (!match) return undefined;
  const [, node = '', type = '', seconds = '', rest = ''] = match;
  return { event: `${node} ${seconds}.${rest}`, seconds: Number(seconds), type };
}

const userMessage = Buffer.from(" msg='");

/** Nothing of its event follows. The kernel ends one with the title of the process, the dispatcher with EOE. */
export function endsEvent({ type }: AuditRecord): boolean {
  return type === 'PROCTITLE' || type === 'EOE';
}

/** It is an event by itself: what programs tell, and the audit daemon. */
export function isAlone({ type }: AuditRecord, bytes: Buffer, start: number, end: number): boolean {
  return (
    type.startsWith('DAEMON_') || type === 'KERNEL' || bytes.subarray(start, Math.min(end, start + headBytesMax)).includes(userMessage)
  );
}
