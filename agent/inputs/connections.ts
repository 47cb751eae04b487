// The connections of one listening socket: who may come, who has to go.
// Promises: never more than `max` at a time, `maxPerPeer` of one address; beyond that a new one is refused and counted, but
// a connection that never sent a whole message in ten seconds makes room for it, so that silent ones cannot keep the door
// shut. A message that stays unfinished for `messageTimeoutMs` is handed out as it is, marked as cut, and its connection is
// closed (slow-loris); so is a connection that is silent for `idleTimeoutMs`.
import type { Socket } from 'node:net';
import type { Clock } from '../../proto/runtime/clock.ts';

export interface ConnectionLimits {
  readonly max: number;
  readonly maxPerPeer: number;
  readonly idleTimeoutMs: number;
  readonly messageTimeoutMs: number;
}

export interface Connection {
  readonly socket: Socket;
  readonly peer: string;
  readonly sinceMs: number;
  heardMs: number;
  /** Since when a message is unfinished. */
  withinSinceMs: number | undefined;
  messages: number;
}

const silentMsMax = 10_000;

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #clock: Clock;
  /** In the order in which they came. */
  readonly #open = new Set<Connection>();
  readonly #perPeer = new Map<string, number>();
  refused = 0;

  constructor(limits: ConnectionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  all(): Iterable<Connection> {
    return this.#open;
  }

  /** Undefined, and the socket is gone, when there is no place for it. */
  admit(socket: Socket, peer: string): Connection | undefined {
    const nowMs = this.#clock.monotonicMs();
    const ofPeer = this.#perPeer.get(peer) ?? 0;
    const hasPlace = ofPeer < this.#limits.maxPerPeer && (this.#open.size < this.#limits.max || this.#makeRoom(nowMs));
    if (!hasPlace) {
      this.refused += 1;
      socket.destroy();
      return undefined;
    }
    const connection = { socket, peer, sinceMs: nowMs, heardMs: nowMs, withinSinceMs: undefined, messages: 0 };
    this.#open.add(connection);
    this.#perPeer.set(peer, (this.#perPeer.get(peer) ?? 0) + 1);
    socket.once('close', () => this.#forget(connection));
    return connection;
  }

  /** Closes those whose time is over. `isWaiting`: we do not read right now, so that nobody's silence counts. */
  sweep(isWaiting: boolean): void {
    const nowMs = this.#clock.monotonicMs();
    for (const connection of this.#open) {
      if (isWaiting) {
        connection.heardMs = nowMs;
        if (connection.withinSinceMs !== undefined) connection.withinSinceMs = nowMs;
        continue;
      }
      const { heardMs, withinSinceMs = nowMs, socket } = connection;
      const isOver = nowMs - heardMs >= this.#limits.idleTimeoutMs || nowMs - withinSinceMs >= this.#limits.messageTimeoutMs;
      if (isOver) socket.destroy();
    }
  }

  #makeRoom(nowMs: number): boolean {
    for (const connection of this.#open) {
      if (connection.messages > 0 || nowMs - connection.sinceMs < silentMsMax) continue;
      this.refused += 1;
      this.#forget(connection);
      connection.socket.destroy();
      return true;
    }
    return false;
  }

  #forget(connection: Connection): void {
    if (!this.#open.delete(connection)) return;
    const left = (this.#perPeer.get(connection.peer) ?? 1) - 1;
    if (left > 0) this.#perPeer.set(connection.peer, left);
    else this.#perPeer.delete(connection.peer);
  }
}
