// What a file source says of its lines (encoding, multiline) as the framing that its input uses.
import type { Encoding, Multiline } from '../../config/policy/sources/file-source.ts';
import type { Framing, LineFeed } from '../ports.ts';
import { LineDecoder } from './decode-lines.ts';
import { createJoiner } from './join-lines.ts';

export interface FramingWish {
  readonly encoding: Encoding;
  readonly multiline?: Multiline | undefined;
}

/** One per input: what it decodes into is used again for the next lines. */
export function createFraming({ encoding, multiline }: FramingWish): Framing {
  const decoder = new LineDecoder(encoding);
  return {
    lineFeed: (firstBytes) => lineFeedOf(encoding, firstBytes),
    quietMs: multiline?.timeout,
    join: multiline ? createJoiner(multiline, decoder) : ({ count, cut }, { from }) => ({ count, cut: [...cut], end: from }),
    decode: (lines, how) => decoder.decode(lines, how),
  };
}

/** `utf-16` goes by the byte order mark; without one it is what Windows writes. */
function lineFeedOf(encoding: Encoding, firstBytes: Uint8Array): LineFeed | undefined {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return encoding;
  if (encoding !== 'utf-16') return 'byte';
  if (firstBytes.length < 2) return undefined;
  return firstBytes[0] === 0xfe && firstBytes[1] === 0xff ? 'utf-16be' : 'utf-16le';
}
