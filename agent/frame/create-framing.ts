// What a file source says of its lines (encoding, multiline) as the framing that its input uses.
import type { Encoding, Multiline } from '../../config/policy/sources/file-source.ts';
import type { FileSource } from '../../config/policy/sources/sources.ts';
import type { Framing, LineFeed } from '../ports.ts';
import { AuditFraming } from './audit-framing.ts';
import { LineDecoder } from './decode-lines.ts';
import { createJoiner } from './join-lines.ts';
import { ZeekFraming } from './zeek-framing.ts';
import { ZeekRows } from '../../proto/framing/zeek-rows.ts';

export interface FramingWish {
  readonly encoding: Encoding;
  readonly multiline?: Multiline | undefined;
  readonly records?: FileSource['records'];
}

/** One per input: what it decodes into is used again for the next lines. */
export function createFraming({ encoding, multiline, records }: FramingWish): Framing {
  if (records === 'zeek') return zeekFraming();
  if (records === 'audit') return auditFraming();
  const decoder = new LineDecoder(encoding);
  return {
    lineFeed: (firstBytes) => lineFeedOf(encoding, firstBytes),
    quietMs: multiline?.timeout,
    join: multiline ? createJoiner(multiline, decoder) : ({ count, cut }, { from }) => ({ count, cut: [...cut], end: from }),
    decode: (lines, how) => decoder.decode(lines, how),
  };
}

function auditFraming(): Framing {
  const audit = new AuditFraming();
  return {
    quietMs: audit.quietMs,
    lineFeed: () => audit.lineFeed(),
    join: (lines, rest) => audit.join(lines, rest),
    decode: (lines) => audit.decode(lines),
  };
}

/** Of each file its own, because each has its own header; what they write into is shared. */
function zeekFraming(): Framing {
  const rows = new ZeekRows();
  const ofFile = (): ZeekFraming => new ZeekFraming(rows);
  const alone = ofFile();
  return {
    ofFile,
    quietMs: alone.quietMs,
    lineFeed: () => alone.lineFeed(),
    join: (lines, rest) => alone.join(lines, rest),
    decode: (lines) => alone.decode(lines),
  };
}

/** `utf-16` goes by the byte order mark; without one it is what Windows writes. */
function lineFeedOf(encoding: Encoding, firstBytes: Uint8Array): LineFeed | undefined {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return encoding;
  if (encoding !== 'utf-16') return 'byte';
  if (firstBytes.length < 2) return undefined;
  return firstBytes[0] === 0xfe && firstBytes[1] === 0xff ? 'utf-16be' : 'utf-16le';
}
