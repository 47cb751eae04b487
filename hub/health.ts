// How the hub fares, and what is wrong in words an operator can act on.
import type { HealthView } from './console/api/shapes.ts';
import type { Rooms } from './open-rooms.ts';
import type { HubPipeline } from './pipeline.ts';

export interface HealthParts {
  readonly rooms: Pick<Rooms, 'journal' | 'store' | 'compiled'>;
  readonly pipeline: Pick<HubPipeline, 'status'>;
  readonly version: string;
  readonly startedMs: number;
}

/** Writes that wait longer than a few seconds of work at full load. */
const behindWrites = 500;

export async function healthOf({ rooms, pipeline, version, startedMs }: HealthParts): Promise<HealthView> {
  const journal = rooms.journal.status();
  const store = await rooms.store.status();
  const { state, stored, detected, lastFailure } = pipeline.status();
  const pendingWrites = Math.max(0, journal.next - 1 - Math.min(stored, detected));
  const { ruleset, refused } = rooms.compiled;
  const problems = [
    ...(journal.isFull ? ['The journal is full: agents keep their lines. Make room on the disk, or raise journal.maxBytes.'] : []),
    ...(store.isUp ? [] : ['The event store is down and is being started again; the journal keeps the lines.']),
    ...(state === 'failing' ? [`Working lines failed and is tried again: ${lastFailure}`] : []),
    ...(pendingWrites > behindWrites ? [`${pendingWrites} journal writes wait for detection or the store.`] : []),
    ...(refused.length > 0 ? [`${refused.length} rules were refused; \`atalaia-hub rules check\` says why.`] : []),
  ];
  return {
    isWell: problems.length === 0,
    version,
    startedMs,
    journal: { pendingWrites, bytes: journal.bytes, isFull: journal.isFull },
    store,
    detection: { rulesLoaded: ruleset.rules.length + ruleset.correlations.length, rulesRefused: refused.length },
    problems,
  };
}
