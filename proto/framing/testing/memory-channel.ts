// Two ends of a connection in memory, for tests. Frames are copied, as a network would; cut() ends both without a word.
import type { FrameChannel } from '../../runtime/channel.ts';
import { defaultQueueLimits, FrameQueue } from '../frame-queue.ts';
import { ChannelClosed } from '../socket-channel.ts';

export interface MemoryChannels {
  readonly agentEnd: FrameChannel;
  readonly hubEnd: FrameChannel;
  cut(): void;
}

export function memoryChannels(): MemoryChannels {
  const toHub = new FrameQueue(defaultQueueLimits);
  const toAgent = new FrameQueue(defaultQueueLimits);
  const agentClosed = new AbortController();
  const hubClosed = new AbortController();
  const shut = (code: number, reason: string): void => {
    toHub.end();
    toAgent.end();
    agentClosed.abort(new ChannelClosed(code, reason));
    hubClosed.abort(new ChannelClosed(code, reason));
  };
  const end = (own: AbortController, incoming: FrameQueue, outgoing: FrameQueue): FrameChannel => ({
    async send(frame) {
      own.signal.throwIfAborted();
      outgoing.push(Uint8Array.from(frame));
    },
    frames: () => incoming.pull(() => {}),
    queuedBytes: () => 0,
    close(code, reason) {
      if (own.signal.aborted) return;
      incoming.drop();
      shut(code, reason);
    },
    closed: own.signal,
  });
  return {
    agentEnd: end(agentClosed, toAgent, toHub),
    hubEnd: end(hubClosed, toHub, toAgent),
    cut: () => {
      toHub.drop();
      toAgent.drop();
      shut(1006, 'cut');
    },
  };
}
