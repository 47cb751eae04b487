// The TLS server of a syslog source: its certificate, and who may speak to it.
import { constants } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import type { SyslogSource } from '../../config/policy/sources/sources.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import type { Connection } from './connections.ts';
import type { LineServer } from './line-server.ts';
import type { Intake } from './live-input.ts';
import { peerAddress } from './peer-address.ts';

type TlsOptions = NonNullable<SyslogSource['tls']>;

export interface SecureServer {
  readonly server: Server;
  serve(lineServer: LineServer): void;
  close(): Promise<void>;
}

const handshakeTimeoutMs = 10_000;
const lookIntervalMs = 60_000;

export async function openTls(options: TlsOptions, intake: Intake): Promise<SecureServer> {
  const isAsked = options.clientCertificate !== 'none';
  const server = createServer({
    ...(await readIdentity(options)),
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: isAsked,
    // Judged in refusalOf, which can say why.
    rejectUnauthorized: false,
  });
  const stop = new AbortController();
  const looking = lookForRenewed(server, options, intake, stop.signal);
  return {
    server,
    serve: (lineServer) => serve(server, lineServer, options, intake),
    close: async () => {
      stop.abort();
      await looking;
    },
  };
}

function serve(server: Server, lineServer: LineServer, options: TlsOptions, { problems }: Intake): void {
  // A place is taken before the handshake: it is the handshake that costs.
  const admitted = new Map<string, Connection>();
  server.on('connection', (socket: Socket) => {
    const connection = lineServer.admit(socket);
    if (!connection) return;
    const key = endOf(socket);
    admitted.set(key, connection);
    socket.once('close', () => admitted.delete(key));
  });
  server.on('tlsClientError', (error, socket: TLSSocket) => {
    const who = peerAddress(socket.remoteAddress) || 'a sender';
    problems.set('handshake', `TLS with ${who} failed: ${errorCode(error) ?? error.message}; compare certificates and TLS versions`);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const connection = admitted.get(endOf(socket));
    const refusal = refusalOf(socket, options);
    if (connection && refusal === undefined) {
      lineServer.serve(connection, socket);
      return;
    }
    socket.on('error', () => undefined);
    socket.destroy();
    if (connection && refusal !== undefined) problems.set('certificate', `refused ${connection.peer}: ${refusal}`);
  });
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function refusalOf(socket: TLSSocket, { clientCertificate }: TlsOptions): string | undefined {
  if (clientCertificate === 'none') return undefined;
  const hasCertificate = socket.getPeerX509Certificate() !== undefined;
  if (!hasCertificate) return clientCertificate === 'required' ? 'it sent no certificate; give it one that clientCa signed' : undefined;
  return socket.authorized
    ? undefined
    : `its certificate is not good (${String(socket.authorizationError)}); clientCa has to have signed it`;
}

async function lookForRenewed(server: Server, options: TlsOptions, intake: Intake, signal: AbortSignal): Promise<void> {
  let before = await versionOf(options);
  for await (const _ of ticks(lookIntervalMs, { clock: intake.clock, signal })) {
    const now = await versionOf(options);
    if (now === before) continue;
    try {
      server.setSecureContext({ ...(await readIdentity(options)), minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET });
      before = now;
      intake.problems.clear('renewal');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      intake.problems.set('renewal', `the changed certificate is not used, the one before goes on: ${reason}`);
    }
  }
}

/** Changes when one of the files does. */
async function versionOf(options: TlsOptions): Promise<string> {
  const stats = await Promise.all(filesOf(options).map((path) => stat(path).catch(() => undefined)));
  return stats.map((file) => (file ? `${file.ino} ${file.size} ${file.mtimeMs}` : 'none')).join(', ');
}

async function readIdentity(options: TlsOptions): Promise<SecureContextOptions> {
  const [cert, key, ca] = await Promise.all(filesOf(options).map(readPem));
  return { ...(cert ? { cert } : {}), ...(key ? { key } : {}), ...(ca ? { ca } : {}) };
}

function filesOf({ certificate, key, clientCa }: TlsOptions): string[] {
  return [certificate, key, ...(clientCa === undefined ? [] : [clientCa])];
}

async function readPem(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const remedy = errorCode(error) === 'EACCES' ? "let the agent's user read it" : 'check the path';
    throw new AtalaiaError('TLS_FILE', `${path} cannot be read (${errorCode(error)}); ${remedy}`, { cause: error });
  }
}
