// Starts the sink hub beside the bench and listens to it.
// Promises: committed() resolves when so many lines are committed, and rejects when the sink ends before; close() waits
// until the process is gone.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Wake } from '../../proto/runtime/wake.ts';
import type { SinkWord } from './sink-hub.ts';

export interface Sink {
  readonly pid: number;
  readonly url: string;
  /** Gives each token once. */
  readonly token: () => string;
  /** Lines committed so far, when the last of them were, and when the first batch of all had come. */
  readonly committedSoFar: () => { readonly lines: number; readonly atMs: number; readonly firstMs: number };
  /** When that many lines were committed, in milliseconds since 1970. */
  committed(lines: number, signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

export async function openSink(folder: string): Promise<Sink> {
  const child = fork(join(import.meta.dirname, 'sink-hub.ts'), [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const heard = new Wake();
  let last = { lines: 0, atMs: 0, firstMs: 0 };
  const ready = new Promise<Extract<SinkWord, { is: 'ready' }>>((resolve, reject) => {
    child.on('message', (word: SinkWord) => {
      if (word.is === 'ready') resolve(word);
      else last = word;
      heard.wake();
    });
    child.once('exit', (code) => reject(new Error(`the sink hub ended with code ${code}`)));
  });
  child.on('exit', () => heard.wake());
  const { port, tokens } = await ready;
  const left = [...tokens];
  return {
    pid: child.pid ?? 0,
    url: `wss://127.0.0.1:${port}`,
    token: () => left.shift() ?? '',
    committedSoFar: () => last,
    committed: async (lines, signal) => {
      while (last.lines < lines) {
        signal.throwIfAborted();
        if (child.exitCode !== null) throw new Error('the sink hub ended before everything was committed');
        await heard.wait(signal);
      }
      return last.atMs;
    },
    close: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  if (child.connected) child.disconnect();
  await gone;
}
