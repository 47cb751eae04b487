// A whole simulated site: one hub, machines with agents, the network between them, people who write lines and judge
// alerts, and the misfortunes that befall all of them.
// Promises: every fault is one that the product must live with; `heal` ends all of them, so that the site can drain.
import { hubActor } from '../../hub/ports.ts';
import type { FrameChannel } from '../../proto/runtime/channel.ts';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import type { Random } from '../../proto/runtime/clock.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { AgentMachine, type MachineImage } from './agent-machine.ts';
import type { BrokenRules } from './broken-rules.ts';
import { conditionsCount } from './first-lines.ts';
import { HubMachine, type HubImage } from './hub-machine.ts';
import { HubWatch } from './hub-watch.ts';
import { LineBook } from './log-files.ts';
import { Connection } from './network.ts';
import { drawPlan, type Plan } from './plan.ts';
import { Life, type World } from './turns.ts';

const hourMs = 3_600_000;

export class Site {
  readonly world: World;
  readonly plan: Plan;
  readonly book: LineBook;
  readonly watch: HubWatch;
  readonly hub: HubMachine;
  readonly machines: AgentMachine[] = [];
  readonly rules: BrokenRules;
  isWritten = false;
  /** What became of the promises: these happened. */
  readonly happened = { damage: false, rollBack: false, clone: false, hubRestore: false };
  /** Batches that only the hub before its restore had. */
  forgotten = 0;
  closings = 0;
  readonly #people = new Life('people');
  readonly #wire = new Life('network');
  #connections: Connection[] = [];
  /** Of its own: what a seed drew before there were clusters, it draws still. */
  readonly #ways: Random;

  constructor(world: World, rules: BrokenRules) {
    this.world = world;
    this.rules = rules;
    this.plan = drawPlan(world);
    this.#ways = seededRandom(world.seed);
    this.book = new LineBook(world.random);
    this.watch = new HubWatch(world);
    const { journalBytes, journalGenerationBytes, webhookFailures, insertTimeouts } = this.plan;
    const settings = { journalBytes, generationBytes: journalGenerationBytes, webhookFailures, insertTimeouts };
    const onDeath = (life: Life): void => this.#peerDied(life);
    this.hub = new HubMachine(settings, { world, rules, watch: this.watch, onDeath });
    for (let at = 0; at < this.plan.machines; at++) this.addMachine(`m${at}`, String(at).repeat(32));
  }

  addMachine(name: string, agentId: string): AgentMachine {
    const { bufferBytes, generationBytes, datagramsWhenFull, flushIntervalMs, sharesLane, sealing, hubs, sortsLines } = this.plan;
    const machine = new AgentMachine(
      name,
      { agentId, bufferBytes, generationBytes, datagramsWhenFull, flushIntervalMs, sharesLane, sealing, hubs, sortsLines },
      {
        world: this.world,
        rules: this.rules,
        connect: (life, id, place) => this.#connect(life, id, place),
        look: (life, place) => this.#look(life, place),
        onDeath: (life) => this.#peerDied(life),
      },
    );
    this.machines.push(machine);
    return machine;
  }

  start(): void {
    this.hub.start();
    for (const machine of this.machines) machine.start();
    void this.#writeLines();
    // Moved conditions beside damage, two lives of a machine or a restored hub are a known residue (agent/first/DECISION-first-lines.md).
    if (this.plan.sortsLines && this.plan.special === 'none') void this.#movePolicies();
  }

