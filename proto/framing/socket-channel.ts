// A WebSocket as a FrameChannel, for both ends. Knows nothing of the `ws` package but the shape of its socket.
// Promises: frames in order; a slow reader pauses the socket, so that TCP holds the sender back; at most the queue's hard
// limit is kept in memory, above which the connection is closed; send() resolves when the transport took the frame.
// A text frame arrives as an empty frame: no message encodes to that, so the reader refuses it as the wrong type.
import { AtalaiaError } from '../runtime/errors.ts';
import type { FrameChannel } from '../runtime/channel.ts';
import { defaultQueueLimits, FrameQueue } from './frame-queue.ts';
import { closeCodes } from './refusals.ts';

export interface WebSocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  on(event: 'close', listener: (code: number, reason: Buffer) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  send(data: Uint8Array, options: { binary: boolean }, done: (error?: Error | null) => void): void;
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** Why the channel closed, as the reason of its `closed` signal. */
export class ChannelClosed extends AtalaiaError {
  readonly closeCode: number;

  constructor(closeCode: number, reason: string, cause?: unknown) {
    super('CHANNEL_CLOSED', `connection closed (${closeCode}${reason ? `: ${reason}` : ''})`, { cause, isRetryable: true });
    this.closeCode = closeCode;
  }
}

const reasonBytesMax = 120;
const isOpen = 1;
const noText = new Uint8Array(0);

export function socketChannel(socket: WebSocketLike, queueLimits = defaultQueueLimits): FrameChannel {
  const queue = new FrameQueue(queueLimits);
  const closing = new AbortController();
  let isPaused = false;
  let failure: Error | undefined;

  const closed = (code: number, reason: string): void => {
    queue.end();
    if (!closing.signal.aborted) closing.abort(new ChannelClosed(code, reason, failure));
  };
  const close = (code: number, reason: string): void => {
    if (closing.signal.aborted) return;
    queue.drop();
    // A paused socket would not see the other end's answer.
    socket.resume();
    socket.close(code, Buffer.from(reason).subarray(0, reasonBytesMax).toString());
    closed(code, reason);
  };
  socket.on('message', (data, isBinary) => {
    if (closing.signal.aborted) return;
    if (!queue.push(isBinary ? bytesOf(data) : noText)) close(closeCodes.policy, 'more frames than can be queued');
    else if (queue.isFull && !isPaused) {
      isPaused = true;
      socket.pause();
    }
  });
  socket.on('error', (error) => (failure = error));
  socket.on('close', (code, reason) => closed(code, reason.toString()));

  const onTaken = (): void => {
    if (!isPaused || queue.isFull) return;
    isPaused = false;
    socket.resume();
  };
  return {
    send: (frame) => sendFrame(socket, frame, closing.signal),
    frames: () => queue.pull(onTaken),
    queuedBytes: () => socket.bufferedAmount,
    close,
    closed: closing.signal,
  };
}

function sendFrame(socket: WebSocketLike, frame: Uint8Array, closed: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (closed.aborted || socket.readyState !== isOpen) {
      reject(closed.reason ?? new ChannelClosed(closeCodes.goingAway, 'socket is closing'));
      return;
    }
    socket.send(frame, { binary: true }, (error) => {
      if (error) reject(new ChannelClosed(closeCodes.goingAway, 'frame was not taken', error));
      else resolve();
    });
  });
}

/** ws hands on one Buffer unless told otherwise; anything else is treated like text. */
function bytesOf(data: unknown): Uint8Array {
  return data instanceof Uint8Array ? data : noText;
}
