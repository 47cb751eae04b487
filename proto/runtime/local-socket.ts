// A running program answers local commands over a Unix socket in its data folder: `agent.sock`, `hub.sock`.
// Promises: mode 0600 from the first moment; one small JSON question per connection, one JSON line as the answer, or one
// after the other where the answer goes on (local-stream.ts); bounded in size, time and number of connections. A socket
// left behind by a program that died is replaced, one in use is not.
// Whoever can open the socket is the program's own user (or root): nothing else is asked of them.
import { chmod, unlink } from 'node:fs/promises';
import { setMaxListeners } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { AtalaiaError, errorCode } from './errors.ts';
import { isAbsent, localSocketPath, notAsked, type LocalQuestion, type Program } from './local-path.ts';
import { isStream, streamTo } from './local-stream.ts';

const questionBytesMax = 64 * 1024;
const answerBytesMax = 16 * 1024 * 1024;
const connectionsMax = 16;
const timeoutMs = 5_000;
/** A search takes its time; it has limits of its own. */
const answerMsMax = 120_000;
export interface LocalSocket {
  close(): Promise<void>;
}

/** `answers` maps a question to what is told; the answer is made when it is asked for. `wish` is what came with the
 * question, unchecked; `left` aborts when the asker is gone. A rejected answer is told as its code and text; an async
 * iterable is told for as long as it goes on, or until the socket is closed. */
export type Answers = Readonly<Record<string, (wish: unknown, left: AbortSignal) => unknown>>;

export async function openLocalSocket(dataFolder: string, program: Program, answers: Answers): Promise<LocalSocket> {
  const path = localSocketPath(dataFolder, program);
  if (await isAnswering(path))
    throw new AtalaiaError('ALREADY_RUNNING', `another ${program} already runs on ${dataFolder}; stop it or use another data folder`);
  await unlink(path).catch(() => undefined);
  const closing = new AbortController();
  setMaxListeners(connectionsMax + 1, closing.signal);
  const server = createServer((socket) => answer(socket, answers, closing.signal));
  server.maxConnections = connectionsMax;
  await listen(server, path);
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      closing.abort();
      await closed;
      await unlink(path).catch(() => undefined);
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // The socket is made in this very call, under the umask above.
      server.listen(path, resolve);
      process.umask(before);
    });
  } finally {
    process.umask(before);
  }
  await chmod(path, 0o600);
}

function answer(socket: Socket, answers: Answers, closing: AbortSignal): void {
  const left = new AbortController();
  socket.once('close', () => left.abort());
  let question = '';
  socket.setTimeout(timeoutMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  // A character may lie across two chunks.
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    question += chunk;
    if (question.length > questionBytesMax) socket.destroy();
    else if (question.includes('\n')) {
      socket.removeAllListeners('data');
      socket.setTimeout(answerMsMax);
      void tell(socket, told(question, answers, left.signal), closing);
    }
  });
}

async function tell(socket: Socket, answer: Promise<unknown>, closing: AbortSignal): Promise<void> {
  const answered = await answer;
  if (isStream(answered)) await streamTo(socket, answered, closing);
  else socket.end(`${JSON.stringify(answered)}\n`);
}

async function told(question: string, answers: Answers, left: AbortSignal): Promise<unknown> {
  const asked = readQuestion(question);
  const make = asked !== undefined && Object.hasOwn(answers, asked.ask) ? answers[asked.ask] : undefined;
  if (!asked || !make) return { error: `ask one of ${Object.keys(answers).join(', ')}`, code: 'USAGE' };
  try {
    return await make(asked.wish, left);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), code: errorCode(error) ?? 'FAILED' };
  }
}

function readQuestion(text: string): { readonly ask: string; readonly wish: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('ask' in value) || typeof value.ask !== 'string') return undefined;
    return { ask: value.ask, wish: 'wish' in value ? value.wish : undefined };
  } catch {
    return undefined;
  }
}

/** The answer of the program that runs on the folder; undefined when none does. */
export async function askLocal(dataFolder: string, { program, ask, wish }: LocalQuestion): Promise<unknown> {
  const path = localSocketPath(dataFolder, program);
  const text = await new Promise<string | undefined>((resolve, reject) => {
    const socket = connect(path);
    let answered = '';
    socket.setTimeout(answerMsMax, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => socket.write(`${JSON.stringify({ ask, wish })}\n`));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answered += chunk;
      if (answered.length > answerBytesMax) socket.destroy(new Error('the answer is too long'));
    });
    socket.once('end', () => resolve(answered));
    socket.once('error', (error) => (isAbsent(error) ? resolve(undefined) : reject(notAsked(path, error))));
  });
  return text === undefined ? undefined : JSON.parse(text);
}

async function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(timeoutMs, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', (error) => end(!isAbsent(error)));
  });
}
