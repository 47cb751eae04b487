// Serves the agent's metrics on loopback or a Unix socket, `GET /metrics` and nothing else, in the format that is asked for.
// Promises: what cannot be listened on is told and tried again, and never stops the agent; requests are bounded in size,
// time and number; a Unix socket is for its owner and group, one that nobody answers on is replaced, anything else is not.
import { lstat, unlink } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { MetricsPlace } from '../../config/metrics-config.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import { aborted } from '../../proto/runtime/until-stopped.ts';
import { LastingTrouble } from '../lasting-trouble.ts';
import { expositionTypes, formatFor, type ExpositionFormat } from './exposition.ts';

export interface MetricsService {
  readonly place: MetricsPlace;
  /** The whole text, made when it is asked for. */
  readonly tell: (format: ExpositionFormat) => string;
  readonly clock: Clock;
  readonly log: { info(fields: object, text: string): void; error(fields: object, text: string): void };
  readonly signal: AbortSignal;
}

// Named in an `import`, everything of node:http is made ready, its WebSocket client too: 8 MB more.
const { createServer } = process.getBuiltinModule('node:http');

const requestMsMax = 5_000;
const connectionsMax = 16;
const headerBytesMax = 8 * 1024;
const retryMs = 30_000;

/** Until the signal aborts. */
export async function serveMetrics({ place, tell, clock, log, signal }: MetricsService): Promise<void> {
  const listen = 'path' in place ? place.path : `${place.host}:${place.port}`;
  const trouble = new LastingTrouble(log, clock);
  while (!signal.aborted) {
    const server = createServer(
      { maxHeaderSize: headerBytesMax, requestTimeout: requestMsMax, headersTimeout: requestMsMax },
      (request, response) => answer(request, response, tell),
    );
    server.keepAliveTimeout = requestMsMax;
    server.maxConnections = connectionsMax;
    try {
      await opened(server, place);
      log.info({ listen }, 'metrics served');
      await aborted(signal);
      await closed(server);
    } catch (error) {
      trouble.failed(
        error,
        { listen },
        `metrics are not served (${errorCode(error) ?? 'failed'}); free that place or change metrics.listen; tried again`,
      );
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}

function answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse, tell: MetricsService['tell']): void {
  const end = (code: number, text: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(code, {
      'content-type': type,
      'x-content-type-options': 'nosniff',
      vary: 'accept',
      ...(code === 405 ? { allow: 'GET, HEAD' } : {}),
    });
    response.end(method === 'HEAD' ? undefined : text);
  };
  if (url.split('?', 1)[0] !== '/metrics') end(404, 'only /metrics is here\n');
  else if (method === 'GET' || method === 'HEAD') {
    const format = formatFor(headers.accept);
    end(200, tell(format), expositionTypes[format]);
  } else end(405, 'only GET\n');
}

async function opened(server: Server, place: MetricsPlace): Promise<void> {
  if ('path' in place) await removeLeftBehind(place.path);
  const before = process.umask(0o117);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      if ('path' in place) server.listen(place.path, resolve);
      else server.listen(place.port, place.host, resolve);
      // The socket is made in this very call, under the umask above.
      process.umask(before);
    });
  } finally {
    process.umask(before);
  }
}

async function removeLeftBehind(path: string): Promise<void> {
  const isSocket = await lstat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
  if (!isSocket) return;
  const isAnswering = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (!isAnswering) await unlink(path).catch(() => undefined);
}

async function closed(server: Server): Promise<void> {
  const done = new Promise((resolve) => void server.close(resolve));
  server.closeAllConnections();
  await done;
}
