// The agent's path: inputs → filter → trim → seal → buffer, one loop per lane (and one for the sources of which some lines
// travel first, which has two outputs: first/DECISION-first-lines.md), built from a policy value.
// Promises: a slow buffer slows the reader (pull is the back-pressure, at most batchesAheadMax sealed batches wait); lines
// and source positions become durable in one write; a stop or a new policy takes effect at a batch boundary, and what was
// read and not yet buffered then is read again, because its position did not move.
// A lane begins anew from the buffer's positions when the buffer says that they moved (POSITIONS_MOVED) or a write failed.
import type { Policy } from '../config/policy/policy.ts';
import type { LaneName } from '../proto/delivery.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import { errorCode } from '../proto/runtime/errors.ts';
import { killPoint } from '../proto/runtime/kill-points.ts';
import { ticks } from '../proto/runtime/ticks.ts';
import { canBeReadAgain } from './can-be-read-again.ts';
import { createLineKeeper, type KeptBlock } from './filter/keep-lines.ts';
import { holdInDoubt } from './inputs/hold-in-doubt.ts';
import { mergeInputs } from './inputs/merge-inputs.ts';
import { LaneOutput } from './lane-output.ts';
import { LastingTrouble } from './lasting-trouble.ts';
import { Beginnings } from './first/beginnings.ts';
import { LineSorter } from './first/line-sorter.ts';
import type { BatchBuffer, Input, LineBlock, StreamPosition } from './ports.ts';
import type { SourceRoute } from './first/route-memory.ts';
import { isNameInFirst } from './first/stream-places.ts';

export interface LanePlan {
  readonly lane: LaneName;
  readonly buffer: BatchBuffer;
  readonly policy: Policy;
  readonly policyHash: Uint8Array;
  readonly inputs: readonly Input[];
  readonly clock: Clock;
  readonly flushIntervalMs: number;
  readonly log: PipelineLog;
  /** Of this lane, where one plan follows the other: what lasts over both is told once. */
  readonly trouble?: LastingTrouble;
  /** Sees what is kept, where the operator asked for that (log.showLines). */
  readonly onKept?: ((block: LineBlock, kept: KeptBlock) => void) | undefined;
  /** Sees batches on their way into the buffer, for whoever watches that they arrive. */
  readonly onWriting?: ((lane: LaneName, task: Promise<void>) => void) | undefined;
  /** Where lines of these inputs that travel first go, and by which conditions, by source. */
  readonly ahead?: { readonly buffer: BatchBuffer; readonly routes: ReadonlyMap<string, SourceRoute> } | undefined;
}

