// An answer of a running program that goes on: one JSON line after the other over the local socket.
// Promises: the program waits for a reader that is slow (what it holds back meanwhile is the answer's own matter) and
// stops when the reader leaves; lines are bounded.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AtalaiaError, errorCode } from './errors.ts';
import { isAbsent, localSocketPath, notAsked, type LocalQuestion } from './local-path.ts';

const lineBytesMax = 16 * 1024 * 1024;

export function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}

/** Ends with the answer, with the connection or when the program stops, whichever is first. Never rejects. */
export async function streamTo(socket: Socket, answer: AsyncIterable<unknown>, closing: AbortSignal): Promise<void> {
  const end = (): void => void socket.destroy();
  closing.addEventListener('abort', end);
  if (closing.aborted) end();
  socket.setTimeout(0);
  try {
    for await (const one of answer) {
      if (socket.destroyed) return;
      if (!socket.write(`${JSON.stringify(one)}\n`)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    }
    socket.end();
  } catch (error) {
    socket.end(
      `${JSON.stringify({ error: error instanceof Error ? error.message : String(error), code: errorCode(error) ?? 'FAILED' })}\n`,
    );
  } finally {
    closing.removeEventListener('abort', end);
  }
}

/** What the program on the folder answers until it ends the answer; undefined when none runs there. */
export async function followLocal(
  dataFolder: string,
  { program, ask, wish }: LocalQuestion,
): Promise<AsyncGenerator<unknown, void> | undefined> {
  const path = localSocketPath(dataFolder, program);
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    socket.destroy();
    if (isAbsent(error)) return undefined;
    throw notAsked(path, error);
  }
  socket.write(`${JSON.stringify({ ask, wish })}\n`);
  return lines(socket);
}

async function* lines(socket: Socket): AsyncGenerator<unknown, void> {
  let rest = '';
  try {
    for await (const chunk of socket.setEncoding('utf8')) {
      const [first = '', ...more] = String(chunk).split('\n');
      rest += first;
      for (const next of more) {
        yield JSON.parse(rest);
        rest = next;
      }
      if (rest.length > lineBytesMax) throw new AtalaiaError('ANSWER_TOO_LONG', 'the program answered with a line that is too long');
    }
  } catch (error) {
    if (errorCode(error) !== 'ECONNRESET') throw error;
  } finally {
    socket.destroy();
  }
}
