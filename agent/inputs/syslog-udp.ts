// Syslog over UDP (RFC 5426, and what was there before it): one datagram is one message.
// Promises: what the kernel gave to us is handed on or counted as dropped, and what the kernel itself dropped is counted
// too, within two seconds (reason `kernel`); an empty datagram is no message. UDP cannot wait: while the pipeline does, and
// the agent's own memory is full, the newest messages are dropped (reason `receive-memory`).
// The port is ours alone: neither SO_REUSEADDR nor SO_REUSEPORT is set, either of which would let another process of this
// host take a share of the datagrams.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ListenAddress } from '../../config/policy/sources/listen-address.ts';
import type { SyslogSource } from '../../config/policy/sources/sources.ts';
import { ticks } from '../../proto/runtime/ticks.ts';
import type { Listening } from './keep-listening.ts';
import type { Intake } from './live-input.ts';
import { peerAddress } from './peer-address.ts';
import { messageTaker } from './take-message.ts';
import { udpSocketState } from './udp-drops.ts';

const dropsIntervalMs = 2_000;
const lingerStepMs = 10;
const lingerStepsMax = 50;
const mebibyte = 1024 * 1024;

export async function openUdp(source: SyslogSource, address: ListenAddress, intake: Intake): Promise<Listening> {
  const type = address.host.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket({ type, reuseAddr: false, recvBufferSize: source.receiveBuffer });
  socket.bind({ address: address.host, port: address.port, exclusive: true });
  try {
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
  const failed = new Promise<unknown>((resolve) => socket.once('close', resolve));
  const { port } = socket.address();
  const bound = { host: address.host, port };
  intake.log.info({ source: source.id, transport: 'udp', ...bound }, 'listening');
  tellReceiveBuffer(socket, source, intake);
  const kernel = new KernelWatch(bound, intake);
  socket.on('error', (error) => intake.problems.set('socket', `receiving failed: ${error.message}; it goes on`));
  receive(socket, source, intake);
  return {
    failed,
    close: async () => {
      await kernel.end();
      socket.close();
      await failed;
    },
  };
}

function receive(socket: Socket, source: SyslogSource, intake: Intake): void {
  const take = messageTaker(source, intake);
  const { maxMessageBytes } = source;
  socket.on('message', (datagram, { address }) => {
    let end = datagram.length;
    while (end > 0 && isLineEnd(datagram[end - 1])) end--;
    if (end > 0) take(peerAddress(address), datagram.subarray(0, Math.min(end, maxMessageBytes)), end > maxMessageBytes);
  });
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0;
}

/** Linux gives twice what it counts, for its own overhead. */
function tellReceiveBuffer(socket: Socket, { receiveBuffer }: SyslogSource, { problems }: Intake): void {
  const given = socket.getRecvBufferSize() / (process.platform === 'linux' ? 2 : 1);
  if (given >= receiveBuffer) {
    problems.clear('buffer');
    return;
  }
  const gave = `the kernel gave a receive buffer of ${megabytes(given)} MiB where receiveBuffer asks for ${megabytes(receiveBuffer)}`;
  problems.set('buffer', `${gave}, so that bursts are lost sooner; allow it: sysctl -w net.core.rmem_max=${receiveBuffer}`);
}

function megabytes(bytes: number): string {
  return (bytes / mebibyte).toFixed(bytes % mebibyte === 0 ? 0 : 2);
}

/** What the kernel drops and what it still holds, looked at again and again. */
class KernelWatch {
  readonly #address: ListenAddress;
  readonly #intake: Intake;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  #drops = 0;

  constructor(address: ListenAddress, intake: Intake) {
    this.#address = address;
    this.#intake = intake;
    this.#watching = this.#watch();
  }

  /** Waits a moment for what the kernel holds, so that it is received, and counts the last drops. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#look();
    for (let step = 0; step < lingerStepsMax && this.#intake.lagBytes > 0; step++) {
      await this.#intake.clock.sleep(lingerStepMs);
      await this.#look();
    }
    this.#intake.lagBytes = 0;
  }

  async #watch(): Promise<void> {
    for await (const _ of ticks(dropsIntervalMs, { clock: this.#intake.clock, signal: this.#stop.signal })) await this.#look();
  }

  async #look(): Promise<void> {
    const intake = this.#intake;
    const state = await udpSocketState(this.#address);
    if (!state) return;
    // The kernel counts in 32 bits and wraps.
    const fresh = (state.drops - this.#drops) >>> 0;
    this.#drops = state.drops;
    intake.lagBytes = state.waitingBytes;
    if (fresh > 0) intake.lines.drop(intake.streams.own(), 'kernel', fresh);
  }
}
