// A worker thread's entry: lines into rows and findings, in the order of the messages (hub/work.ts says which).
// Anything thrown ends the thread on purpose: the pipeline then begins anew from the journal and finds out which line it
// was. Ignores the process's signals by nature: threads have none; it ends when the pool ends it.
import { parentPort, workerData } from 'node:worker_threads';
import { loadDecoders } from '../config/decoders/load-decoders.ts';
import { assert } from '../proto/runtime/errors.ts';
import { compileRules } from './detect/engine/ruleset.ts';
import { LineWork } from './line-work.ts';
import { createNormaliser } from './normalise/create-normaliser.ts';
import { BlockWriter } from './store/native/block-writer.ts';
import type { FromWorker, RuleSource, ToWorker, WorkerStart } from './work.ts';

assert(parentPort, 'the worker runs in a thread of the hub');
const port = parentPort;
// Ours: the pool starts this thread.
const start = workerData as WorkerStart;
const turn = new Int32Array(start.turn);
const writer = new BlockWriter({ folder: start.blocksFolder, name: start.name });
const lines = new LineWork({ normaliser: createNormaliser(loadDecoders()), ruleset: compileRules(readRules()).ruleset, writer, trying });
let write = 0;

port.on('message', (message: ToWorker) => void take(message));
send({ is: 'ready' });

async function take(message: ToWorker): Promise<void> {
  if (message.is === 'seal') {
    const { file, rows } = await writer.seal(message.block);
    send({ is: 'sealed', block: message.block, file, rows });
    return;
  }
  write = message.write;
  const worked = new TextEncoder().encode(JSON.stringify(lines.work(message)));
  port.postMessage({ is: 'worked', write, worked } satisfies FromWorker, [worked.buffer]);
}

/** Stands still until the line is written down. */
function trying(entry: number, index: number): void {
  Atomics.store(turn, 0, 0);
  send({ is: 'trying', write, entry, index });
  Atomics.wait(turn, 0, 0);
}

function readRules(): RuleSource[] {
  // Ours: the pool wrote it.
  return JSON.parse(Buffer.from(new Uint8Array(start.rules)).toString('utf8')) as RuleSource[];
}

function send(message: FromWorker): void {
  port.postMessage(message);
}
