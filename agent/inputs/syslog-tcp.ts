// Syslog over TCP (RFC 6587) and TLS (RFC 5425): octet counting and lines, recognised message by message on both.
// Over TLS a sender without the certificate that the policy asks for is refused before anything it sent is read. TLS 1.2 is
// the least; sessions are not resumed, so that every connection proves its certificate anew. Certificate files are looked
// at every minute: renewed ones are used for new connections, without a restart.
// SO_REUSEPORT is not set: no other process can take a share of the connections.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { ListenAddress } from '../../config/policy/sources/listen-address.ts';
import type { SyslogSource } from '../../config/policy/sources/sources.ts';
import type { Listening } from './keep-listening.ts';
import { LineServer } from './line-server.ts';
import type { Intake } from './live-input.ts';
import { peerAddress } from './peer-address.ts';
import { openTls } from './syslog-tls.ts';
import { messageTaker } from './take-message.ts';

const backlogWanted = 4_096;

export async function openTcp(source: SyslogSource, address: ListenAddress, intake: Intake): Promise<Listening> {
  const secure = source.tls && (await openTls(source.tls, intake));
  const server = secure?.server ?? createServer();
  const take = messageTaker(source, intake);
  const lineServer = new LineServer(
    {
      server,
      limits: {
        max: source.maxConnections,
        maxPerPeer: source.maxConnectionsPerPeer,
        idleTimeoutMs: source.idleTimeout,
        messageTimeoutMs: source.messageTimeout,
      },
      messageBytesMax: source.maxMessageBytes,
      octetCounting: true,
      peerOf: (socket) => peerAddress(socket.remoteAddress),
      onMessage: ({ peer }, [bytes, start, end, isCut]) => take(peer, bytes.subarray(start, end), isCut),
    },
    intake,
  );
  if (secure) secure.serve(lineServer);
  else {
    server.on('connection', (socket: Socket) => {
      const connection = lineServer.admit(socket);
      if (connection) lineServer.serve(connection, socket);
    });
  }
  try {
    await listen(server, address);
  } catch (error) {
    await secure?.close();
    throw error;
  }
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : address.port;
  intake.log.info({ source: source.id, transport: source.transport, host: address.host, port }, 'listening');
  const listening = lineServer.listening();
  return {
    failed: listening.failed,
    close: async () => {
      await secure?.close();
      await listening.close();
    },
  };
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  // The kernel gives what net.core.somaxconn allows; fewer make a crowd that reconnects wait a second.
  server.listen({ host, port, exclusive: true, ipv6Only: false, backlog: backlogWanted });
  await once(server, 'listening');
}
