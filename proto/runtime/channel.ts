// One connection as both ends of the data plane see it: whole frames, in order, nothing about sockets. The real one is
// a WebSocket over mutual TLS; the simulation's cuts, delays and repeats.

export interface FrameChannel {
  /** Queues a frame; resolves when the transport took it, rejects once the channel is closed. */
  send(frame: Uint8Array): Promise<void>;
  /** Frames as they arrive; ends when the channel closes, whoever closed it. Pull is the back-pressure. */
  frames(): AsyncIterable<Uint8Array>;
  /** Bytes queued and not yet taken by the transport. */
  queuedBytes(): number;
  /** WebSocket close code and a short reason. Safe to call twice. */
  close(code: number, reason: string): void;
  /** Aborts when the channel has closed. */
  readonly closed: AbortSignal;
}
