// Where a peer sends its lines: a TCP or TLS server on loopback that counts line feeds and forgets what it reads.
// A process of its own, so that its work is not the peer's. Started by fork: `line-receiver.ts [FOLDER]`; with a folder it
// speaks TLS with server.pem, server.key and ca.pem from there and asks for a client certificate. Ends with its parent.
// It acknowledges nothing: a TCP sender takes a line for delivered when the kernel has it.
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

/** What the parent hears. `wireBytes` include TLS and the frames of syslog, not TCP and IP. */
export type ReceiverWord =
  | { readonly is: 'ready'; readonly port: number }
  | { readonly is: 'received'; readonly lines: number; readonly wireBytes: number; readonly atMs: number };

const lineFeed = 0x0a;
const tellIntervalMs = 20;

const [folder] = process.argv.slice(2);
if (process.send === undefined) throw new Error('line-receiver is started by the bench');
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);

let lines = 0;
let wireBytes = 0;
const raw = new Set<Socket>();
const server = createServer();
const secure = folder === undefined ? undefined : createTlsServer({ ...identity(folder), requestCert: true, rejectUnauthorized: true });
server.on('connection', (socket) => {
  raw.add(socket);
  socket.on('error', () => undefined).on('close', () => (wireBytes += raw.delete(socket) ? socket.bytesRead : 0));
  if (secure) secure.emit('connection', socket);
  else socket.on('data', count);
});
secure?.on('secureConnection', (socket) => socket.on('error', () => undefined).on('data', count));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  tell({ is: 'ready', port: typeof address === 'object' && address ? address.port : 0 });
  let told = 0;
  setInterval(() => {
    if (lines === told) return;
    told = lines;
    const open = [...raw].reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    tell({ is: 'received', lines, wireBytes: wireBytes + open, atMs: Date.now() });
  }, tellIntervalMs);
});

function count(chunk: Buffer): void {
  for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, at + 1)) lines++;
}

function identity(from: string): { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer } {
  const read = (name: string): Buffer => readFileSync(join(from, name));
  return { ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key') };
}

function tell(word: ReceiverWord): void {
  if (process.connected) process.send?.(word);
}
