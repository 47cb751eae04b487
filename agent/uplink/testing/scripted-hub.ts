// A hub that does what a test says. Each connection of the uplink is one `Visit` with what was said on it.
import { protocolVersion, type LaneName } from '../../../proto/delivery.ts';
import { decodeAgentFrame } from '../../../proto/framing/decode-agent-frame.ts';
import { encodeAck, encodeRefusal, encodeWelcome } from '../../../proto/framing/encode-hub-frame.ts';
import type { AgentFrame, BatchFrame, Clocks, Credit, Hello, LaneWelcome, RefusalCode } from '../../../proto/framing/messages.ts';
import { memoryChannels, type MemoryChannels } from '../../../proto/framing/testing/memory-channel.ts';
import type { FrameChannel } from '../../../proto/runtime/channel.ts';
import { AtalaiaError } from '../../../proto/runtime/errors.ts';

export class Visit {
  readonly channels: MemoryChannels = memoryChannels();
  readonly received: AgentFrame[] = [];
  readonly sizes: number[] = [];
  isClosed = false;

  constructor() {
    void this.#listen();
  }

  get hellos(): Hello[] {
    return this.received.flatMap((frame) => (frame.is === 'hello' ? [frame.hello] : []));
  }

  get batches(): BatchFrame[] {
    return this.received.flatMap((frame) => (frame.is === 'batch' ? [frame.batch] : []));
  }

  /** Lanes and sequences as they came. */
  get order(): string[] {
    return this.batches.map(({ lane, sequence }) => `${lane} ${sequence}`);
  }

  async welcome(credit: Credit = { batches: 64, bytes: 1e6 }, changes: Partial<LaneWelcome> = {}, hubId = 1): Promise<void> {
    const said = this.hellos.at(-1)?.lanes ?? [];
    const lanes = said.map(({ lane, epoch }): LaneWelcome => {
      return { lane, epoch, epochKnown: true, commonSequence: 0, commonHash: new Uint8Array(0), parted: false, positions: [], ...changes };
    });
    const ids = { hubId: Buffer.alloc(16, hubId), incarnation: Buffer.alloc(16, 1) };
    await this.send(encodeWelcome({ protocolVersion, ...ids, lanes, credit, hubClockMs: 1_764_000_005_000 }));
  }

  /** Acknowledges a batch that came, up to and with it. */
  async ack(
    lane: LaneName,
    sequence: number,
    changes: { hash?: Uint8Array; credit?: Credit; epoch?: Uint8Array; clocks?: Clocks } = {},
  ): Promise<void> {
    const batch = this.batches.find((some) => some.lane === lane && some.sequence === sequence);
    const epoch = changes.epoch ?? batch?.epoch ?? Buffer.alloc(16, 1);
    const hash = changes.hash ?? batch?.hash ?? new Uint8Array(32);
    await this.send(encodeAck({ lane, epoch, sequence, hash, credit: changes.credit, clocks: changes.clocks }));
  }

  async refuse(code: RefusalCode, retryAfterMs = 0): Promise<void> {
    await this.send(encodeRefusal({ code, detail: 'because', retryAfterMs }));
    this.channels.hubEnd.close(1008, code);
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.channels.hubEnd.send(bytes);
  }

  async #listen(): Promise<void> {
    for await (const bytes of this.channels.hubEnd.frames()) {
      const frame = decodeAgentFrame(bytes);
      if (!frame.ok) throw new Error(`the agent sent what its own protocol refuses: ${frame.detail}`);
      this.received.push(frame.value);
      this.sizes.push(bytes.length);
    }
    this.isClosed = true;
  }
}

export class ScriptedHub {
  readonly visits: Visit[] = [];
  /** Thrown at the next connects, oldest first. */
  readonly connectErrors: Error[] = [];
  /** Nobody gets through. */
  isAway = false;
  looks = 0;

  readonly connect = async (): Promise<FrameChannel> => {
    const error = this.connectErrors.shift();
    if (error) throw error;
    if (this.isAway) throw away();
    const visit = new Visit();
    this.visits.push(visit);
    return visit.channels.agentEnd;
  };

  readonly look = async (): Promise<void> => {
    this.looks++;
    if (this.isAway) throw away();
  };

  get last(): Visit {
    const visit = this.visits.at(-1);
    if (!visit) throw new Error('nobody has connected yet');
    return visit;
  }
}

function away(): AtalaiaError {
  return new AtalaiaError('HUB_UNREACHABLE', 'nobody answers', { isRetryable: true });
}
