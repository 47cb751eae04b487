// What the hub has committed: per lane of an agent the last sequence, its hash and recent pairs; per stream where its
// lines end and its counters. The memory of "exactly once": a repeat is told by it, even a week later.
// Promises: applying the same entries gives the same marks; a snapshot restores them. Limits (DELIVERY.md 27): epochs per
// lane, streams per agent, agents, and an age; the least recently touched go first.
import type { LaneName } from '../../proto/delivery.ts';
import type { AppendOutcome, JournalEntry, LaneMark, StreamCounters, StreamMark } from '../ports.ts';
import { revive, toJson } from './json-bytes.ts';
import { noteRecent, type RecentPair } from './recent-pairs.ts';

const markLimits = {
  epochsPerLaneMax: 4,
  streamsPerAgentMax: 4_096,
  agentsMax: 20_000,
  ageMsMax: 400 * 24 * 3_600_000,
} as const;

interface Epoch {
  readonly lane: LaneName;
  readonly epoch: string;
  sequence: number;
  hash: Uint8Array;
  recent: RecentPair[];
}

interface TouchedMark {
  readonly mark: StreamMark;
  readonly touchedMs: number;
}

interface AgentMarks {
  touchedMs: number;
  /** Newest last; the newest of a lane is the one that may grow. */
  epochs: Epoch[];
  /** In order of last change. */
  streams: Map<string, TouchedMark>;
}

/** Frames are large, and what is kept of them must not hold them. */
function copyOf(stream: Omit<StreamMark, 'write'>): Omit<StreamMark, 'write'> {
  const { file, tailHash } = stream;
  const copied = { ...stream, tailHash: new Uint8Array(tailHash) };
  return file ? { ...copied, file: { ...file, fingerprint: new Uint8Array(file.fingerprint) } } : copied;
}

/** Several entries of one append, judged one after the other. */
export class Judgement {
  /** Where each lane stands behind those that were accepted. */
  readonly lanes = new Map<string, { readonly epoch: string; readonly sequence: number }>();
  /** Lanes in whose epoch one was refused: what comes later stands on it, although its number may fit. */
  readonly refused = new Map<string, AppendOutcome>();
}

const chainStart = new Uint8Array(32);

export class Marks {
  #agents = new Map<string, AgentMarks>();

