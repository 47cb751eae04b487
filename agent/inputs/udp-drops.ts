// What the kernel knows of a UDP socket and no program is told: datagrams dropped because the receive buffer was full.
// Linux only: /proc/net/udp and udp6; elsewhere nothing is known.
import { readFile } from 'node:fs/promises';
import ipaddr from 'ipaddr.js';
import type { ListenAddress } from '../../config/policy/sources/listen-address.ts';

export interface UdpSocketState {
  /** Since the socket was opened. */
  readonly drops: number;
  /** Bytes that wait in the receive buffer, with the kernel's overhead. */
  readonly waitingBytes: number;
}

/** Undefined where the kernel does not tell. */
export async function udpSocketState(address: ListenAddress): Promise<UdpSocketState | undefined> {
  const isV6 = address.host.includes(':');
  const table = await readFile(isV6 ? '/proc/net/udp6' : '/proc/net/udp', 'latin1').catch(() => '');
  return parseUdpTable(table, address);
}

/** Of the rows of one address and port: nobody shares ours, because we bind it without SO_REUSEADDR. */
export function parseUdpTable(table: string, { host, port }: ListenAddress): UdpSocketState | undefined {
  const local = `${hexOf(host)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const row of table.split('\n')) {
    const fields = row.trim().split(/\s+/);
    if (fields[1] !== local) continue;
    const [, waiting = ''] = (fields[4] ?? '').split(':');
    return { drops: Number(fields.at(-1)), waitingBytes: Number.parseInt(waiting, 16) };
  }
  return undefined;
}

/** The kernel prints each 32-bit word of an address in the machine's own order: little-endian on all we run on. */
function hexOf(host: string): string {
  const bytes = Buffer.from(ipaddr.parse(host).toByteArray());
  let hex = '';
  for (let at = 0; at < bytes.length; at += 4) hex += bytes.readUInt32LE(at).toString(16).toUpperCase().padStart(8, '0');
  return hex;
}
