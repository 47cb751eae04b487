// Connections between simulated processes: frames are on their way one by one, may be repeated, and a connection may end
// for one side, for both, or silently for nobody until somebody's patience ends.
// Promises: frames of one direction keep their order (a repeat comes right behind); what a side sent before it closed may
// still arrive. What a peer that died sent is delivered in part or not at all.
import { defaultQueueLimits, FrameQueue } from '../../proto/framing/frame-queue.ts';
import { ChannelClosed } from '../../proto/framing/socket-channel.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import type { Life, World } from './turns.ts';

export type CutKind = 'both' | 'agent' | 'hub' | 'silent';
const cutKinds: readonly CutKind[] = ['both', 'both', 'agent', 'hub', 'silent'];

interface Side {
  readonly life: Life;
  readonly queue: FrameQueue;
  readonly closed: AbortController;
}

class Flow {
  readonly #world: World;
  readonly #wire: Life;
  readonly #to: Side;
  readonly #repeats: number;
  #items: (Uint8Array | 'end')[] = [];
  #isMoving = false;

  constructor(world: World, wire: Life, to: Side, repeats: number) {
    this.#world = world;
    this.#wire = wire;
    this.#to = to;
    this.#repeats = repeats;
  }

  put(item: Uint8Array | 'end'): void {
    this.#items.push(item);
    if (!this.#isMoving) void this.#move();
  }

  drop(share: number): void {
    this.#items = this.#items.slice(0, Math.floor(this.#items.length * (1 - share)));
  }

  async #move(): Promise<void> {
    this.#isMoving = true;
    while (this.#items.length > 0) {
      await this.#world.park(this.#wire, `frame to ${this.#to.life.name}`);
      const item = this.#items.shift();
      if (item === 'end') shut(this.#to, 1005, 'the other side closed');
      else if (item && this.#to.life.isAlive) {
        this.#to.queue.push(item);
        if (this.#world.chance(this.#repeats)) this.#to.queue.push(Uint8Array.from(item));
      }
    }
    this.#isMoving = false;
  }
}

function shut(side: Side, code: number, reason: string): void {
  if (side.closed.signal.aborted || !side.life.isAlive) return;
  side.queue.end();
  side.closed.abort(new ChannelClosed(code, reason));
}

export class Connection {
  readonly agentEnd: FrameChannel;
  readonly hubEnd: FrameChannel;
  readonly #world: World;
  readonly #wire: Life;
  readonly #agent: Side;
  readonly #hub: Side;
  readonly #toAgent: Flow;
  readonly #toHub: Flow;

  constructor(world: World, ends: { readonly agent: Life; readonly hub: Life; readonly wire: Life; readonly repeats: number }) {
    this.#world = world;
    this.#wire = ends.wire;
    const sideOf = (life: Life): Side => ({ life, queue: new FrameQueue(defaultQueueLimits), closed: world.controller() });
    this.#agent = sideOf(ends.agent);
    this.#hub = sideOf(ends.hub);
    this.#toAgent = new Flow(world, ends.wire, this.#agent, ends.repeats);
    this.#toHub = new Flow(world, ends.wire, this.#hub, ends.repeats);
    this.agentEnd = this.#endOf(this.#agent, this.#toHub);
    this.hubEnd = this.#endOf(this.#hub, this.#toAgent);
  }

  get isOver(): boolean {
    return [this.#agent, this.#hub].every(({ life, closed }) => closed.signal.aborted || !life.isAlive);
  }

  /** The line breaks: somebody notices, or nobody yet. */
  cut(kind = this.#world.pick(cutKinds) ?? 'both'): void {
    this.#world.tell?.(`  connection of ${this.#agent.life.name} is cut (${kind})`);
    const share = this.#world.random.unit();
    this.#toAgent.drop(share);
    this.#toHub.drop(share);
    if (kind === 'both' || kind === 'agent') this.#notice(this.#agent);
    if (kind === 'both' || kind === 'hub') this.#notice(this.#hub);
  }

  /** One of the two processes ended: the other is told by its system, or finds out by silence. */
  peerDied(life: Life): void {
    if (life !== this.#agent.life && life !== this.#hub.life) return;
    const [other, flow] = life === this.#agent.life ? [this.#hub, this.#toHub] : [this.#agent, this.#toAgent];
    flow.drop(this.#world.random.unit());
    if (this.#world.chance(0.75)) this.#notice(other);
  }

  #notice(side: Side): void {
    void this.#world.park(this.#wire, `${side.life.name} notices the end`).then(() => shut(side, 1006, 'cut'));
  }

  #endOf(own: Side, out: Flow): FrameChannel {
    return {
      send: async (frame) => {
        if (!own.life.isAlive) await new Promise(() => undefined);
        own.closed.signal.throwIfAborted();
        out.put(Uint8Array.from(frame));
        if (this.#world.chance(0.1)) await this.#world.park(own.life, 'frame sent');
      },
      frames: () => own.queue.pull(() => undefined),
      queuedBytes: () => 0,
      close: (code, reason) => {
        if (own.closed.signal.aborted || !own.life.isAlive) return;
        own.queue.drop();
        own.closed.abort(new ChannelClosed(code, reason));
        out.put('end');
      },
      closed: own.closed.signal,
    };
  }
}