export interface PipelineLog {
  info(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export interface StopSignals {
  /** Stop reading and bring what was read into the buffer. */
  readonly stop: AbortSignal;
  /** Give up on that too. */
  readonly deadline: AbortSignal;
}

const retryAfterFailureMs = 1_000;

/** Runs until stopped, whatever the disk does meanwhile. False when something that was read did not reach the buffer. */
export async function runLane(plan: LanePlan, signals: StopSignals): Promise<boolean> {
  let isWhole = true;
  const trouble = plan.trouble ?? new LastingTrouble(plan.log, plan.clock);
  while (!signals.stop.aborted) {
    const attempt = new AbortController();
    const goingWell = trouble.goesWell(AbortSignal.any([signals.stop, attempt.signal]), { lane: plan.lane }, 'reading goes on');
    try {
      await readIntoBuffer(plan, signals);
      isWhole = true;
    } catch (error) {
      attempt.abort();
      isWhole = false;
      if (signals.stop.aborted) {
        plan.log.info({ lane: plan.lane, error }, 'stopped with lines that were not buffered; they are read again at the next start');
        return false;
      }
      if (errorCode(error) === 'POSITIONS_MOVED')
        plan.log.info(
          { lane: plan.lane },
          'places of this lane moved (damage, or the hub knows more than the buffer); reading begins anew',
        );
      else
        trouble.failed(
          error,
          { lane: plan.lane },
          'reading into the buffer failed; it begins anew from the last buffered position, until it succeeds',
        );
      await plan.clock.sleep(retryAfterFailureMs, signals.stop).catch(() => undefined);
    } finally {
      await goingWell;
    }
  }
  return isWhole;
}

async function readIntoBuffer(plan: LanePlan, { stop, deadline }: StopSignals): Promise<void> {
  const { inputs, clock, flushIntervalMs } = plan;
  const failed = new AbortController();
  const reading = AbortSignal.any([stop, failed.signal]);
  const { outputs, resume, place } = await openOutputs(plan, deadline, () => failed.abort());
  const held = inputs.map((input) =>
    outputs.reduce((held, { buffer }) => holdInDoubt(held, { buffer, clock, askEveryMs: flushIntervalMs }), input),
  );
  // Each by itself: a lane that is full must not keep the other's lines out of its buffer.
  const flushing = outputs.map(async (each) => {
    for await (const _ of ticks(flushIntervalMs, { clock, signal: reading })) {
      await each.flush();
      // Lines that were destroyed are read again now, not only when something new is written.
      if (each.buffer.status().mustReadAnew) failed.abort();
    }
  });

  try {
    for await (const block of mergeInputs(held, resume, reading)) {
      // What was received and cannot be read again stays with its input until the lane begins anew.
      if (failed.signal.aborted) break;
      // One lane was sent back: the other must not go on from a stream that was taken for a new one meanwhile.
      if (outputs.length > 1 && canBeReadAgain(block) && outputs.some(({ buffer }) => buffer.status().mustReadAnew === true)) break;
      killPoint('agent.after-read');
      await place(block);
    }
  } finally {
    failed.abort();
    await Promise.all(flushing);
    for (const each of outputs) await each.idle();
  }
  for (const each of outputs) await each.end();
}

interface Outputs {
  readonly outputs: readonly LaneOutput[];
  /** Where the sources are read on. */
  readonly resume: readonly StreamPosition[];
  /** Filters, trims and seals a block into the lanes that its lines belong to. */
  readonly place: (block: LineBlock) => Promise<void>;
}

async function openOutputs(plan: LanePlan, deadline: AbortSignal, onFailure: () => void): Promise<Outputs> {
  const { policy, ahead } = plan;
  const open = (lane: LaneName, buffer: BatchBuffer): LaneOutput => new LaneOutput({ ...plan, lane, buffer, signal: deadline, onFailure });
  // A stream of which only one lane knows would be taken for two.
  if (ahead) for (const buffer of [plan.buffer, ahead.buffer]) await buffer.readBack();
  const keepers = new Map(policy.sources.map(({ id }) => [id, createLineKeeper(policy, id)]));
  const take = async (into: LaneOutput, block: LineBlock | undefined): Promise<void> => {
    const kept = block && keepers.get(block.stream.sourceId)?.keep(block);
    if (!kept) return;
    plan.onKept?.(block, kept);
    await into.add(block, kept);
  };
  const normal = open(plan.lane, plan.buffer);
  if (!ahead) {
    const resume = normal.positions.filter(isOwn);
    const beginnings = new Beginnings(resume);
    return { outputs: [normal], resume, place: (block) => take(normal, { ...block, stream: beginnings.describe(block) }) };
  }
  const first = open('first', ahead.buffer);
  const sorters = sortersOf(ahead.routes, normal.positions, first.positions);
  return {
    outputs: [normal, first],
    resume: [...sorters.values()].flatMap((sorter) => sorter.resume),
    place: async (block) => {
      const sorted = sorters.get(block.stream.sourceId)?.sort(block) ?? { normal: block, first: undefined };
      await take(first, sorted.first);
      await take(normal, sorted.normal);
    },
  };
}

function sortersOf(
  routes: ReadonlyMap<string, SourceRoute>,
  normal: readonly StreamPosition[],
  first: readonly StreamPosition[],
): ReadonlyMap<string, LineSorter> {
  return new Map([...routes].map(([id, route]) => [id, new LineSorter(id, route, { normal, first })]));
}

/** Another lane's share of a stream, which the hub told this one or an earlier policy left, is not to be read on from. */
function isOwn({ stream }: StreamPosition): boolean {
  return !isNameInFirst(stream.streamId);
}
