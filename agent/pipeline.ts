// The agent's path: inputs → filter → trim → seal → buffer, one loop per lane, built from a policy value.
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
import { BatchWriter } from './batch-writer.ts';
import { Sealer } from './buffer/sealer.ts';
import { createLineKeeper, type KeptBlock } from './filter/keep-lines.ts';
import { holdInDoubt } from './hold-in-doubt.ts';
import { mergeInputs } from './inputs/merge-inputs.ts';
import type { BatchBuffer, Input, LineBlock } from './ports.ts';

export interface LanePlan {
  readonly lane: LaneName;
  readonly buffer: BatchBuffer;
  readonly policy: Policy;
  readonly policyHash: Uint8Array;
  readonly inputs: readonly Input[];
  readonly clock: Clock;
  readonly flushIntervalMs: number;
  readonly log: PipelineLog;
  /** Sees what is kept, where the operator asked for that (log.showLines). */
  readonly onKept?: ((block: LineBlock, kept: KeptBlock) => void) | undefined;
  /** Sees batches on their way into the buffer, for whoever watches that they arrive. */
  readonly onWriting?: ((lane: LaneName, task: Promise<void>) => void) | undefined;
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

/** The least compression that is worth its time on a host that has other work. */
const zstdLevel = 1;
const batchesAheadMax = 2;
const retryAfterFailureMs = 1_000;

/** Runs until stopped, whatever the disk does meanwhile. */
export async function runLane(plan: LanePlan, signals: StopSignals): Promise<void> {
  while (!signals.stop.aborted) {
    try {
      await readIntoBuffer(plan, signals);
    } catch (error) {
      if (signals.stop.aborted) {
        plan.log.info({ lane: plan.lane, error }, 'stopped with lines that were not buffered; they are read again at the next start');
        return;
      }
      if (errorCode(error) === 'POSITIONS_MOVED')
        plan.log.info(
          { lane: plan.lane },
          'places of this lane moved (damage, or the hub knows more than the buffer); reading begins anew',
        );
      else plan.log.error({ lane: plan.lane, error }, 'reading into the buffer failed; it begins anew from the last buffered position');
      await plan.clock.sleep(retryAfterFailureMs, signals.stop).catch(() => undefined);
    }
  }
}

async function readIntoBuffer(plan: LanePlan, { stop, deadline }: StopSignals): Promise<void> {
  const { buffer, policy, policyHash, inputs, clock, flushIntervalMs } = plan;
  const resume = buffer.positions();
  const sealer = new Sealer({ policyHash, level: zstdLevel }, resume);
  const failed = new AbortController();
  const reading = AbortSignal.any([stop, failed.signal]);
  const writer = new BatchWriter({
    buffer,
    aheadMax: batchesAheadMax,
    signal: deadline,
    onFailure: () => failed.abort(),
    onWriting: (task) => plan.onWriting?.(plan.lane, task),
  });
  const held = inputs.map((input) => holdInDoubt(input, { buffer, clock, askEveryMs: flushIntervalMs }));
  const keepers = new Map(policy.sources.map(({ id }) => [id, createLineKeeper(policy, id)]));
  const flushing = (async () => {
    for await (const _ of ticks(flushIntervalMs, { clock, signal: reading })) {
      await writer.write(sealer.seal());
      // Lines that were destroyed are read again now, not only when something new is written.
      if (buffer.status().mustReadAnew) failed.abort();
    }
  })();

  try {
    for await (const block of mergeInputs(held, resume, reading)) {
      // What was received and cannot be read again stays with its input until the lane begins anew.
      if (failed.signal.aborted) break;
      killPoint('agent.after-read');
      const kept = keepers.get(block.stream.sourceId)?.keep(block);
      if (!kept) continue;
      plan.onKept?.(block, kept);
      await writer.write(sealer.add(block, kept));
    }
  } finally {
    failed.abort();
    await flushing;
    await writer.idle();
  }
  await writer.write(sealer.seal());
  await writer.end();
}
