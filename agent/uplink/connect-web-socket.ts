// Opens the data plane: a WebSocket over mutual TLS to a hub's agents' port, on a connection that hub-way.ts made and
// checked.
// Promises: no compression of frames (batches are compressed already, and it would be an attack surface); at most a
// Welcome's size per frame; a frame that was sent is given back: its memory is no longer the caller's. A refused upgrade rejects with NOT_AUTHORISED, all else is retried.
import { WebSocket } from 'ws';
import { limits } from '../../proto/delivery.ts';
import { socketChannel } from '../../proto/framing/socket-channel.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { giveBack } from '../../proto/runtime/give-back.ts';
import type { HubWay } from '../ports.ts';
import { relayUrl } from './relay-url.ts';

export interface WebSocketTarget {
  /** wss://host:port; the path is ours. */
  readonly url: string;
  readonly way: HubWay;
  /** PEM texts: the hub's CA, our certificate, our key. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly signal: AbortSignal;
}

const handshakeTimeoutMs = 15_000;
/** A hub's Acks are small; a Welcome may come whole. */
const queueLimits = { framesMax: 256, bytesMax: limits.welcomeBytesMax, framesHardMax: 4_096 };

export async function connectWebSocket({ url, way, tls, signal }: WebSocketTarget): Promise<FrameChannel> {
  signal.throwIfAborted();
  const { socket: secure } = await way({ address: url, authority: tls.ca, client: { cert: tls.cert, key: tls.key }, signal });
  const socket = new WebSocket(relayUrl(url), {
    createConnection: () => secure,
    perMessageDeflate: false,
    // Masks keep proxies from being fooled by bytes that others chose; inside TLS nobody reads them. Zeros are not applied.
    generateMask: (mask) => void mask.fill(0),
    maxPayload: limits.welcomeBytesMax,
    handshakeTimeout: handshakeTimeoutMs,
    followRedirects: false,
  });
  // Listens from the first moment: a frame that comes with the upgrade must not be lost.
  const channel = socketChannel(socket, queueLimits);
  const abort = (): void => socket.terminate();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await opened(socket, url);
  } finally {
    signal.removeEventListener('abort', abort);
  }
  return {
    ...channel,
    send: async (frame) => {
      await channel.send(frame);
      giveBack(frame);
    },
  };
}

function opened(socket: WebSocket, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      const status = response.statusCode ?? 0;
      const isRefused = status === 401 || status === 403;
      const text = isRefused ? 'the hub does not accept this agent’s certificate; enrol again' : `the hub answered with HTTP ${status}`;
      reject(new AtalaiaError(isRefused ? 'NOT_AUTHORISED' : 'HUB_UNREACHABLE', `${url}: ${text}`, { isRetryable: !isRefused }));
    });
    socket.once('error', (cause) => {
      reject(
        new AtalaiaError('HUB_UNREACHABLE', `${url}: could not connect (${cause.message}); trying again`, { cause, isRetryable: true }),
      );
    });
    socket.once('close', () => reject(new AtalaiaError('HUB_UNREACHABLE', `${url}: connection attempt ended`, { isRetryable: true })));
  });
}
