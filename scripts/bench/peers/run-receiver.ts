// Starts a line receiver beside the bench and listens to it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Wake } from '../../../proto/runtime/wake.ts';
import type { ReceiverWord } from './line-receiver.ts';

export interface Receiver {
  readonly port: number;
  wireBytes(): number;
  /** When that many lines had come, in milliseconds since 1970; rejects when the signal aborts before. */
  received(lines: number, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/** `tlsFolder`: see line-receiver.ts. */
export async function openReceiver(tlsFolder?: string): Promise<Receiver> {
  const args = tlsFolder === undefined ? [] : [tlsFolder];
  const child = fork(join(import.meta.dirname, 'line-receiver.ts'), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const heard = new Wake();
  let last = { lines: 0, wireBytes: 0, atMs: 0 };
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (word: ReceiverWord) => {
      if (word.is === 'ready') resolve(word.port);
      else last = word;
      heard.wake();
    });
    child.once('exit', (code) => reject(new Error(`the receiver ended with code ${code}`)));
  });
  return {
    port,
    wireBytes: () => last.wireBytes,
    received: async (lines, signal) => {
      while (last.lines < lines) {
        signal.throwIfAborted();
        await heard.wait(signal);
      }
      return last.atMs;
    },
    close: async () => {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
