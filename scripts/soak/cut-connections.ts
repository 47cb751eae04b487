// A way between agents and a hub that can be cut: what it carries it does not look at.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class CuttableWay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async open(to: number): Promise<CuttableWay> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A TCP server always has such an address.
    const way = new CuttableWay(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => {
      const far = connect(to, '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        way.#sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            way.#sockets.delete(socket);
            other.destroy();
          });
        socket.pipe(other);
      }
    });
    return way;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => void this.#server.close(resolve));
  }
}
