// Sends numbered lines to the live sources of an agent as programs and devices do: over UDP, TCP, TLS and a Unix socket,
// into its standard input, and as the output of a command that it runs.
// Promises: what can be connected is connected again by itself, which is a new connection in the book; nothing is sent to
// whom nobody listens; a sender that is told to wait waits, and never holds up the others.
import { once } from 'node:events';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { Writable } from 'node:stream';
import { LiveBook, type Connection } from './live-book.ts';
import { liveNames, socketPath, type LiveName, type SourcePlaces } from './sources.ts';
import type { WrittenLines } from './written-lines.ts';

interface Sender {
  readonly connection: Connection;
  readonly target: Writable | UdpSocket;
}

/** What the agent's process of now offers. */
export interface AgentProcess {
  readonly stdin: Writable | undefined;
  readonly exited: Promise<unknown>;
}

const retryMs = 40;
const beginMsMax = 10_000;
const waitingBytesMax = 128 * 1024;

export class LiveWriters {
  readonly book = new LiveBook();
  readonly #places: Pick<SourcePlaces, 'folder' | 'ports'>;
  readonly #senders = new Map<LiveName, Sender>();
  readonly #commands: Server;
  /** A command outlives an agent that was killed, until it has something to print. */
  readonly #commandRuns = new Set<Socket>();
  #process: AgentProcess | undefined;
  #isClosed = false;

  private constructor(places: Pick<SourcePlaces, 'folder' | 'ports'>, commands: Server) {
    this.#places = places;
    this.#commands = commands;
  }

  static async open(places: Pick<SourcePlaces, 'folder' | 'ports'>): Promise<LiveWriters> {
    const commands = createServer();
    const writers = new LiveWriters(places, commands);
    commands.on('connection', (socket) => {
      writers.#commandRuns.add(socket);
      socket.once('close', () => writers.#commandRuns.delete(socket));
      writers.#follow('exec', socket);
    });
    commands.listen(commandSocket(places.folder));
    await once(commands, 'listening');
    return writers;
  }

  /** A process of the agent answers. Resolves when every live source has somebody to send to, it died, or after a while. */
  async begin(process: AgentProcess): Promise<void> {
    this.#process = process;
    const untilMs = Date.now() + beginMsMax;
    void this.#endWith(process);
    if (process.stdin) this.#follow('stdin', process.stdin);
    await this.#untilConnected(process, untilMs);
  }

  /** After the agent closed and opened its sockets. */
  async untilConnected(): Promise<void> {
    if (this.#process) await this.#untilConnected(this.#process, Date.now() + beginMsMax);
  }

  async #untilConnected(process: AgentProcess, untilMs: number): Promise<void> {
    while (this.#process === process && this.#senders.size < liveNames.length && Date.now() < untilMs) {
      this.#dial();
      await delay(retryMs);
    }
  }

  /** Whether the book's process of now is the one with this standard input. */
  isOf(stdin: Writable | undefined): boolean {
    return this.#process?.stdin === stdin && stdin !== undefined;
  }

  /** False when nobody takes it now. */
  write(source: LiveName, written: WrittenLines): boolean {
    const sender = this.#senders.get(source);
    if (!sender) {
      if (this.#process) this.#dial(source);
      return false;
    }
    const { target, connection } = sender;
    if (!('bind' in target) && (!target.writable || target.writableLength > waitingBytesMax)) return false;
    const padding = written.padding();
    const { number, text } = written.note(source, connection.run, (at, token) => framed(source, at, `${token} ${padding}`));
    connection.numbers.push(number);
    if ('bind' in target) target.send(text);
    else target.write(source === 'tls' ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`);
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#process = undefined;
    for (const { target } of this.#senders.values())
      if ('bind' in target) target.close();
      else target.destroy();
    this.#senders.clear();
    this.#endCommands();
    await new Promise((resolve) => void this.#commands.close(resolve));
  }

  async #endWith(process: AgentProcess): Promise<void> {
    await process.exited;
    if (this.#process !== process) return;
    this.#process = undefined;
    const udp = this.#senders.get('udp');
    if (udp && 'bind' in udp.target) udp.target.close();
    this.#senders.clear();
    this.#endCommands();
    this.book.processEnded();
  }

  #endCommands(): void {
    for (const run of this.#commandRuns) run.destroy();
  }

  #dial(only?: LiveName): void {
    const { folder, ports } = this.#places;
    const isDue = (source: LiveName): boolean => (only ?? source) === source && !this.#senders.has(source) && !this.#dialling.has(source);
    if (isDue('tcp')) this.#tried('tcp', connectTcp(ports.tcp, '127.0.0.1'), 'connect');
    // The certificate is the test's own; whether senders are verified is tested beside the input.
    if (isDue('tls')) this.#tried('tls', connectTls({ port: ports.tls, host: '127.0.0.1', rejectUnauthorized: false }), 'secureConnect');
    if (isDue('socket')) this.#tried('socket', connectTcp(socketPath(folder)), 'connect');
    if (isDue('udp') && isBound(ports.udp)) void this.#dialUdp();
  }

  readonly #dialling = new Set<LiveName>();

  #tried(source: LiveName, socket: Socket, event: string): void {
    this.#dialling.add(source);
    const over = (): void => void this.#dialling.delete(source);
    socket.on('error', over).on('close', over);
    socket.once(event, () => {
      over();
      if (this.#process && !this.#isClosed) this.#follow(source, socket);
      else socket.destroy();
    });
  }

  async #dialUdp(): Promise<void> {
    this.#dialling.add('udp');
    const socket = createSocket('udp4');
    socket.on('error', () => undefined);
    socket.connect(this.#places.ports.udp, '127.0.0.1');
    await once(socket, 'connect');
    this.#dialling.delete('udp');
    if (this.#process && !this.#isClosed) this.#senders.set('udp', { connection: this.book.open('udp'), target: socket });
    else socket.close();
  }

  /** A command's newest run takes the place of one that a dead agent left behind. */
  #follow(source: LiveName, target: Writable): void {
    const connection = this.book.open(source);
    const sender = { connection, target };
    this.#replace(source);
    this.#senders.set(source, sender);
    const over = (): void => {
      connection.isOver = true;
      if (this.#senders.get(source) === sender) this.#senders.delete(source);
    };
    target.on('error', over).on('close', over);
  }

  #replace(source: LiveName): void {
    const before = this.#senders.get(source);
    if (!before) return;
    before.connection.isOver = true;
    this.#senders.delete(source);
    if (!('bind' in before.target)) before.target.destroy();
  }
}

/** Where the command that the agent runs gets what it prints. */
export function commandSocket(folder: string): string {
  return join(folder, 'command.sock');
}

function framed(source: LiveName, at: string, message: string): string {
  if (source === 'udp' || source === 'tls') return `<13>1 ${at} crash1 crashd 1 - - ${message}`;
  if (source === 'tcp') return `<13>${at} crash1 crashd[1]: ${message}`;
  return `${at} crash1 crashd[1]: ${message}`;
}

/** As the kernel shows it: 0100007F:1234, 127.0.0.1 and the port in hexadecimal. */
function isBound(port: number): boolean {
  const place = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/udp', 'utf8').includes(` ${place} `);
}
