// What an Uplink needs to reach the hubs of a cluster: one door that opens the relay, one through which it only looks.
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import type { HubWay } from '../ports.ts';
import { connectWebSocket } from './connect-web-socket.ts';

/** PEM texts; asked for at each connection, because a certificate is renewed while the agent runs. */
interface Papers {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export interface HubDoors {
  readonly connect: (address: string, signal: AbortSignal) => Promise<FrameChannel>;
  readonly look: (address: string, signal: AbortSignal) => Promise<void>;
}

export function hubDoors(way: HubWay, papersNow: () => Papers): HubDoors {
  return {
    connect: (url, signal) => {
      const { authority: ca, certificate: cert, key } = papersNow();
      return connectWebSocket({ url, way, tls: { ca, cert, key }, signal });
    },
    look: async (address, signal) => {
      const { authority, certificate: cert, key } = papersNow();
      const { socket } = await way({ address, authority, client: { cert, key }, signal });
      // As politely as TLS can, so that the hub has nothing to log.
      socket.on('error', () => undefined).end();
      socket.destroySoon();
    },
  };
}