  beginEpoch(agentId: string, lane: LaneName, epoch: string, nowMs: number): void {
    const agent = this.#agent(agentId, nowMs);
    if (this.#current(agentId, lane)?.epoch === epoch) return;
    const begun = agent.epochs.find((known) => known.lane === lane && known.epoch === epoch);
    agent.epochs = agent.epochs.filter((known) => known !== begun);
    agent.epochs.push(begun ?? { lane, epoch, sequence: 0, hash: chainStart, recent: [] });
    const ofLane = agent.epochs.filter((known) => known.lane === lane);
    const [oldest] = ofLane;
    if (ofLane.length > markLimits.epochsPerLaneMax) agent.epochs = agent.epochs.filter((known) => known !== oldest);
  }

  judge(entry: JournalEntry, judged: Judgement): AppendOutcome {
    const lane = `${entry.agentId}/${entry.lane}`;
    const history = `${lane}/${entry.epoch}`;
    const outcome = judged.refused.get(history) ?? this.#judgeAlone(entry, judged.lanes.get(lane));
    if (outcome === 'written') judged.lanes.set(lane, { epoch: entry.epoch, sequence: entry.sequence });
    else if (outcome !== 'repeat') judged.refused.set(history, outcome);
    return outcome;
  }

  countersOf(agentId: string, streamId: string): StreamCounters | undefined {
    return this.#agents.get(agentId)?.streams.get(streamId)?.mark.counters;
  }

  apply(entry: JournalEntry, write: number, committedAtMs: number): void {
    this.beginEpoch(entry.agentId, entry.lane, entry.epoch, committedAtMs);
    const agent = this.#agent(entry.agentId, committedAtMs);
    const mark = this.#current(entry.agentId, entry.lane);
    if (!mark || entry.sequence <= mark.sequence) return;
    mark.sequence = entry.sequence;
    mark.hash = new Uint8Array(entry.hash);
    mark.recent = noteRecent(mark.recent, { sequence: entry.sequence, hash: mark.hash });
    for (const stream of entry.streams) {
      const before = agent.streams.get(stream.streamId)?.mark;
      // A batch carried over from another life may be older than what this stream has here; counts never go back.
      if (before && before.counters.linesRead > stream.counters.linesRead) continue;
      agent.streams.delete(stream.streamId);
      agent.streams.set(stream.streamId, {
        mark: { ...copyOf(stream), write },
        touchedMs: committedAtMs,
      });
    }
    for (const oldest of agent.streams.keys()) {
      if (agent.streams.size <= markLimits.streamsPerAgentMax) break;
      agent.streams.delete(oldest);
    }
  }

  laneMarks(agentId: string): LaneMark[] {
    const epochs = this.#agents.get(agentId)?.epochs ?? [];
    return epochs.map((epoch) => ({ agentId, ...epoch, recent: [...epoch.recent] }));
  }

  streamMarks(agentId: string): StreamMark[] {
    return [...(this.#agents.get(agentId)?.streams.values() ?? [])].map(({ mark }) => mark);
  }

  snapshot(nowMs: number): Uint8Array {
    this.#expire(nowMs);
    const agents = [...this.#agents].map(([agentId, { touchedMs, epochs, streams }]) => ({
      agentId,
      touchedMs,
      epochs,
      streams: [...streams.values()],
    }));
    return Buffer.from(toJson(agents));
  }

  restore(snapshot: Uint8Array): void {
    // Ours, behind a checksum: parsed at the edge of the disk and trusted inside.
    const agents = JSON.parse(Buffer.from(snapshot).toString(), revive) as ({ agentId: string; streams: [] } & Omit<
      AgentMarks,
      'streams'
    >)[];
    this.#agents = new Map(
      agents.map(({ agentId, touchedMs, epochs, streams }) => {
        const marks: TouchedMark[] = streams;
        return [agentId, { touchedMs, epochs, streams: new Map(marks.map((touched) => [touched.mark.streamId, touched])) }];
      }),
    );
  }

  #judgeAlone(entry: JournalEntry, judged: { readonly epoch: string; readonly sequence: number } | undefined): AppendOutcome {
    const mark = judged ?? this.#current(entry.agentId, entry.lane);
    if (mark?.epoch !== entry.epoch) return 'other-epoch';
    if (entry.sequence <= mark.sequence) return this.#isOtherHistory(entry) ? 'other-epoch' : 'repeat';
    return entry.fromSequence > mark.sequence + 1 ? 'gap' : 'written';
  }

  #isOtherHistory(entry: JournalEntry): boolean {
    const known = this.#current(entry.agentId, entry.lane)?.recent.find(({ sequence }) => sequence === entry.sequence);
    return known !== undefined && !Buffer.from(known.hash).equals(entry.hash);
  }

  #current(agentId: string, lane: LaneName): Epoch | undefined {
    return this.#agents.get(agentId)?.epochs.findLast((epoch) => epoch.lane === lane);
  }

  #agent(agentId: string, nowMs: number): AgentMarks {
    const agent = this.#agents.get(agentId) ?? { touchedMs: nowMs, epochs: [], streams: new Map() };
    agent.touchedMs = nowMs;
    // Last touched, last in the map.
    this.#agents.delete(agentId);
    this.#agents.set(agentId, agent);
    const [oldest] = this.#agents.keys();
    if (this.#agents.size > markLimits.agentsMax && oldest !== undefined) this.#agents.delete(oldest);
    return agent;
  }

  #expire(nowMs: number): void {
    const oldestMs = nowMs - markLimits.ageMsMax;
    for (const [agentId, agent] of this.#agents) {
      if (agent.touchedMs < oldestMs) this.#agents.delete(agentId);
      for (const [streamId, { touchedMs }] of agent.streams) if (touchedMs < oldestMs) agent.streams.delete(streamId);
    }
  }
}
