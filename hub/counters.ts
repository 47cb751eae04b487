// What the pipeline counts as it goes: sums since the hub's start, from which rates are taken. Plain numbers on purpose:
// this is the hot path. Bounded: agentsMax agents have sums of their own, later ones only count in the whole.
import type { Worked } from './line-work.ts';
import type { JournalWrite } from './ports.ts';

const agentsMax = 20_000;

export interface AgentSums {
  lines: number;
  bytes: number;
}

export class HubCounters {
  lines = 0;
  rawBytes = 0;
  problems = 0;
  findings = 0;
  writes = 0;
  readonly agents = new Map<string, AgentSums>();

  note(write: Pick<JournalWrite, 'entries'>, { counts, findings }: Pick<Worked, 'counts' | 'findings'>): void {
    this.writes++;
    this.lines += counts.lines;
    this.rawBytes += counts.rawBytes;
    this.problems += counts.problems;
    this.findings += findings.length;
    for (const { agentId, lineCount, frame } of write.entries) {
      const sums = this.agents.get(agentId) ?? { lines: 0, bytes: 0 };
      sums.lines += lineCount;
      sums.bytes += frame.length;
      if (this.agents.has(agentId) || this.agents.size < agentsMax) this.agents.set(agentId, sums);
    }
  }
}
