// Trims one line the way an agent does, with other bytes before and behind it that must not be seen, and says what came out.
import { createHmac } from 'node:crypto';
import { createTrimmer, type TrimSpec } from '../trimmer.ts';

const testKey = Buffer.from('0123456789abcdef0123456789abcdef');

export function trimLine(spec: TrimSpec, line: string | Buffer): { text: string; unparsed: number; isChanged: boolean } {
  const trimmer = createTrimmer(spec, () => testKey);
  const before = Buffer.from('}"before"{=,|');
  const bytes = Buffer.concat([before, Buffer.from(line), Buffer.from('}"behind"]')]);
  const end = bytes.length - 10;
  const room = trimmer.roomFor(end - before.length);
  const out = Buffer.alloc(room + 6, 0x23);
  const written = trimmer.trim(bytes, before.length, end, { out, at: 3 });
  if (written > room || out.toString('latin1', 3 + room) !== '###') throw new Error(`wrote beyond the room of ${room} bytes`);
  return { text: out.toString('utf8', 3, 3 + written), unparsed: trimmer.unparsedLines(), isChanged: trimmer.isChanged() };
}

export function pseudonymOf(value: string, length = 16): string {
  return createHmac('sha256', testKey).update(value).digest('hex').slice(0, length);
}
