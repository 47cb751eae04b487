// What people changed, newest first: documents `trail/<time counted down>-<place counted down>-<random>`
// in State. The place tells entries of one millisecond apart, so that they keep the order in which they happened.
// Promises: the entry is written, as started, before the change and completed after it, so a change without an entry
// cannot happen; one that stays `started` means that the hub stopped in between. Bodies are never kept: they may hold
// secrets. Entries older than the age limit are swept.
import { createHash } from 'node:crypto';
import type { Clock, Random } from '../../../proto/runtime/clock.ts';
import { errorCode } from '../../../proto/runtime/errors.ts';
import type { Audit, AuditEntry, State } from '../../ports.ts';
import { auditView, type AuditView } from './shapes.ts';

export const auditAgeMsMax = 400 * 86_400_000;
const timeCeilingMs = 9_999_999_999_999;
/** Entries of one millisecond beyond this many keep their time and lose their order. */
const placesMax = 999_999;
const prefix = 'trail/';

export interface AuditStarted {
  readonly entry: AuditView;
  readonly revision: number;
}

export class AuditTrail implements Audit {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #random: Random;
  #lastMs = 0;
  #placesInMs = 0;

  constructor(state: State, clock: Clock, random: Random) {
    this.#state = state;
    this.#clock = clock;
    this.#random = random;
  }

  async start(parts: Pick<AuditView, 'actor' | 'address' | 'action' | 'object'>): Promise<AuditStarted> {
    const atMs = this.#clock.nowMs();
    const tail = Buffer.from(this.#random.bytes(6)).toString('hex');
    const id = idOf(atMs, this.#place(atMs), tail);
    const entry: AuditView = { id, atMs, ...parts, outcome: 'started', text: '' };
    return { entry, revision: await this.#state.put(prefix + id, entry, 0) };
  }

  async finish(started: AuditStarted, outcome: AuditView['outcome'], text: string): Promise<void> {
    await this.#state.put(prefix + started.entry.id, { ...started.entry, outcome, text: text.slice(0, 500) }, started.revision);
  }

  async note(
    parts: Pick<AuditView, 'actor' | 'address' | 'action' | 'object'>,
    outcome: AuditView['outcome'],
    text: string,
  ): Promise<void> {
    await this.finish(await this.start(parts), outcome, text);
  }

  /** For the other rooms. What a person does through the console has its entry already, written ahead of the change. */
  async record(entry: AuditEntry, key?: string): Promise<void> {
    if (entry.actor.address !== '') return;
    const tail = key === undefined ? Buffer.from(this.#random.bytes(6)).toString('hex') : createHash('sha256').update(key).digest('hex');
    // A key makes the entry's id the same however often it is recorded, so its place may not depend on what came before.
    const id = idOf(entry.atMs, key === undefined ? this.#place(entry.atMs) : 0, tail.slice(0, 12));
    const { action, object, before, after } = entry;
    const text = [before, after].filter((part) => part !== '').join(' → ');
    const view: AuditView = { id, atMs: entry.atMs, actor: entry.actor.name, address: '', action, object, outcome: 'done', text };
    try {
      await this.#state.put(prefix + id, { ...view, text: text.slice(0, 500) }, 0);
    } catch (error) {
      if (key === undefined || errorCode(error) !== 'STATE_CONFLICT') throw error;
    }
  }

  /** 1, 2, 3 … within one millisecond. */
  #place(atMs: number): number {
    this.#placesInMs = atMs === this.#lastMs ? this.#placesInMs + 1 : 1;
    this.#lastMs = atMs;
    return this.#placesInMs;
  }

  async list(options: { readonly limit: number; readonly after: string }): Promise<AuditView[]> {
    const after = options.after === '' ? {} : { after: prefix + options.after };
    const found = await this.#state.list<unknown>(prefix, { limit: options.limit, ...after });
    return found.map(({ value }) => auditView.parse(value));
  }

  async sweep(): Promise<number> {
    const oldestKept = timeCeilingMs - (this.#clock.nowMs() - auditAgeMsMax);
    const after = `${prefix}${String(oldestKept).padStart(13, '0')}`;
    const old = await this.#state.list(prefix, { after, limit: 10_000 });
    for (const { key, revision } of old) await this.#state.remove(key, revision);
    return old.length;
  }
}

/** Counted down, so that key order is newest first. */
function idOf(atMs: number, place: number, tail: string): string {
  return `${String(timeCeilingMs - atMs).padStart(13, '0')}-${String(placesMax - Math.min(place, placesMax)).padStart(6, '0')}-${tail}`;
}
