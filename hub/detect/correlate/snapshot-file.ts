// The correlator's snapshot on disk: its bytes, the journal write they stand for, and findings of the clock that are not
// in alerts yet. Promises: what is read is what was written, by a hash over the whole; a file that is damaged or of
// another version is told (`unreadable`), never half used. Replaced whole, so a crash leaves the old or the new one.
import { createHash } from 'node:crypto';
import type { Disk } from '../../../proto/durable/ports.ts';
import type { Finding } from '../../ports.ts';

export interface SnapshotContent {
  readonly write: number;
  /** Findings of a tick after `write`: applied again at a restart, under the same number. */
  readonly raised: { readonly number: number; readonly findings: readonly Finding[] };
  readonly correlator: Uint8Array;
}

export type SnapshotRead =
  | { readonly is: 'read'; readonly content: SnapshotContent }
  | { readonly is: 'absent' }
  | { readonly is: 'unreadable' };

const version = 1;
const hashBytes = 32;
const newline = 0x0a;

export async function readSnapshotFile(disk: Disk, path: string): Promise<SnapshotRead> {
  const whole = await disk.readFile(path);
  if (whole === undefined) return { is: 'absent' };
  const body = whole.subarray(hashBytes);
  const headEnd = body.indexOf(newline);
  if (headEnd < 0 || !createHash('sha256').update(body).digest().equals(whole.subarray(0, hashBytes))) return { is: 'unreadable' };
  // Ours, behind a hash; only its version may be another's.
  const head = JSON.parse(Buffer.from(body.subarray(0, headEnd)).toString('utf8')) as Omit<SnapshotContent, 'correlator'> & {
    readonly version: number;
  };
  if (head.version !== version) return { is: 'unreadable' };
  return { is: 'read', content: { write: head.write, raised: head.raised, correlator: body.subarray(headEnd + 1) } };
}

export async function writeSnapshotFile(disk: Disk, path: string, { write, raised, correlator }: SnapshotContent): Promise<void> {
  const head = Buffer.from(`${JSON.stringify({ version, write, raised })}\n`);
  const hash = createHash('sha256').update(head).update(correlator).digest();
  await disk.replaceFile(path, Buffer.concat([hash, head, correlator]));
}
