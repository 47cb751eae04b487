// The hub is away for hours: agents' buffers fill and stay full, uplinks wait their longest, files are rotated and go on,
// agents die and come back meanwhile; then the hub is there again.
// Promises: nobody starts the hub before its time; the same seed is the same absence.
import type { Site } from './site.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Timers are gathered: hours of ticks of a second would be all that is tried. */
const grainMs = 20_000;
const returnGrainMs = 500;

export class LongAbsence {
  readonly #site: Site;
  readonly #leavesAtMs: number;
  readonly #backAtMs: number;
  #nextMs = 0;
  #isBack = false;

  constructor(site: Site) {
    const { world } = site;
    this.#site = site;
    this.#leavesAtMs = world.below(5_000);
    this.#backAtMs = this.#leavesAtMs + (world.pick([1, 2, 5, 12]) ?? 1) * hourMs;
  }

  get areOver(): boolean {
    return this.#isBack;
  }

  /** Called after each turn. */
  strike(): void {
    const { world, hub } = this.#site;
    if (this.#isBack || world.monotonicMs < this.#leavesAtMs) return;
    if (world.monotonicMs >= this.#backAtMs) {
      this.#isBack = true;
      world.grainMs = returnGrainMs;
      hub.start();
      return;
    }
    world.grainMs = Math.max(world.grainMs, grainMs);
    if (hub.isRunning) hub.kill();
    if (world.monotonicMs < this.#nextMs) return;
    this.#nextMs = world.monotonicMs + minuteMs * (1 + world.below(20));
    this.#passTime();
  }

  #passTime(): void {
    const site = this.#site;
    const { world, book } = site;
    for (const machine of site.machines) {
      for (let count = world.below(6); count > 0; count--) machine.folder.append(book.write(machine.name, 'file', 0));
      for (let count = machine.isRunning ? world.below(4) : 0; count > 0; count--)
        machine.datagrams.arrive(book.write(machine.name, 'datagram', 0));
      if (world.chance(0.3)) machine.folder[world.pick(['rotate', 'truncate'] as const) ?? 'rotate']();
      if (!world.chance(0.2)) continue;
      machine.kill();
      site.later(2 * minuteMs, () => machine.start());
    }
  }
}
