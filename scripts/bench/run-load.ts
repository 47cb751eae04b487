// Starts the load generator beside the bench and steers it.
// Promises: `prepared` has happened when openLoad resolves; allow() lets a share of everything go; close() waits until the
// process is gone.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadLeave, LoadOrder, LoadWord } from './load-agents.ts';

export interface Load {
  readonly pid: number;
  readonly events: number;
  readonly bytes: number;
  readonly batches: number;
  readonly acked: () => number;
  /** What the uplinks last complained of; empty when all is well. */
  readonly problem: () => string;
  allow(share: number): void;
  close(): Promise<void>;
}

export async function openLoad(order: LoadOrder): Promise<Load> {
  const child = fork(join(import.meta.dirname, 'load-agents.ts'), [JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let last: Extract<LoadWord, { is: 'acked' }> = { is: 'acked', events: 0, problem: '' };
  const prepared = await new Promise<Extract<LoadWord, { is: 'prepared' }>>((resolve, reject) => {
    child.on('message', (word: LoadWord) => {
      if (word.is === 'prepared') resolve(word);
      else last = word;
    });
    child.once('exit', (code) => reject(new Error(`the load generator ended with code ${code}`)));
  });
  return {
    ...prepared,
    pid: child.pid ?? 0,
    acked: () => last.events,
    problem: () => last.problem,
    allow: (share) => {
      const leave: LoadLeave = { share };
      child.send(leave);
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
