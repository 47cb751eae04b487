// One match that a window may still need. Most are never looked at again: they wait, are written into snapshots, and go.
// So evidence is held as objects only until the first snapshot; from then on the entry is the text it has there, which
// costs the collector nothing and the next snapshot a copy.
// Promises: `json` is what JSON.stringify would write for an object with these fields; `evidence` is what was given.
import type { Evidence } from '../../ports.ts';
import type { Entry } from './counting.ts';

/** As snapshots have it. */
export interface WrittenEntry extends Entry {
  readonly eventId: string;
  readonly evidence: readonly Evidence[];
}

export class HeldEntry implements Entry {
  t: number;
  n: number;
  readonly v: string;
  readonly r: number;
  until: number;
  eventId: string;
  /** What the evidence weighs: raw text and a share for the rest. */
  chars: number;
  #evidence: readonly Evidence[] | undefined;
  #text = '';
  /** Where in the text the evidence begins. */
  #evidenceAt = 0;

  constructor({ t, n, v, r, until, eventId, evidence }: WrittenEntry) {
    this.t = t;
    this.n = n;
    this.v = v;
    this.r = r;
    this.until = until;
    this.eventId = eventId;
    this.chars = charsOf(evidence);
    this.#evidence = evidence;
  }

  get evidence(): readonly Evidence[] {
    // Ours: `json` wrote it.
    return this.#evidence ?? (JSON.parse(this.#text.slice(this.#evidenceAt, -1)) as Evidence[]);
  }

  get json(): string {
    if (this.#text === '') {
      const { t, n, v, r, until, eventId } = this;
      const head = `${JSON.stringify({ t, n, v, r, until, eventId }).slice(0, -1)},"evidence":`;
      this.#text = `${head}${JSON.stringify(this.evidence)}}`;
      this.#evidenceAt = head.length;
      this.#evidence = undefined;
    }
    return this.#text;
  }

  /** This one stands for the later one too, and tells the later one's evidence. */
  become({ t, n, until, eventId, evidence }: WrittenEntry): void {
    this.t = t;
    this.n += n;
    this.until = Math.max(this.until, until);
    this.eventId = eventId;
    this.chars = charsOf(evidence);
    this.#evidence = evidence;
    this.#text = '';
  }
}

export function charsOf(evidence: readonly Evidence[]): number {
  return evidence.reduce((sum, { raw }) => sum + raw.length + 200, 0);
}
