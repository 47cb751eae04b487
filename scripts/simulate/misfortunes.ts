// What befalls a site while lines are written: one misfortune at a time, of the kinds that its plan allows.
import type { InsertFault } from '../../hub/store/testing/memory-store.ts';
import type { Damage } from '../../proto/durable/faulty-disk.ts';
import type { MachineImage } from './agent-machine.ts';
import type { HubImage } from './hub-machine.ts';
import type { Site } from './site.ts';

const insertFaults: readonly InsertFault[] = ['before', 'token-only', 'part', 'after', 'refused'];
const damages: readonly Damage[] = ['lose-key', 'change-value', 'lose-tail', 'unreadable-key', 'unopenable', 'change-file'];

type Misfortune = (site: Site) => void;

const everyday: readonly Misfortune[] = [
  killAgent,
  killAgent,
  killHub,
  killHub,
  killHub,
  killBoth,
  stopGently,
  (site) => site.cutOne(),
  (site) => site.cutOne(),
  fillAgentDisk,
  fillHubDisk,
  failWrites,
  failState,
  failInserts,
  failInserts,
  storeDown,
  (site) => void site.judgeAlert(),
  (site) => site.plan.clocksJump && site.jumpClock(),
];

export class Misfortunes {
  readonly #site: Site;
  #left: number;
  #images: { readonly machine: Site['machines'][number]; readonly image: MachineImage }[] = [];
  #backup: { readonly image: HubImage; readonly committed: number } | undefined;
  #isSpecialDone: boolean;

  constructor(site: Site) {
    this.#site = site;
    this.#left = site.plan.faults;
    this.#isSpecialDone = site.plan.special === 'none';
  }

  get areOver(): boolean {
    return this.#left <= 0 && this.#isSpecialDone;
  }

  /** Called after each turn. */
  strike(): void {
    const { world, plan } = this.#site;
    if (this.areOver || !world.chance(1 / plan.faultEvery)) return;
    if (!this.#isSpecialDone && (this.#left <= 0 || world.chance(0.4))) this.#special();
    else if (this.#left > 0) {
      this.#left--;
      (world.pick(everyday) ?? killHub)(this.#site);
    }
  }

  #special(): void {
    const site = this.#site;
    const { world } = site;
    const { special } = site.plan;
    if (special === 'damage') {
      this.#isSpecialDone = world.chance(0.5);
      damageBuffer(site);
    } else if (special === 'hub-restore') this.#hubSpecial();
    else this.#machineSpecial();
  }

  #hubSpecial(): void {
    const site = this.#site;
    if (!this.#backup) {
      site.backUp((image, committed) => (this.#backup = { image, committed }));
      return;
    }
    site.restoreHub(this.#backup.image, this.#backup.committed);
    this.#isSpecialDone = true;
  }

  #machineSpecial(): void {
    const site = this.#site;
    const { world } = site;
    const taken = this.#images[0];
    if (!taken) {
      const machine = world.pick(site.machines);
      if (machine) this.#images = [{ machine, image: machine.image() }];
      world.tell?.(`  an image of ${machine?.name ?? ''} is taken`);
      return;
    }
    if (site.plan.special === 'clone') site.clone(taken.machine, taken.image);
    else site.rollBack(taken.machine, taken.image);
    this.#isSpecialDone = true;
  }
}

function killAgent(site: Site): void {
  const machine = site.world.pick(site.machines);
  machine?.kill();
  site.later(3_000, () => machine?.start());
}

function killHub(site: Site): void {
  site.hub.kill();
  site.later(site.world.pick([100, 3_000, 15_000]) ?? 0, () => site.hub.start());
}

function killBoth(site: Site): void {
  killAgent(site);
  killHub(site);
}

function stopGently(site: Site): void {
  const machine = site.world.pick([site.hub, ...site.machines]);
  machine?.stopGently();
  site.later(4_000, () => machine?.start());
}

function fillAgentDisk(site: Site): void {
  const disk = site.world.pick(site.machines)?.disk;
  if (!disk) return;
  disk.capacityBytes = disk.usedBytes() + site.world.below(800);
  site.world.tell?.('  an agent’s disk is full');
  site.later(6_000, () => (disk.capacityBytes = Infinity));
}

function fillHubDisk(site: Site): void {
  const { disk } = site.hub;
  disk.capacityBytes = disk.usedBytes() + site.world.below(1_500);
  site.world.tell?.('  the hub’s disk is full');
  site.later(6_000, () => (disk.capacityBytes = Infinity));
}

function failWrites(site: Site): void {
  site.world.tell?.('  writes fail');
  site.world.pick([site.hub, ...site.machines])?.disk.failWrites(1 + site.world.below(3));
}

function failState(site: Site): void {
  for (let count = 1 + site.world.below(3); count > 0; count--) site.hub.state.failNextPut(site.world.chance(0.5) ? 'before' : 'after');
}

function failInserts(site: Site): void {
  const { world, hub } = site;
  const first = world.pick(insertFaults) ?? 'before';
  const faults: InsertFault[] = world.chance(0.1)
    ? ['refused', 'refused', 'refused']
    : [first, ...(world.chance(0.4) ? [world.pick(insertFaults) ?? 'part'] : [])];
  world.tell?.(`  inserts will fail: ${faults.join(', ')}`);
  hub.insertFaults.push(...faults);
}

function storeDown(site: Site): void {
  site.hub.isStoreDown = true;
  site.world.tell?.('  the engine is down');
  site.later(8_000, () => (site.hub.isStoreDown = false));
}

/** What a bad disk does to a buffer, while the agent runs or stands. */
function damageBuffer(site: Site): void {
  const { world } = site;
  const machine = world.pick(site.machines);
  if (!machine) return;
  const kind = world.pick(damages) ?? 'lose-key';
  const lane = world.pick(['normal', 'first']) ?? '';
  if (world.chance(0.6)) {
    machine.kill();
    site.later(2_000, () => machine.start());
  }
  const isDone = machine.disk.damage(kind, `buffer/${lane}`);
  world.tell?.(`  ${machine.name}: buffer ${lane} is damaged (${kind}): ${isDone}`);
  site.happened.damage ||= isDone;
}
