// Frames that have arrived and wait to be pulled: the bounded queue between a transport and its one reader.
// Promises: order kept; a full queue says so (`isFull`), and the transport stops reading; what a transport still delivers
// after that is taken up to a hard limit, above which push() answers false and the connection is to be closed.
// end() lets the reader have what is queued; drop() does not.

export interface FrameQueueLimits {
  /** From here on the transport should pause. */
  readonly framesMax: number;
  readonly bytesMax: number;
  /** What a paused transport may still deliver out of its own buffer. */
  readonly framesHardMax: number;
}

export const defaultQueueLimits: FrameQueueLimits = { framesMax: 64, bytesMax: 2 * 1024 * 1024, framesHardMax: 4_096 };

export class FrameQueue {
  readonly #limits: FrameQueueLimits;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #hasEnded = false;
  #rouse: (() => void) | undefined;

  constructor(limits: FrameQueueLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#frames.length >= this.#limits.framesMax || this.#bytes >= this.#limits.bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(frame: Uint8Array): boolean {
    if (this.#hasEnded) return true;
    if (this.#frames.length >= this.#limits.framesHardMax) return false;
    this.#frames.push(frame);
    this.#bytes += frame.length;
    this.#rouse?.();
    return true;
  }

  end(): void {
    this.#hasEnded = true;
    this.#rouse?.();
  }

  drop(): void {
    this.#frames = [];
    this.#bytes = 0;
    this.end();
  }

  /** `onTaken` is called after each frame, so that a paused transport can go on. */
  async *pull(onTaken: () => void): AsyncGenerator<Uint8Array> {
    while (true) {
      const frame = this.#frames.shift();
      if (frame) {
        this.#bytes -= frame.length;
        onTaken();
        yield frame;
      } else if (this.#hasEnded) return;
      else {
        await new Promise<void>((resolve) => (this.#rouse = resolve));
        this.#rouse = undefined;
      }
    }
  }
}
