// Puts the gateway behind the WebSocket path of the agents' TLS server.
// Promises: a peer that `peerOf` does not know gets 401 and nothing else; no compression, frames up to the protocol's
// limit (a larger one closes the connection with 1009 before it is in memory); other paths are left to other listeners.
import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { limits } from '../../proto/delivery.ts';
import { socketChannel } from '../../proto/framing/socket-channel.ts';
import type { Gateway } from './gateway.ts';
import type { GatewayLog } from './gateway-ports.ts';

export interface RelayOptions {
  /** `/v1/relay` unless told otherwise. */
  readonly path?: string;
  readonly peerOf: (request: IncomingMessage) => { readonly agentId: string } | undefined;
  readonly gateway: Gateway;
  readonly log: GatewayLog;
  /** Ends every connection of the relay. */
  readonly signal: AbortSignal;
}

export function attachRelay(server: Server, options: RelayOptions): void {
  const { path = '/v1/relay', peerOf, gateway, log, signal } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytesMax,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if ((request.url ?? '').split('?')[0] !== path) {
      if (server.listenerCount('upgrade') === 1) answer(socket, '404 Not Found');
      return;
    }
    const peer = peerOf(request);
    if (!peer) {
      answer(socket, '401 Unauthorized');
      return;
    }
    // An IPv4 peer of a socket that listens on both is written as IPv6.
    const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      gateway.serve(socketChannel(webSocket), { agentId: peer.agentId, address }, signal).catch((error: unknown) => {
        log.error({ err: error, agent: peer.agentId }, 'connection failed; the agent will come back');
        webSocket.terminate();
      });
    });
  };
  server.on('upgrade', onUpgrade);
  signal.addEventListener('abort', () => server.off('upgrade', onUpgrade), { once: true });
}

function answer(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
