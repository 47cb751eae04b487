// Networks as Sigma's cidr modifier has them: v4 and v6, host bits must be zero. Addresses are compared as bytes;
// an IPv4 address written inside IPv6 (::ffff:192.0.2.1) is the IPv4 address.
import ipaddr from 'ipaddr.js';

export interface Network {
  readonly bytes: readonly number[];
  readonly bits: number;
}

export function parseCidr(text: string): Network | string {
  const [address = '', length, ...rest] = text.split('/');
  if (rest.length > 0) return `\`${text}\` is not a network`;
  const bytes = addressBytes(address);
  if (!bytes) return `\`${text}\` is not a network`;
  const bits = length === undefined ? bytes.length * 8 : Number(length);
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return `\`${text}\` has no proper prefix length`;
  if (bits > bytes.length * 8) return `\`${text}\` has too long a prefix`;
  const hasHostBits = bytes.some((byte, at) => (byte & hostMask(bits, at)) !== 0);
  return hasHostBits ? `\`${text}\` has host bits set` : { bytes, bits };
}

/** 4 or 16 bytes, undefined when it is no address. */
export function addressBytes(text: string): number[] | undefined {
  // The cheap test keeps words and paths away from the parser, which throws.
  if (text.length < 2 || text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  if (text.includes(':')) return ipaddr.IPv6.isValid(text) ? unmapped(ipaddr.IPv6.parse(text).toByteArray()) : undefined;
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text).toByteArray() : undefined;
}

function unmapped(bytes: number[]): number[] {
  const isMapped = bytes[10] === 0xff && bytes[11] === 0xff && bytes.slice(0, 10).every((byte) => byte === 0);
  return isMapped ? bytes.slice(12) : bytes;
}

export function isInside(network: Network, address: readonly number[]): boolean {
  if (address.length !== network.bytes.length) return false;
  return network.bytes.every((byte, at) => ((byte ^ (address[at] ?? 0)) & ~hostMask(network.bits, at) & 0xff) === 0);
}

function hostMask(bits: number, at: number): number {
  const kept = Math.max(0, Math.min(8, bits - at * 8));
  return 0xff >> kept;
}
