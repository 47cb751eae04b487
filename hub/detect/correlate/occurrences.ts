// Folded findings of a worker, taken apart again into moments in event-time order, which is what windows need.
import { createHash } from 'node:crypto';
import type { Evidence, Finding } from '../../ports.ts';
import type { WorkerFinding } from '../../work.ts';
import { findingId } from './episode-id.ts';
import type { Occurrence } from './group.ts';

const evidenceMax = 20;

/** A single-event rule's matches of one batch, as people see them. */
export function singleFinding(finding: WorkerFinding): Finding {
  const { ruleId, ruleVersion, title, level, tags, group, fields, eventId } = finding;
  const times = timesOf(finding);
  return {
    id: findingId([ruleId, ruleVersion, eventId]),
    ruleId,
    ruleVersion,
    title,
    level,
    tags,
    group,
    firstMs: times.reduce((least, [timeMs]) => Math.min(least, timeMs), Infinity),
    lastMs: times.reduce((most, [timeMs]) => Math.max(most, timeMs), 0),
    count: finding.fold?.count ?? 1,
    evidence: evidenceOf(finding).slice(0, evidenceMax),
    fields,
  };
}

export function occurrencesOf(findings: readonly WorkerFinding[]): Occurrence[] {
  const occurrences: Occurrence[] = [];
  for (const finding of findings) {
    // Evidence goes with its moment; where moments were joined, with the first that is left.
    let evidence = evidenceOf(finding);
    for (const [timeMs, count] of timesOf(finding)) {
      const own = evidence.filter((one) => one.timeMs <= timeMs);
      evidence = evidence.filter((one) => one.timeMs > timeMs);
      occurrences.push({ ruleId: finding.ruleId, timeMs, count, eventId: finding.eventId, fields: finding.fields, evidence: own });
    }
  }
  // The sort is stable: what was read first comes first among equal times.
  return occurrences.sort((a, b) => a.timeMs - b.timeMs);
}

function timesOf({ fold, timeMs }: WorkerFinding): readonly (readonly [number, number])[] {
  return fold && fold.times.length > 0 ? fold.times : [[timeMs, 1]];
}

function evidenceOf(finding: WorkerFinding): readonly Evidence[] {
  if (finding.fold) return finding.fold.evidence;
  const { eventId, timeMs, agentId, sourceId, raw } = finding;
  return [{ eventId, timeMs, agentId, sourceId, raw, sha256: createHash('sha256').update(raw).digest('hex') }];
}
