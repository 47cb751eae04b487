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

// A rule names several networks, each a test of the same value.
let lastText = '';
let lastBytes: readonly number[] | undefined;

/** 4 or 16 bytes, undefined when it is no address. */
export function addressBytes(text: string): readonly number[] | undefined {
  if (text === lastText) return lastBytes;
  lastText = text;
  lastBytes = ipv4Bytes(text) ?? ipv6Bytes(text);
  return lastBytes;
}

function ipv6Bytes(text: string): number[] | undefined {
  // The cheap test keeps words and paths away from the parser, which throws.
  if (text.length < 2 || text.length > 45 || !text.includes(':') || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  return ipaddr.IPv6.isValid(text) ? unmapped(ipaddr.IPv6.parse(text).toByteArray()) : undefined;
}

/** Four decimals without leading zeros, which some readers take for octal. */
function ipv4Bytes(text: string): number[] | undefined {
  if (text.length < 7 || text.length > 15) return undefined;
  const bytes: number[] = [];
  let value = -1;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x30 && unit <= 0x39 && value !== 0) value = (value < 0 ? 0 : value * 10) + unit - 0x30;
    else if (unit === 0x2e && value >= 0) {
      bytes.push(value);
      value = -1;
    } else return undefined;
    if (value > 255) return undefined;
  }
  if (value < 0 || bytes.length !== 3) return undefined;
  bytes.push(value);
  return bytes;
}

function unmapped(bytes: number[]): number[] {
  const isMapped = bytes[10] === 0xff && bytes[11] === 0xff && bytes.slice(0, 10).every((byte) => byte === 0);
  return isMapped ? bytes.slice(12) : bytes;
}

export function isInside(network: Network, address: readonly number[]): boolean {
  const { bytes, bits } = network;
  if (address.length !== bytes.length) return false;
  for (let at = 0; at * 8 < bits; at++) if ((((bytes[at] ?? 0) ^ (address[at] ?? 0)) & ~hostMask(bits, at) & 0xff) !== 0) return false;
  return true;
}

function hostMask(bits: number, at: number): number {
  const kept = Math.max(0, Math.min(8, bits - at * 8));
  return 0xff >> kept;
}
