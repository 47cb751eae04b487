// A day of an agent and a hub in minutes: what a day brings in rotations, cut connections, renewed certificates, changed
// policies, sources that come and go and restarts of the hub, one compressed hour after the other, and a sample of every
// process every few seconds. At the end of each hour writing pauses until everything is stored; then descriptors are counted.
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '../../proto/durable/seeded-random.ts';
import { audit, type AuditOutcome } from '../crash-test/audit.ts';
import { CrashSite } from '../crash-test/crash-site.ts';
import { keepWriting } from '../crash-test/keep-writing.ts';
import { StoreReader } from '../crash-test/read-store.ts';
import { planRound } from '../crash-test/round-plan.ts';
import { fileNames } from '../crash-test/sources.ts';
import { WrittenLines } from '../crash-test/written-lines.ts';
import { CuttableWay } from './cut-connections.ts';
import { sampleProcess, type Part, type Sample } from './sample-process.ts';

export interface SoakWish {
  readonly hours: number;
  /** Wall-clock seconds that an hour of the day takes. */
  readonly secondsPerHour: number;
  readonly seed: number;
  readonly isBuilt: boolean;
  readonly tell: (text: string) => void;
}

export interface SoakOutcome {
  readonly samples: readonly Sample[];
  /** At the end of each hour, with everything at rest. */
  readonly quiet: readonly Sample[];
  readonly happened: Readonly<Record<Happening, number>>;
  readonly lines: number;
  readonly audit: AuditOutcome;
}

const happenings = ['rotation', 'cut', 'policy', 'hub restart', 'renewal'] as const;
type Happening = (typeof happenings)[number];

/** Of an hour. A busy host rotates by size, an unsteady line is cut now and then. */
const perHour = { rotation: 8, cut: 3, policy: 2 } as const;
/** Hours at whose end the hub is restarted: early, so that the last one lives long enough to be judged. */
const restartHours: ReadonlySet<number> = new Set([2, 5]);
const linesPerHour = 3_000;
const sampleEveryMs = 3_000;
const restMsMax = 60_000;
/** Connections that are kept for another message are closed after four seconds. */
const lateMs = 4_500;
const looksAtRest = 4;
const preload = pathToFileURL(join(import.meta.dirname, 'tell-memory.mjs')).href;

