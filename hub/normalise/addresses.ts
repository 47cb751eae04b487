// IP addresses in one spelling, so that a search and a group find all of one host: IPv4 dotted, IPv6 by RFC 5952, and
// IPv4 inside IPv6 as IPv4. Brackets and zone names are taken off.
// Promises: linear, never throws, undefined for what is no address. IPv4 is checked without allocating.
import ipaddr from 'ipaddr.js';

const spellings = new Map<string, string | undefined>();
const spellingsMax = 8_192;

export function canonicalAddress(text: string): string | undefined {
  if (isIpv4(text)) return text;
  if (text.length > 64 || !text.includes(':')) return undefined;
  if (spellings.has(text)) return spellings.get(text);
  if (spellings.size >= spellingsMax) spellings.clear();
  const found = canonicalIpv6(text);
  spellings.set(text, found);
  return found;
}

function canonicalIpv6(text: string): string | undefined {
  const open = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const zone = open.indexOf('%');
  const plain = zone < 0 ? open : open.slice(0, zone);
  if (!ipaddr.IPv6.isValid(plain)) return undefined;
  const parsed = ipaddr.IPv6.parse(plain);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

function isIpv4(text: string): boolean {
  if (text.length < 7 || text.length > 15) return false;
  let dots = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (digits === 0) return false;
      dots++;
      digits = 0;
      value = 0;
    } else if (code >= 48 && code <= 57) {
      // A leading zero is octal to some readers and decimal to others: not an address.
      if (digits > 0 && value === 0) return false;
      value = value * 10 + code - 48;
      digits++;
      if (value > 255) return false;
    } else return false;
  }
  return dots === 3 && digits > 0;
}
