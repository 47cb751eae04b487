// The agents that ever enrolled: one document each, the authority on who may connect. `mayConnect` answers from memory,
// because it is asked at every connection; the documents are its source and are listed at start.
import type { Clock } from '../../proto/runtime/clock.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { State } from '../ports.ts';

export interface AgentDocument {
  readonly id: string;
  /** Claimed host name at enrolment, or what an operator called it. */
  readonly name: string;
  readonly enrolledMs: number;
  readonly certificateSerial: string;
  readonly certificateExpiresMs: number;
  readonly isRevoked: boolean;
  readonly revokedBy: string;
  readonly revokedMs: number;
  readonly constituency: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its clock minus the hub's, when it was last measured: what `event.created` of its lines is worth. Absent before. */
  readonly clock?: { readonly offsetMs: number; readonly measuredMs: number };
}

const pageSize = 1_000;

export class Roster {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #agents = new Map<string, AgentDocument>();

  private constructor(state: State, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  static async open(state: State, clock: Clock): Promise<Roster> {
    const roster = new Roster(state, clock);
    for (let after = ''; ;) {
      const page = await state.list<AgentDocument>('agent/', { after, limit: pageSize });
      for (const { value } of page) roster.#agents.set(value.id, value);
      const last = page.at(-1);
      if (!last || page.length < pageSize) return roster;
      after = last.key;
    }
  }

  mayConnect(agentId: string): boolean {
    const agent = this.#agents.get(agentId);
    return agent !== undefined && !agent.isRevoked;
  }

  isRevoked(agentId: string): boolean {
    return this.#agents.get(agentId)?.isRevoked ?? false;
  }

  get(agentId: string): AgentDocument | undefined {
    return this.#agents.get(agentId);
  }

  list(): readonly AgentDocument[] {
    return [...this.#agents.values()];
  }

  /** A certificate was issued; keeps everything else that is known of the agent. */
  async noteCertificate(
    id: string,
    certificate: { readonly serial: string; readonly expiresMs: number; readonly name?: string },
  ): Promise<AgentDocument> {
    return await this.#change(id, (known) => ({
      id,
      name: known?.name ?? certificate.name ?? id.slice(0, 8),
      enrolledMs: known?.enrolledMs ?? this.#clock.nowMs(),
      certificateSerial: certificate.serial,
      certificateExpiresMs: certificate.expiresMs,
      isRevoked: known?.isRevoked ?? false,
      revokedBy: known?.revokedBy ?? '',
      revokedMs: known?.revokedMs ?? 0,
      constituency: known?.constituency ?? 'main',
      labels: known?.labels ?? {},
      ...(known?.clock ? { clock: known.clock } : {}),
    }));
  }

  /** Kept, so that a line can be judged when its agent is away. An agent that is not known is not noted. */
  async noteClock(id: string, offsetMs: number): Promise<void> {
    if (!this.#agents.has(id)) return;
    const clock = { offsetMs, measuredMs: this.#clock.nowMs() };
    await this.#change(id, (known) => (known ? { ...known, clock } : undefined));
  }

  /** Effective at once: the caller also cuts the live connection. False when the agent is not known. */
  async setRevoked(id: string, isRevoked: boolean, by: string): Promise<boolean> {
    if (!this.#agents.has(id)) return false;
    await this.#change(id, (known) =>
      known ? { ...known, isRevoked, revokedBy: isRevoked ? by : '', revokedMs: isRevoked ? this.#clock.nowMs() : 0 } : undefined,
    );
    return true;
  }

  async #change(id: string, change: (known: AgentDocument | undefined) => AgentDocument | undefined): Promise<AgentDocument> {
    for (;;) {
      const found = await this.#state.get<AgentDocument>(`agent/${id}`);
      const next = change(found?.value);
      if (next === undefined) throw new Error(`broken invariant: agent ${id} has no document`);
      try {
        await this.#state.put(`agent/${id}`, next, found?.revision ?? 0);
      } catch (error) {
        if (errorCode(error) === 'STATE_CONFLICT') continue;
        throw error;
      }
      this.#agents.set(id, next);
      return next;
    }
  }
}
