// Lines that local programs write to a Unix stream socket on which the agent listens: Suricata with `filetype: unix_stream`
// among them. One stream for the source; the lines of several connections come as each of them was finished.
// A full pipeline makes writers wait; Suricata does not wait, it drops and counts that in its own statistics.
import { createServer } from 'node:net';
import type { SocketSource } from '../../config/policy/sources/sources.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { InputLog } from './input-log.ts';
import { keepListening, type Listening } from './keep-listening.ts';
import { LineServer } from './line-server.ts';
import type { ListenFence } from './listen-fence.ts';
import { LiveInput, type Intake } from './live-input.ts';
import { freePlace, listenAt } from './socket-path.ts';

export interface SocketInputOptions {
  readonly source: SocketSource;
  readonly fence: ListenFence;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

/** Half a line that its writer leaves for so long is handed out and its connection closed. */
const unfinishedMsMax = 3_600_000;

export function socketInput({ source, fence, clock, random, log }: SocketInputOptions): LiveInput {
  const { path } = source;
  return new LiveInput({
    source,
    path,
    clock,
    random,
    log,
    receive: (intake, signal) => {
      const remedy = (error: unknown): string => (error instanceof Error ? error.message : String(error));
      return keepListening({ name: path, open: () => openSocket(source, fence, intake), remedy }, intake, signal);
    },
  });
}

async function openSocket(source: SocketSource, fence: ListenFence, intake: Intake): Promise<Listening> {
  const place = await freePlace(source.path, fence);
  const server = createServer();
  const { lines, streams } = intake;
  const { maxConnections: max, idleTimeout = Number.POSITIVE_INFINITY } = source;
  const lineServer = new LineServer(
    {
      server,
      limits: { max, maxPerPeer: max, idleTimeoutMs: idleTimeout, messageTimeoutMs: unfinishedMsMax },
      messageBytesMax: source.maxLineBytes,
      octetCounting: false,
      peerOf: () => place,
      onMessage: (_, [bytes, start, end, isCut]) => lines.add(streams.own(), bytes.subarray(start, end), isCut),
    },
    intake,
  );
  server.on('connection', (socket) => {
    const connection = lineServer.admit(socket);
    if (connection) lineServer.serve(connection, socket);
  });
  try {
    await listenAt(server, place, source);
  } catch (error) {
    server.close();
    throw error;
  }
  intake.log.info({ source: source.id, path: place }, 'listening');
  return lineServer.listening();
}
