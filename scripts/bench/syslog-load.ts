// Sends syslog to an agent on loopback, a process of its own so that its work is not the agent's.
// Started by fork: `syslog-load.ts udp|tcp PORT SECONDS RATE SEED`. UDP keeps to RATE messages a second, in small bursts as
// devices send them; TCP sends as fast as it is taken, in lines. Tells its parent how much it sent, and ends.
// Messages are sshd and sudo in RFC 3164, about 120 bytes; more different ones than a batch can hold, so that sending them
// again does not make compression look better than it is.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { streamOf } from './stream/mixed-stream.ts';

/** What the parent hears. */
export interface LoadSent {
  readonly messages: number;
  /** Without what frames them. */
  readonly bytes: number;
  readonly endedMs: number;
}

const differentMessages = 200_000;
const burstMs = 5;
const writtenAtOnce = 64 * 1024;

const [transport = '', port = '', seconds = '', rate = '', seed = ''] = process.argv.slice(2);
if (process.send === undefined) throw new Error('syslog-load is started by the bench');
const messages = streamOf('auth', { seed: Number(seed), startMs: Date.now(), stepMs: 0.05 })
  .take(differentMessages)
  .map((line) => Buffer.from(`<38>${line}`))
  .toArray();
const sent = transport === 'udp' ? await overUdp() : await overTcp();
process.send?.(sent satisfies LoadSent);
process.disconnect?.();

async function overUdp(): Promise<LoadSent> {
  const socket = createSocket({ type: 'udp4', sendBufferSize: 4 * 1024 * 1024 });
  socket.connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const total = Number(rate) * Number(seconds);
  const begunMs = performance.now();
  let count = 0;
  let bytes = 0;
  let sendings: Promise<void>[] = [];
  while (count < total) {
    const due = Math.min(total, Math.floor(((performance.now() - begunMs) / 1_000) * Number(rate)));
    for (; count < due; count++) {
      const message = messages[count % messages.length] ?? Buffer.alloc(0);
      bytes += message.length;
      sendings.push(new Promise((resolve, reject) => socket.send(message, (error) => (error ? reject(error) : resolve()))));
    }
    await Promise.all(sendings);
    sendings = [];
    await delay(burstMs);
  }
  socket.close();
  return { messages: count, bytes, endedMs: Date.now() };
}

async function overTcp(): Promise<LoadSent> {
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const blocks = [...inBlocks()];
  const endMs = performance.now() + Number(seconds) * 1_000;
  const sum = { messages: 0, bytes: 0 };
  for (let at = 0; performance.now() < endMs; at++) {
    const block = blocks[at % blocks.length];
    if (!block) break;
    sum.messages += block.messages;
    sum.bytes += block.text.length - block.messages;
    if (!socket.write(block.text)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
  return { ...sum, endedMs: Date.now() };
}

function* inBlocks(): Generator<{ readonly text: Buffer; readonly messages: number }> {
  let held: Buffer[] = [];
  let bytes = 0;
  for (const message of messages) {
    held.push(message, Buffer.from('\n'));
    bytes += message.length + 1;
    if (bytes < writtenAtOnce) continue;
    yield { text: Buffer.concat(held), messages: held.length / 2 };
    held = [];
    bytes = 0;
  }
}
