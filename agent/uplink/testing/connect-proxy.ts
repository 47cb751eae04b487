// A small HTTP proxy on loopback that knows CONNECT alone. It answers as a test says, or passes bytes on.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** Head of each request, as it came. */
  readonly requests: string[];
  /** Bytes that passed through towards the hub. */
  passed(): Buffer;
  close(): void;
}

export interface ProxyManners {
  /** `Basic …` that it wants to see; anybody may pass without. */
  readonly wants?: string;
  /** Said instead of passing anything on. */
  readonly says?: string;
  /** Says nothing at all. */
  readonly isSilent?: boolean;
  /** Answers byte by byte, the first bytes of the hub right behind its own. */
  readonly inPieces?: boolean;
  /** Goes without a word. */
  readonly hangsUp?: boolean;
}

export async function openConnectProxy(manners: ProxyManners = {}): Promise<ConnectProxy> {
  const requests: string[] = [];
  const passed: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    serve(socket, { manners, requests, passed, sockets }).catch(() => socket.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // As Node gives it for a listening TCP server.
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${port}`, requests, passed: () => Buffer.concat(passed), close };
}

interface Serving {
  readonly manners: ProxyManners;
  readonly requests: string[];
  readonly passed: Buffer[];
  readonly sockets: Set<Socket>;
}

async function serve(socket: Socket, { manners, requests, passed, sockets }: Serving): Promise<void> {
  let head = '';
  while (!head.includes('\r\n\r\n')) {
    const [chunk] = await once(socket, 'data');
    head += String(chunk);
  }
  requests.push(head);
  if (manners.isSilent) return;
  if (manners.hangsUp) {
    socket.end();
    return;
  }
  if (manners.says !== undefined) {
    socket.end(manners.says);
    return;
  }
  const given = /^proxy-authorization: (.*)$/im.exec(head)?.[1];
  if (manners.wants !== undefined && given !== manners.wants) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\n\r\n');
    return;
  }
  const [, host = '', port = ''] = /^CONNECT \[?([^\]\s]+?)\]?:(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
  const hub = connect({ host, port: Number(port) });
  sockets.add(hub.on('error', () => socket.destroy()));
  await once(hub, 'connect');
  const answer = 'HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n';
  for (const piece of manners.inPieces ? answer : [answer]) await written(socket, piece);
  socket.on('data', (chunk: Buffer) => void passed.push(chunk));
  socket.pipe(hub);
  hub.pipe(socket);
}

/** Each piece in a packet of its own. */
function written(socket: Socket, piece: string): Promise<void> {
  socket.setNoDelay(true);
  return new Promise((resolve) => socket.write(piece, () => setImmediate(resolve)));
}
