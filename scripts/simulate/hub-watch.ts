// Looks over the journal's shoulder: what was durable, under which numbers, so that the outcome can be held against it.
// Promises: an answer that reached a living hub counts, and so does a write that arrived and was not answered once somebody
// finds it there; numbers, batches and epochs given twice are blamed at once.
import type { Journal, JournalEntry } from '../../hub/ports.ts';
import { answerTo, type Life, type World } from './turns.ts';

export interface CommittedEntry {
  readonly write: number;
  readonly agentId: string;
  readonly epoch: string;
  readonly lane: string;
  readonly fromSequence: number;
  readonly sequence: number;
  readonly lineCount: number;
}

export class HubWatch {
  readonly #world: World;
  #committed: CommittedEntry[] = [];
  #highestWrite = 0;

  constructor(world: World) {
    this.#world = world;
  }

  get committed(): readonly CommittedEntry[] {
    return this.#committed;
  }

  /** The journal of this moment is all that a restored hub has. */
  forgetAfter(count: number): readonly CommittedEntry[] {
    const forgotten = this.#committed.splice(count);
    this.#highestWrite = Math.max(0, ...this.#committed.map(({ write }) => write));
    return forgotten;
  }

  async journalPort(life: Life, journal: Journal, holdsBack: () => boolean): Promise<Journal> {
    await answerTo(life, this.#noteFound(life, journal, journal.status().next));
    let underWay = 0;
    return {
      append: async (entries) => {
        underWay += 1;
        try {
          const appended = await answerTo(life, journal.append(entries));
          const written = entries.filter((_, place) => appended.outcomes[place] === 'written');
          await answerTo(life, this.#noteFound(life, journal, appended.write || journal.status().next));
          // The answer came and the hub died before it went on: then nobody was told.
          if (written.length > 0 && life.isAlive) this.#note(appended.write, written);
          return appended;
        } finally {
          underWay -= 1;
        }
      },
      read: (from, signal) => journal.read(from, signal),
      free: (upTo) => (holdsBack() ? Promise.resolve() : answerTo(life, journal.free(upTo))),
      laneMarks: async (agentId) => {
        const marks = await answerTo(life, journal.laneMarks(agentId));
        // A Welcome tells of them too, and the agent frees what was never acknowledged. One under way notes itself.
        if (underWay === 0) await answerTo(life, this.#noteFound(life, journal, journal.status().next));
        return marks;
      },
      streamMarks: (agentId) => answerTo(life, journal.streamMarks(agentId)),
      beginEpoch: (agentId, lane, epoch) => answerTo(life, journal.beginEpoch(agentId, lane, epoch)),
      status: () => journal.status(),
      close: () => answerTo(life, journal.close()),
    };
  }

  /** Writes below `end` that arrived and were never answered. */
  async #noteFound(life: Life, journal: Journal, end: number): Promise<void> {
    const from = Math.max(this.#highestWrite + 1, journal.status().oldest);
    if (from >= end) return;
    for await (const { number, entries } of journal.read(from, this.#world.controller().signal)) {
      // A dead hub's look must not note what a restored one does not have.
      if (number >= end || !life.isAlive) return;
      // Another look may have been quicker.
      if (entries.length > 0 && number > this.#highestWrite) this.#note(number, entries);
      if (number === end - 1) return;
    }
  }

  #note(write: number, entries: readonly JournalEntry[]): void {
    if (write <= this.#highestWrite) this.#world.blame(`journal write ${write} was given after ${this.#highestWrite}`);
    this.#highestWrite = Math.max(this.#highestWrite, write);
    for (const { agentId, epoch, lane, fromSequence, sequence, lineCount } of entries) {
      const twice = this.#committed.find(
        (known) =>
          known.agentId === agentId &&
          known.epoch === epoch &&
          known.lane === lane &&
          known.sequence >= fromSequence &&
          known.fromSequence <= sequence,
      );
      // A Lost may reach back over what a Lost before it said already; a batch never stands twice.
      if (twice && lineCount > 0 && twice.lineCount > 0)
        this.#world.blame(
          `${lane} ${epoch.slice(0, 6)} ${fromSequence}..${sequence} was committed twice (writes ${twice.write} and ${write})`,
        );
      this.#committed.push({ write, agentId, epoch, lane, fromSequence, sequence, lineCount });
    }
  }
}
