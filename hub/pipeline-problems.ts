// What the hub finds about itself while it works a journal write. Taken with the write's other findings, so that a replay
// does not tell it twice.
import { eventId } from '../proto/ids.ts';
import { problemFinding } from './alert/problem-finding.ts';
import type { Worked } from './line-work.ts';
import type { Work } from './pipeline-ports.ts';
import type { Finding, JournalWrite } from './ports.ts';

export function problemsOf(write: JournalWrite, { poison }: Pick<Work, 'poison'>, { damaged }: Pick<Worked, 'damaged'>): Finding[] {
  const atMs = write.committedAtMs;
  const about = (entry: number): Finding['group'] => [{ field: 'agent.id', value: write.entries[entry]?.agentId ?? '' }];
  return [
    ...poison.map(({ entry, index }) =>
      problemFinding({
        name: 'poison-line',
        title: 'A line ended the hub three times and was stored raw',
        level: 'high',
        atMs,
        about: about(entry),
        detail: `event ${eventOf(write, entry, index)}: stored as it came, without decoding and without rules`,
      }),
    ),
    ...damaged.map(({ entry, reason }) =>
      problemFinding({
        name: 'unreadable-batch',
        title: 'An agent sent a batch that cannot be read',
        level: 'medium',
        atMs,
        about: about(entry),
        detail: `entry ${entry} of journal write ${write.number}: ${reason}; its lines are counted as lost`,
      }),
    ),
  ];
}

function eventOf(write: JournalWrite, entry: number, index: number): string {
  const of = write.entries[entry];
  return of ? eventId({ agentId: of.agentId, epoch: of.epoch, lane: of.lane, sequence: of.sequence, index }) : '';
}
