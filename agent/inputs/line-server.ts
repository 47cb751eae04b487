// Messages or lines from the connections of one listening stream socket, whatever it is: TCP, TLS or Unix.
// Promises: back-pressure by not reading (a full pipeline pauses every connection, whose senders then wait); whatever a peer
// sends costs at most one message at the limit in memory and ends at most its own connection; on close what has arrived
// is still taken for a moment, and half a message comes out marked as cut.
import type { Server, Socket } from 'node:net';
import { SyslogFraming, type MessageSink } from '../../proto/framing/syslog-framing.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import { Connections, type Connection, type ConnectionLimits } from './connections.ts';
import type { Listening } from './keep-listening.ts';
import type { Intake } from './live-input.ts';

export interface LineServerOptions {
  readonly server: Server;
  readonly limits: ConnectionLimits;
  readonly messageBytesMax: number;
  readonly octetCounting: boolean;
  /** Who is at the other end, as the streams name it. */
  readonly peerOf: (socket: Socket) => string;
  readonly onMessage: (connection: Connection, message: Parameters<MessageSink>) => void;
}

const sweepIntervalMs = 1_000;
const lingerStepMs = 50;
const lingerStepsMax = 10;

export class LineServer {
  readonly #options: LineServerOptions;
  readonly #intake: Intake;
  readonly connections: Connections;
  #toldRefused = 0;

  constructor(options: LineServerOptions, intake: Intake) {
    this.#options = options;
    this.#intake = intake;
    this.connections = new Connections(options.limits, intake.clock);
  }

  /** Reads the connection's messages from `socket`, which is its own or, over TLS, what was decrypted. */
  serve(connection: Connection, socket: Socket): void {
    const { messageBytesMax, octetCounting, onMessage } = this.#options;
    const { clock, lines } = this.#intake;
    const framing = new SyslogFraming({ messageBytesMax, octetCounting }, (...message) => {
      connection.withinSinceMs = undefined;
      connection.messages += 1;
      onMessage(connection, message);
    });
    socket.on('data', (chunk: Buffer) => {
      connection.heardMs = clock.monotonicMs();
      framing.take(chunk);
      if (framing.isWithin) connection.withinSinceMs ??= connection.heardMs;
      else connection.withinSinceMs = undefined;
    });
    socket.once('end', () => framing.end(true));
    socket.once('close', () => {
      framing.end(false);
      lines.detach(socket);
    });
    // What a peer breaks off is seen by `close`.
    socket.on('error', () => undefined);
    lines.attach(socket);
  }

  /** Takes a new connection, when there is a place for it. */
  admit(socket: Socket): Connection | undefined {
    socket.on('error', () => undefined);
    socket.setKeepAlive(true, 60_000);
    return this.connections.admit(socket, this.#options.peerOf(socket));
  }

  /** The server listens already. */
  listening(): Listening {
    const { server } = this.#options;
    const { clock } = this.#intake;
    const stop = new AbortController();
    const failed = new Promise<unknown>((resolve) => server.on('error', resolve));
    const sweeping = (async () => {
      for await (const _ of ticks(sweepIntervalMs, { clock, signal: stop.signal })) this.#sweep();
    })();
    return {
      failed,
      close: async () => {
        stop.abort();
        await sweeping;
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        await this.#linger();
        for (const { socket } of this.connections.all()) socket.destroy();
        await closed;
      },
    };
  }

  #sweep(): void {
    const { lines, problems } = this.#intake;
    this.connections.sweep(lines.isFull);
    const { refused } = this.connections;
    const { max, maxPerPeer } = this.#options.limits;
    if (refused === this.#toldRefused) problems.clear('connections');
    else problems.set('connections', `connections refused: more than ${max} at a time or ${maxPerPeer} of one sender`);
    this.#toldRefused = refused;
  }

  /** Takes what the kernel holds already. */
  async #linger(): Promise<void> {
    const { clock } = this.#intake;
    for (let step = 0; step < lingerStepsMax; step++) {
      const sinceMs = clock.monotonicMs();
      await clock.sleep(lingerStepMs);
      const isHeard = [...this.connections.all()].some(({ heardMs }) => heardMs >= sinceMs);
      if (!isHeard) return;
    }
  }
}
