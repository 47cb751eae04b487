// Lines in the formats that the story's programs write: nginx, sshd, sudo and useradd through rsyslog, the kernel's
// firewall, Suricata. Times are UTC.
import { createHash } from 'node:crypto';

export type Line = (at: Date) => string;

/** Documentation addresses (RFC 5737): the servers of the story. */
export const web1 = '192.0.2.10';
const browserName = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface WebRequest {
  readonly from: string;
  readonly path: string;
  readonly status?: number;
  readonly bytes?: number;
  readonly agent?: string;
}

export function nginx({ from, path, status = 200, bytes = 5_120, agent = browserName }: WebRequest): Line {
  return (at) => {
    const [date = '', time = ''] = at.toISOString().split('T');
    const [year, month, day] = date.split('-');
    const when = `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
    return `${from} - - [${when}] "GET ${path} HTTP/1.1" ${status} ${bytes} "-" "${agent}"`;
  };
}

/** As rsyslog writes it today, with the time in full. */
export function syslog(host: string, program: string, message: string): Line {
  return (at) => `${at.toISOString().replace('Z', '000+00:00')} ${host} ${program}: ${message}`;
}

export function refused({ from, port, fromPort }: { readonly from: string; readonly port: number; readonly fromPort: number }): Line {
  const ends = `SRC=${from} DST=${web1} LEN=44 TOS=0x00 PREC=0x00 TTL=52 ID=${fromPort % 9_999} PROTO=TCP SPT=${fromPort} DPT=${port}`;
  return syslog('gw', 'kernel', `[UFW BLOCK] IN=eth0 OUT= MAC=02:00:00:aa:bb:cc ${ends} WINDOW=1024 RES=0x00 SYN URGP=0`);
}

export interface IdsAlert {
  readonly from: string;
  readonly fromPort: number;
  readonly to?: string;
  readonly toPort: number;
  readonly signature: string;
  readonly signatureId: number;
  readonly category: string;
  readonly severity: number;
}

export function suricata({ from, fromPort, to = web1, toPort, signature, signatureId, category, severity }: IdsAlert): Line {
  const flow = createHash('sha256').update(`${from} ${fromPort} ${to} ${toPort}`).digest().readUIntBE(0, 6);
  return (at) =>
    JSON.stringify({
      timestamp: at.toISOString().replace('Z', '000+0000'),
      flow_id: flow,
      in_iface: 'eth0',
      event_type: 'alert',
      src_ip: from,
      src_port: fromPort,
      dest_ip: to,
      dest_port: toPort,
      proto: 'TCP',
      alert: { action: 'allowed', gid: 1, signature_id: signatureId, rev: 1, signature, category, severity },
    });
}
