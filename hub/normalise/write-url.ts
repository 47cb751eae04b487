// A URL or request target into url.*: original, path, query, fragment, extension and, where it has them, scheme, domain, port
// and username. The text is split, never decoded: what the client sent is what a rule must see.
// Promises: linear, never throws, no normalising.
import { slotOf } from '../../config/fields/registry.ts';
import type { EventRow } from '../../config/fields/row.ts';

const slots = {
  original: slotOf('url.original'),
  path: slotOf('url.path'),
  query: slotOf('url.query'),
  fragment: slotOf('url.fragment'),
  extension: slotOf('url.extension'),
  scheme: slotOf('url.scheme'),
  domain: slotOf('url.domain'),
  port: slotOf('url.port'),
  username: slotOf('url.username'),
};

export function writeUrl(row: EventRow, url: string): void {
  row.set(slots.original, url);
  let start = 0;
  if (url.charCodeAt(0) !== 47) {
    const scheme = url.indexOf('://');
    if (scheme > 0 && scheme < 16) {
      row.set(slots.scheme, url.slice(0, scheme).toLowerCase());
      start = scheme + 3 + writeAuthority(row, url, scheme + 3);
    }
  }
  let end = url.length;
  const hash = url.indexOf('#', start);
  if (hash >= 0) {
    row.set(slots.fragment, url.slice(hash + 1));
    end = hash;
  }
  const mark = url.indexOf('?', start);
  if (mark >= 0 && mark < end) {
    row.set(slots.query, url.slice(mark + 1, end));
    end = mark;
  }
  if (end > start) {
    row.set(slots.path, url.slice(start, end));
    writeExtension(row, url, start, end);
  }
}

function writeExtension(row: EventRow, url: string, start: number, end: number): void {
  const slash = url.lastIndexOf('/', end - 1);
  const dot = url.lastIndexOf('.', end - 1);
  if (dot > slash && dot >= start && end - dot > 1 && end - dot <= 12) row.set(slots.extension, url.slice(dot + 1, end));
}

/** Returns how many characters the authority takes. */
function writeAuthority(row: EventRow, url: string, start: number): number {
  let end = start;
  while (end < url.length && !'/?#'.includes(url.charAt(end))) end++;
  const authority = url.slice(start, end);
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  if (at > 0) row.set(slots.username, authority.slice(0, at).split(':', 1)[0] ?? '');
  const colon = host.lastIndexOf(':');
  const port = colon >= 0 && !host.endsWith(']') ? Number(host.slice(colon + 1)) : Number.NaN;
  const domain = Number.isInteger(port) ? host.slice(0, colon) : host;
  if (domain !== '') row.set(slots.domain, domain);
  if (Number.isInteger(port) && colon < host.length - 1) row.set(slots.port, port);
  return end - start;
}
