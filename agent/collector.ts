// Runs the lanes of the policy in force and exchanges it for another.
// Promises: apply() stops reading at a batch boundary, brings what was read into the buffers, and goes on under the new
// policy from there; inputs of sources that say the same go on reading meanwhile (kept-input.ts); if the new one cannot be taken (a source would leave a lane that is not drained:
// DELIVERY.md 10; a lane's answer to a full buffer would change; a key file cannot be read; its own tests fail) it is
// refused before anything is stopped. The first policy is taken though its tests fail (DECISION-policy-tests.md).
import { hashPolicy } from '../config/policy/hash-policy.ts';
import type { Policy } from '../config/policy/policy.ts';
import type { Source } from '../config/policy/sources/sources.ts';
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import { Serial } from '../proto/runtime/serial.ts';
import { checkPolicy, refused } from './check-policy.ts';
import { fullBufferProblem } from './full-buffers.ts';
import { LastingTrouble } from './lasting-trouble.ts';
import { runLane, type LanePlan, type PipelineLog } from './pipeline.ts';
import { KeptInputs } from './inputs/kept-inputs.ts';
import type { BatchBuffer, Input, SourceStatus } from './ports.ts';
import type { RouteMemory, SourceRoute } from './first/route-memory.ts';
import { runPolicyTests } from './run-policy-tests.ts';

export interface CollectorOptions {
  readonly buffers: ReadonlyMap<LaneName, BatchBuffer>;
  /** A lane for one more reader of it (LaneBuffer.reader). */
  readonly readerOf: (lane: LaneName) => BatchBuffer | undefined;
  readonly routes: RouteMemory;
  readonly inputOf: (source: Source) => Input;
  readonly clock: Clock;
  readonly flushIntervalMs: number;
  readonly log: PipelineLog;
  readonly onKept?: LanePlan['onKept'];
  readonly onWriting?: LanePlan['onWriting'];
}

interface Running {
  readonly policy: Policy;
  readonly hash: Uint8Array;
  readonly inputs: readonly Input[];
  readonly stop: AbortController;
  readonly deadline: AbortController;
  /** Each: whether everything that was read reached the buffer. */
  readonly lanes: Promise<readonly boolean[]>;
  readonly readers: readonly BatchBuffer[];
  /** Lines that a trim could not read, by source. */
  readonly unparsed: ReadonlyMap<string, number>;
}

/** What is read and not buffered within this time when stopping is read again later. */
const drainMsMax = 5_000;
const applyAgainMs = 10_000;
const keepAgainMs = 1_000;