export async function runSoak(wish: SoakWish): Promise<SoakOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'atalaia-soak-'));
  const figures = join(folder, 'figures');
  mkdirSync(figures);
  let way: CuttableWay | undefined;
  const site = await CrashSite.open(folder, {
    isBuilt: wish.isBuilt,
    isSealed: false,
    // The shortest there is: renewed after two thirds of a minute, which is about an hour of the day.
    hubConfig: { agents: { certificateLife: '1m' }, journal: { generationBytes: '1MiB' } },
    buffer: { maxBytes: '16MiB', generationBytes: '1MiB', reserveBytes: '1MiB', flushInterval: '100ms' },
    hasSmallDisks: false,
    environment: { NODE_OPTIONS: `--import=${preload}`, ATALAIA_SOAK_FIGURES: figures },
    wayTo: async (port) => (way = await CuttableWay.open(port)).port,
  });
  if (!way) throw new Error('the site did not ask for its way');
  const soak = new Soak(wish, { site, way, figures });
  try {
    return await soak.run();
  } finally {
    await site.close({ isKept: false });
    await way.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function held({ descriptors, logFiles }: Sample): number {
  return descriptors - logFiles;
}

interface Parts {
  readonly site: CrashSite;
  readonly way: CuttableWay;
  readonly figures: string;
}

class Soak {
  readonly #wish: SoakWish;
  readonly #parts: Parts;
  readonly #written: WrittenLines;
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #samples: Sample[] = [];
  readonly #quiet: Sample[] = [];
  readonly #happened: Record<Happening, number> = { rotation: 0, cut: 0, policy: 0, 'hub restart': 0, renewal: 0 };
  #certificate = '';
  #enginePid = 0;

  constructor(wish: SoakWish, parts: Parts) {
    this.#wish = wish;
    this.#parts = parts;
    this.#random = seededRandom(wish.seed);
    this.#written = new WrittenLines(join(parts.site.folder, 'log'), seededRandom(wish.seed));
  }

  async run(): Promise<SoakOutcome> {
    const { hours, tell } = this.#wish;
    const { site } = this.#parts;
    for (let hour = 0; hour < hours; hour++) {
      await this.#hour(hour);
      if (restartHours.has(hour)) {
        await site.stop('hub');
        await site.start('hub');
        this.#happened['hub restart']++;
      }
      const last = ['agent', 'hub', 'engine'].map((part) => this.#quiet.findLast((sample) => sample.part === part));
      const shown = last.flatMap((one) =>
        one ? [`${one.part} ${one.rssMb.toFixed(0)} MB, heap ${one.heapMb.toFixed(0)}, ${one.descriptors} descriptors`] : [],
      );
      tell(`hour ${hour + 1}: ${this.#written.lines.length} lines; ${shown.join('; ')}`);
    }
    const store = new StoreReader(site);
    const wish = { site, written: this.#written, live: site.live.book, store, hasDamage: false, mayAlertAgain: true, isLast: true };
    const outcome = await audit(wish);
    return { samples: this.#samples, quiet: this.#quiet, happened: this.#happened, lines: this.#written.lines.length, audit: outcome };
  }

  async #hour(hour: number): Promise<void> {
    const { secondsPerHour, seed } = this.#wish;
    const { site } = this.#parts;
    const end = new AbortController();
    // A quiet round's plan: its strike is nobody's business here.
    const writing = keepWriting(
      { site, written: this.#written, plan: planRound(seed, hour, ['stop-agent']), linesMax: linesPerHour },
      end.signal,
    );
    const untilMs = Date.now() + secondsPerHour * 1_000;
    const sampling = this.#sampleUntil(untilMs, hour);
    const deeds = this.#deeds(untilMs - Date.now());
    for (const { atMs, deed } of deeds) {
      await delay(Math.max(0, untilMs - secondsPerHour * 1_000 + atMs - Date.now()));
      await this.#do(deed, hour, writing.pause);
    }
    await sampling;
    end.abort();
    await writing.done;
    await this.#rest(hour + 1);
    this.#written.removeRotated();
  }

  #deeds(lengthMs: number): { readonly atMs: number; readonly deed: keyof typeof perHour }[] {
    const deeds = ['rotation', 'cut', 'policy'] as const;
    return deeds
      .flatMap((deed) => Array.from({ length: perHour[deed] }, () => ({ atMs: this.#random.unit() * lengthMs * 0.9, deed })))
      .sort((a, b) => a.atMs - b.atMs);
  }

  async #do(deed: keyof typeof perHour, hour: number, pause: (isPaused: boolean) => Promise<void>): Promise<void> {
    this.#happened[deed]++;
    if (deed === 'cut') this.#parts.way.cut();
    else if (deed === 'rotation') {
      const source = fileNames[Math.floor(this.#random.unit() * fileNames.length)] ?? 'auth';
      await this.#written.hold(async () => this.#written.rotate(source, this.#random.unit() < 0.5 ? 'rename' : 'copytruncate'));
    } else await this.#changePolicy(hour, pause);
  }

  /** A source more, or gone again. Sockets are closed and opened meanwhile, so that nothing is sent into nowhere. */
  async #changePolicy(hour: number, pause: (isPaused: boolean) => Promise<void>): Promise<void> {
    const { site } = this.#parts;
    const isMore = this.#happened.policy % 2 === 1;
    const path = join(site.folder, 'log', 'passing.log');
    const passing = { id: 'passing', type: 'file', paths: [path], startAt: 'end', labels: { hour: String(hour) } };
    appendFileSync(path, '');
    await pause(true);
    await site.untilReceived();
    site.writeAgentConfig(isMore ? [passing] : []);
    const before = (await site.agentStatus())?.policyHash;
    process.kill(site.program('agent')?.pid ?? 0, 'SIGHUP');
    for (const untilMs = Date.now() + restMsMax; Date.now() < untilMs && (await site.agentStatus())?.policyHash === before;)
      await delay(100);
    await site.live.untilConnected();
    await pause(false);
  }

  async #sampleUntil(untilMs: number, hour: number): Promise<void> {
    const beganMs = untilMs - this.#wish.secondsPerHour * 1_000;
    while (Date.now() < untilMs) {
      await this.#sample(this.#samples, hour + (Date.now() - beganMs) / (untilMs - beganMs));
      await delay(Math.min(sampleEveryMs, Math.max(0, untilMs - Date.now())));
    }
  }

  async #sample(into: Sample[], hour: number): Promise<void> {
    const { site, figures } = this.#parts;
    const [hub, agent] = await Promise.all([site.hubStatus(), site.agentStatus()]);
    if (agent && agent.certificateExpires !== this.#certificate) {
      if (this.#certificate !== '') this.#happened.renewal++;
      this.#certificate = agent.certificateExpires;
    }
    this.#enginePid = hub?.enginePid ?? this.#enginePid;
    const looked: readonly [Part, number, readonly string[]][] = [
      ['agent', site.program('agent')?.pid ?? 0, [join(site.agentData, 'buffer')]],
      ['hub', site.program('hub')?.pid ?? 0, [join(site.hubData, 'journal'), join(site.hubData, 'state')]],
      ['engine', this.#enginePid, []],
    ];
    for (const [part, pid, folders] of looked) {
      const sample = sampleProcess({ part, pid, folders, logs: join(site.folder, 'log'), figures }, hour);
      if (sample) into.push(sample);
    }
  }

  /** Everything read, committed and stored; then a little longer, for what is closed late. */
  async #rest(hour: number): Promise<void> {
    const { site } = this.#parts;
    await site.untilReceived();
    await delay(lateMs);
    const looks: Sample[] = [];
    for (let count = 0; count < looksAtRest; count++) {
      await this.#sample(looks, hour);
      await delay(300);
    }
    // A question is being answered, a file looked at: what is held is what is there each time.
    for (const ofPart of Map.groupBy(looks, ({ part }) => part).values())
      this.#quiet.push(ofPart.reduce((least, look) => (held(look) < held(least) ? look : least)));
  }
}
