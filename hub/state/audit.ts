// The audit log: one document per change, kept in State under `audit/`, never changed, removed only by age.
// Keys hold the time counted backwards, so that a plain list begins with the newest and the old end can be cut off:
// State (like a JetStream bucket) lists forwards only.
// Promises: recorded is durable; the same key is recorded once, so a change that is replayed leaves one entry.
// Not promised: that the entry and the change are one write. Callers keep the entry in their document until recorded.
import { createHash } from 'node:crypto';
import type { Random } from '../../proto/runtime/clock.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { Audit, AuditEntry, State } from '../ports.ts';

const prefix = 'audit/';
const farthestMs = 9_999_999_999_999;
const summaryLengthMax = 2_000;
const nameLengthMax = 500;
const removedAtOnce = 500;

export interface AuditPage {
  readonly entries: readonly (AuditEntry & { readonly id: string })[];
  /** Hand it in as `after` for the next page; undefined at the end. */
  readonly next: string | undefined;
}

export interface AuditLog extends Audit {
  /** Newest first. */
  list(options?: { readonly after?: string; readonly limit?: number; readonly untilMs?: number }): Promise<AuditPage>;
  /** Removes entries older than this; returns how many. */
  expireBefore(timeMs: number): Promise<number>;
}

export function auditLog({ state, random }: { readonly state: State; readonly random: Random }): AuditLog {
  return {
    async record(entry, key) {
      const mark = key === undefined ? Buffer.from(random.bytes(8)).toString('hex') : derivedMark(key);
      await putOnce(state, `${timePrefix(entry.atMs)}-${mark}`, bounded(entry));
    },
    async list({ after, limit = 100, untilMs } = {}) {
      const from = after ?? (untilMs === undefined ? undefined : timePrefix(untilMs));
      const rows = await state.list<AuditEntry>(prefix, { limit, ...(from === undefined ? {} : { after: from }) });
      const entries = rows.map(({ key, value }) => ({ ...value, id: key }));
      return { entries, next: rows.length === limit ? rows.at(-1)?.key : undefined };
    },
    expireBefore: (timeMs) => expire(state, timeMs),
  };
}

async function expire(state: State, timeMs: number): Promise<number> {
  // Keys of the millisecond before timeMs begin with this text and therefore sort behind it.
  const after = timePrefix(timeMs - 1);
  let removed = 0;
  for (;;) {
    const rows = await state.list<AuditEntry>(prefix, { after, limit: removedAtOnce });
    await Promise.all(rows.map(({ key, revision }) => state.remove(key, revision)));
    removed += rows.length;
    if (rows.length < removedAtOnce) return removed;
  }
}

async function putOnce(state: State, key: string, entry: AuditEntry): Promise<void> {
  try {
    await state.put(key, entry, 0);
  } catch (error) {
    if (errorCode(error) !== 'STATE_CONFLICT') throw error;
  }
}

function timePrefix(timeMs: number): string {
  const clamped = Math.min(Math.max(0, Math.trunc(timeMs)), farthestMs);
  return `${prefix}${String(farthestMs - clamped).padStart(13, '0')}`;
}

function derivedMark(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}

function bounded(entry: AuditEntry): AuditEntry {
  return {
    ...entry,
    action: entry.action.slice(0, nameLengthMax),
    object: entry.object.slice(0, nameLengthMax),
    before: entry.before.slice(0, summaryLengthMax),
    after: entry.after.slice(0, summaryLengthMax),
  };
}