export class Collector {
  readonly #options: CollectorOptions;
  readonly #serial = new Serial();
  readonly #inputs: KeptInputs;
  /** By what fails; they outlive a policy. */
  readonly #troubles = new Map<string, LastingTrouble>();
  #stopping = new AbortController();
  #running: Running | undefined;
  #testsFailed: readonly string[] = [];

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#inputs = new KeptInputs(options.inputOf);
  }

  get policyHash(): Uint8Array {
    return this.#running?.hash ?? new Uint8Array(0);
  }

  /** Names of the tests that the policy in force fails. */
  get testsFailed(): readonly string[] {
    return this.#testsFailed;
  }

  sources(): SourceStatus[] {
    const { inputs = [], unparsed } = this.#running ?? {};
    return inputs.map((input) => {
      const status = this.#withProblem(input.status());
      const linesUnparsed = unparsed?.get(status.sourceId);
      return linesUnparsed === undefined ? status : { ...status, linesUnparsed };
    });
  }

  apply(policy: Policy): Promise<void> {
    return this.#serial.run(async () => {
      checkPolicy(policy, this.#running?.policy, this.#options.buffers);
      this.#testsFailed = this.#test(policy);
      this.#inputs.closeOthersThan(policy.sources);
      const readers = await this.#halt();
      const areTaken = await this.#takeRoutes(policy);
      if (this.#stopping.signal.aborted) return;
      // In one turn with the new readers' first look at their positions.
      if (readers?.every((reader) => isWhereItWas(reader))) this.#inputs.handOver();
      this.#running = this.#start(policy);
      if (!areTaken) void this.#applyAgain(policy, this.#running.stop.signal);
    });
  }

  /**
   * Durable before a line is read under them. False when they must wait: the disk is full, the hub has not said yet where a
   * damaged lane is, or nobody knows yet whether a write that failed moved a lane's positions.
   */
  async #takeRoutes(policy: Policy): Promise<boolean> {
    const { buffers, routes } = this.#options;
    const lanes = [...buffers.values()].map((buffer) => buffer.status());
    const isUnknown = lanes.some(({ isInDoubt, mustReadBack }) => isInDoubt === true || mustReadBack === true);
    if (isUnknown) return !routes.differs(policy);
    const [normal = [], first = []] = [buffers.get('normal')?.positions(), buffers.get('first')?.positions()];
    try {
      await routes.take(policy, { normal, first, areDrained: lanes.every(({ batches }) => batches === 0) });
      void this.#troubleOf('conditions').goesWell(this.#stopping.signal, {}, 'the conditions of `first` are written down');
      return true;
    } catch (error) {
      this.#troubleOf('conditions').failed(
        error,
        {},
        'the conditions of `first` could not be written down; the earlier ones stay in force until that is possible',
      );
      await this.#keepRoutes();
      return false;
    }
  }

  #troubleOf(what: string): LastingTrouble {
    const { log, clock } = this.#options;
    const trouble = this.#troubles.get(what) ?? new LastingTrouble(log, clock);
    this.#troubles.set(what, trouble);
    return trouble;
  }

  /** Nothing is read before it is certain which conditions stand on the disk. */
  async #keepRoutes(): Promise<void> {
    const { routes, clock } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        return await routes.keep();
      } catch {
        await clock.sleep(keepAgainMs, this.#stopping.signal).catch(() => undefined);
      }
    }
  }

  /** Once more when what it waits for may have come. */
  async #applyAgain(policy: Policy, signal: AbortSignal): Promise<void> {
    await this.#options.clock.sleep(applyAgainMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    await this.apply(policy).catch((error: unknown) => this.#options.log.error({ error }, 'the policy could not be applied again'));
  }

  /** Stops reading and buffers what was read, under a deadline. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#serial.run(async () => {
      this.#inputs.closeOthersThan([]);
      await this.#halt();
      // It may be started again.
      this.#stopping = new AbortController();
    });
  }

  /** What the input itself complains of comes behind: it may be there for months. */
  #withProblem(status: SourceStatus): SourceStatus {
    const source = this.#running?.policy.sources.find(({ id }) => id === status.sourceId);
    const lane = source && this.#options.buffers.get(source.lane);
    const problems = [fullBufferProblem(lane?.status(), source), status.problem];
    return { ...status, problem: problems.filter((problem) => problem !== '').join('; also: ') };
  }

  #test(policy: Policy): readonly string[] {
    const failed = runPolicyTests(policy)
      .filter(({ isPassed }) => !isPassed)
      .map(({ name }) => name);
    if (failed.length === 0) return failed;
    if (this.#running) throw refused(`it fails its own tests (${failed.slice(0, 5).join(', ')}); atalaia-agent test FILE shows how`);
    this.#options.log.error(
      { tests: failed.slice(0, 5) },
      'the policy fails its own tests and is in force; atalaia-agent test FILE shows how',
    );
    return failed;
  }

  #start(policy: Policy): Running {
    const { readerOf, routes, clock, flushIntervalMs, log, onKept, onWriting } = this.#options;
    const hash = hashPolicy(policy);
    const stop = new AbortController();
    const deadline = new AbortController();
    const signals = { stop: stop.signal, deadline: deadline.signal };
    const unparsed = new Map<string, number>();
    const countKept: NonNullable<LanePlan['onKept']> = (block, kept) => {
      const { sourceId } = block.stream;
      if (kept.linesUnparsed > 0) {
        if (!unparsed.has(sourceId))
          log.info({ source: sourceId }, 'lines are not in the format of a trim and pass as they are; status counts them');
        unparsed.set(sourceId, (unparsed.get(sourceId) ?? 0) + kept.linesUnparsed);
      }
      onKept?.(block, kept);
    };
    const shared = { policy, policyHash: hash, clock, flushIntervalMs, log, onKept: countKept, onWriting };
    const plans = this.#outlines(policy).flatMap(({ lane, sources, isSorted }): LanePlan[] => {
      const [buffer, first] = [readerOf(lane), isSorted ? readerOf('first') : undefined];
      if (!buffer) return [];
      const known = sources.flatMap(({ id }): [string, SourceRoute][] => {
        const route = routes.of(id);
        return route ? [[id, route]] : [];
      });
      return [
        {
          ...shared,
          lane,
          trouble: this.#troubleOf(isSorted ? 'first lines' : lane),
          buffer,
          inputs: sources.map((source) => this.#inputs.of(source)),
          ahead: first && { buffer: first, routes: new Map(known) },
        },
      ];
    });
    const busy = plans.filter(({ inputs }) => inputs.length > 0);
    return {
      policy,
      hash,
      stop,
      deadline,
      inputs: busy.flatMap(({ inputs }) => inputs),
      lanes: Promise.all(busy.map((plan) => runLane(plan, signals))),
      readers: busy.flatMap(({ buffer, ahead }) => (ahead ? [buffer, ahead.buffer] : [buffer])),
      unparsed,
    };
  }

  /** One loop for each lane's own sources, and one for those of which some lines travel first. */
  #outlines({ sources }: Policy): readonly { readonly lane: LaneName; readonly sources: readonly Source[]; readonly isSorted: boolean }[] {
    const { buffers, routes } = this.#options;
    const isSorted = ({ id, lane }: Source): boolean => lane === 'normal' && routes.of(id) !== undefined && buffers.has('first');
    const own = [...buffers.keys()].map((lane) => ({
      lane,
      sources: sources.filter((source) => source.lane === lane && !isSorted(source)),
      isSorted: false,
    }));
    return [...own, { lane: 'normal', sources: sources.filter(isSorted), isSorted: true }];
  }

  /** The readers, when everything that was read is in their buffers. */
  async #halt(): Promise<readonly BatchBuffer[] | undefined> {
    const running = this.#running;
    if (!running) return undefined;
    running.stop.abort();
    const stopped = new AbortController();
    const timer = this.#options.clock.sleep(drainMsMax, stopped.signal).then(
      () => running.deadline.abort(),
      () => undefined,
    );
    const areWhole = await running.lanes;
    stopped.abort();
    await timer;
    await this.#inputs.ended();
    this.#running = undefined;
    return areWhole.every((isWhole) => isWhole) ? running.readers : undefined;
  }
}

function isWhereItWas(reader: BatchBuffer): boolean {
  const { mustReadAnew, isInDoubt } = reader.status();
  return mustReadAnew !== true && isInDoubt !== true;
}