  /** Until the last line is written: a policy that sorts lines otherwise, for an agent that runs or for its next start. */
  async #movePolicies(): Promise<void> {
    const clock = this.world.clockOf(this.#people, { aheadMs: 0 });
    while (!this.isWritten && !this.hub.isHealed) {
      const machine = this.machines[Math.floor(this.#ways.unit() * this.machines.length)];
      machine?.movePolicy(Math.floor(this.#ways.unit() * conditionsCount));
      await clock.sleep(Math.floor(this.#ways.unit() * 3_000));
    }
  }

  /** After the storm: one more line of each kind, so that every lane says what it owes, and shows that it lives. */
  writeLast(): void {
    for (const machine of this.machines) {
      machine.folder.append(this.book.write(machine.name, 'file', 0));
      machine.datagrams.arrive(this.book.write(machine.name, 'datagram', 0));
    }
  }

  get isDrained(): boolean {
    return this.isWritten && this.hub.isDrained && this.machines.every((machine) => machine.isDrained) && this.#isAllSeen();
  }

  /** A place of another life may look like the end of a file: then the lines themselves say whether they were read. */
  #isAllSeen(): boolean {
    if (!this.happened.rollBack && !this.happened.clone && !this.plan.sortsLines) return true;
    const stored = new Set(this.hub.store.events.map(({ raw }) => raw));
    const lines = this.machines.flatMap(({ folder }) => folder.lines());
    return lines.every(({ isBuffered, isNoise, text }) => isBuffered || isNoise || stored.has(text));
  }

  /** After a while, whatever else happens meanwhile. */
  later(msMost: number, then: () => void): void {
    const clock = this.world.clockOf(this.#people, { aheadMs: 0 });
    void clock.sleep(this.world.below(msMost)).then(then);
  }

  heal(): void {
    this.hub.isStoreDown = false;
    this.hub.insertFaults = [];
    this.hub.isHealed = true;
    for (const { disk } of [this.hub, ...this.machines]) {
      disk.capacityBytes = Infinity;
      disk.failWrites(0);
    }
    this.revive();
  }

  /** What stands still is started, as a service manager does. */
  revive(): void {
    if (!this.hub.isRunning) this.hub.start();
    for (const machine of this.machines) if (!machine.isRunning) machine.start();
  }

  cutOne(): void {
    this.#connections = this.#connections.filter((connection) => !connection.isOver);
    this.world.pick(this.#connections)?.cut();
  }

  jumpClock(): void {
    const wall = this.world.pick([this.hub, ...this.machines])?.wall;
    const jumpMs = this.world.pick([-5_000, 30_000, -hourMs, 2 * hourMs, 20 * hourMs, -20 * hourMs]) ?? 0;
    this.world.tell?.(`  a clock jumps by ${jumpMs} ms`);
    if (wall) wall.aheadMs += jumpMs;
  }

  async judgeAlert(): Promise<void> {
    const alerts = this.hub.process?.alerts;
    const alert = this.world.pick(alerts?.list().alerts.filter(({ status }) => status === 'open') ?? []);
    if (!alerts || !alert) return;
    this.closings++;
    const by = { ...hubActor, id: 'ana', name: 'Ana' };
    const decision = { is: 'close', verdict: 'true-positive' } as const;
    this.world.tell?.(`  somebody closes alert ${alert.id.slice(0, 6)}`);
    await alerts.decide(alert.id, decision, { by, expectedTransitions: undefined }).catch(() => undefined);
  }

  rollBack(machine: AgentMachine, image: MachineImage): void {
    const isWhole = this.world.chance(0.6);
    this.world.tell?.(`  ${machine.name} goes back${isWhole ? ' whole' : ', data folder only'}`);
    this.happened.rollBack = true;
    machine.goBackTo(image, isWhole);
    this.later(2_000, () => machine.start());
  }

  clone(of: AgentMachine, image: MachineImage): void {
    this.world.tell?.(`  ${of.name} is cloned`);
    this.happened.clone = true;
    const clone = this.addMachine(`${of.name}c`, of.settings.agentId);
    clone.goBackTo(image, true);
    this.later(3_000, () => clone.start());
  }

  /** State and snapshot first, then the store, then the journal, with nothing freed meanwhile (DELIVERY.md 22). */
  backUp(done: (image: HubImage, committed: number) => void): void {
    const { hub, world } = this;
    const process = hub.process;
    if (!process || hub.holdsBackFreeing) return;
    hub.holdsBackFreeing = true;
    world.tell?.('  a backup begins');
    const state = hub.state.image();
    const snapshot = hub.disk.image().files.get('snapshot');
    const isStill = (): boolean => hub.process === process && hub.holdsBackFreeing;
    this.later(400, () => {
      if (!isStill()) return;
      const store = hub.store.image();
      this.later(400, () => {
        if (!isStill()) return;
        const disk = hub.disk.image();
        const files = new Map(disk.files);
        if (snapshot) files.set('snapshot', snapshot);
        else files.delete('snapshot');
        hub.holdsBackFreeing = false;
        world.tell?.('  the backup is done');
        done({ state, store: world.chance(0.5) ? store : undefined, disk: { ...disk, files } }, this.watch.committed.length);
      });
    });
  }

  restoreHub(image: HubImage, committed: number): void {
    this.world.tell?.(`  the hub is restored from a backup${image.store ? '' : ', the store is newer'}`);
    this.happened.hubRestore = true;
    this.hub.restore(image);
    this.forgotten += this.watch.forgetAfter(committed).length;
    this.later(2_000, () => this.hub.start());
  }

  /** One process stands for all hubs of a cluster; by which address an agent comes tells their gateways apart. */
  async #connect(life: Life, agentId: string, place: number): Promise<FrameChannel> {
    const { world, hub } = this;
    await world.park(life, 'connect');
    const process = hub.process;
    if (!process || this.#isAway(place)) throw new AtalaiaError('ECONNREFUSED', 'nobody listens', { isRetryable: true });
    const connection = new Connection(world, { agent: life, hub: process.life, wire: this.#wire, repeats: this.plan.repeats });
    this.#connections.push(connection);
    process.gateway
      .serve(connection.hubEnd, { agentId: this.rules.peerOf(agentId, place) }, process.stop.signal)
      .catch((error: unknown) => world.blame(`the gateway failed: ${error instanceof Error ? error.stack : String(error)}`));
    return connection.agentEnd;
  }

  async #look(life: Life, place: number): Promise<void> {
    await this.world.park(life, 'look');
    if (!this.hub.process || this.#isAway(place)) throw new AtalaiaError('ECONNREFUSED', 'nobody listens', { isRetryable: true });
  }

  /** A hub of a cluster comes and goes; a single one is killed and started like everything else. */
  #isAway(place: number): boolean {
    if (this.plan.hubs === 1 || this.hub.isHealed) return false;
    return this.#ways.unit() < (place === 0 ? 0.5 : 0.2);
  }

  #peerDied(life: Life): void {
    for (const connection of this.#connections) connection.peerDied(life);
    this.#connections = this.#connections.filter((connection) => !connection.isOver);
  }

  async #writeLines(): Promise<void> {
    const { world, plan, book } = this;
    const clock = world.clockOf(this.#people, { aheadMs: 0 });
    for (let writing = 0; writing < plan.writings; writing++) {
      await clock.sleep(world.below(500));
      const machine = world.pick(this.machines);
      if (!machine) continue;
      const isFile = world.chance(0.7);
      for (let count = 1 + world.below(4); count > 0; count--) {
        const line = book.write(machine.name, isFile ? 'file' : 'datagram', plan.poisonShare);
        if (isFile) machine.folder.append(line);
        else if (machine.isRunning) machine.datagrams.arrive(line);
      }
      if (!world.chance(0.12)) continue;
      const change = world.pick(['rotate', 'rotate', 'truncate', 'deleteOldest'] as const) ?? 'rotate';
      world.tell?.(`  ${machine.name}: ${change}`);
      machine.folder[change]();
    }
    this.isWritten = true;
  }
}
