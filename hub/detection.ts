// From the findings of journal writes to alerts, restored and not repeated (DELIVERY.md 23 to 25): the correlator, its
// snapshot and the alert stage, one write at a time.
// Promises: `apply` resolves when the write's alerts are durable; a snapshot at P is written only then, so that after any
// crash the writes above P come again and change nothing that they changed before. Findings of the clock (a source fell
// silent) belong to no write: they go into the snapshot first and then, under a number between two writes, into alerts.
// Would break it: writes out of order, or two of these on one snapshot.
import type { Disk } from '../proto/durable/ports.ts';
import type { Clock } from '../proto/runtime/clock.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { killPoint } from '../proto/runtime/kill-points.ts';
import { Serial } from '../proto/runtime/serial.ts';
import { problemFinding } from './alert/problem-finding.ts';
import type { AlertStage } from './alert/alert-stage.ts';
import { Correlator, type AppliedWrite } from './detect/correlate/correlator.ts';
import { readSnapshotFile, writeSnapshotFile } from './detect/correlate/snapshot-file.ts';
import type { Ruleset } from './detect/engine/ruleset.ts';
import type { PipelineLog } from './pipeline-ports.ts';
import type { Finding } from './ports.ts';

export interface DetectionOptions {
  readonly disk: Disk;
  readonly path: string;
  readonly ruleset: Ruleset;
  readonly alerts: AlertStage;
  readonly clock: Clock;
  readonly log: PipelineLog;
}

/** Room for the clock's findings between two writes: more than a tick a second for a week. */
const ticksPerWrite = 2 ** 20;
const retryDelayMs = { first: 100, max: 10_000 };

export class Detection {
  readonly #options: DetectionOptions;
  readonly #correlator: Correlator;
  readonly #serial = new Serial();
  #write = 0;
  #snapshotWrite = 0;
  #ticks = 0;
  #raised: { readonly number: number; readonly findings: readonly Finding[] } = { number: 0, findings: [] };

  private constructor(options: DetectionOptions) {
    this.#options = options;
    this.#correlator = new Correlator(options.ruleset);
  }

  /** `oldestWrite`: the first that the journal still holds; what lies before it is not detected again. */
  static async open(options: DetectionOptions, oldestWrite: number, signal: AbortSignal): Promise<Detection> {
    const detection = new Detection(options);
    await detection.#restore(oldestWrite, signal);
    return detection;
  }

  /** The highest write in a snapshot file, for the journal's number floor. */
  static async highestWrite(disk: Disk, path: string): Promise<number> {
    const read = await readSnapshotFile(disk, path);
    return read.is === 'read' ? read.content.write : 0;
  }

  /** Everything up to here is in alerts, durably. */
  get write(): number {
    return this.#write;
  }

  get snapshotWrite(): number {
    return this.#snapshotWrite;
  }

  /** `problems`: what the hub found about itself while working this write. Tries until it is done or the signal aborts. */
  apply(write: AppliedWrite, problems: readonly Finding[], signal: AbortSignal): Promise<number> {
    return this.#serial.run(async () => {
      if (write.write <= this.#write) return 0;
      const findings = [...this.#correlator.apply(write), ...problems];
      if (findings.length > 0) await this.#untilDone(() => this.#options.alerts.apply(write.write, findings), signal);
      this.#write = write.write;
      this.#ticks = 0;
      return findings.length;
    });
  }

  /** Windows that the wall clock closes. */
  tick(signal: AbortSignal): Promise<void> {
    return this.#serial.run(async () => {
      const findings = this.#correlator.tick(this.#options.clock.nowMs());
      if (findings.length === 0) return;
      this.#ticks = Math.min(this.#ticks + 1, ticksPerWrite - 1);
      this.#raised = { number: this.#write + this.#ticks / ticksPerWrite, findings };
      await this.#untilDone(() => this.#save(), signal);
      await this.#raise(signal);
    });
  }

  /** Durable when it resolves. Nothing is written when nothing changed. */
  snapshot(signal: AbortSignal): Promise<void> {
    return this.#serial.run(async () => {
      if (this.#write === this.#snapshotWrite) return;
      await this.#untilDone(() => this.#save(), signal);
      killPoint('hub.after-snapshot');
    });
  }

  async #restore(oldestWrite: number, signal: AbortSignal): Promise<void> {
    const { disk, path } = this.#options;
    const read = await readSnapshotFile(disk, path);
    const floor = oldestWrite - 1;
    if (read.is === 'read') {
      const isHole = read.content.write < floor;
      const lost = this.#load(read.content.correlator);
      this.#write = this.#snapshotWrite = Math.max(read.content.write, floor);
      this.#raised = read.content.raised;
      this.#ticks = Math.round((this.#raised.number % 1) * ticksPerWrite);
      await this.#raise(signal);
      if (isHole) await this.#tell(`the journal begins at write ${oldestWrite}, the snapshot ends at ${read.content.write}`);
      if (lost) await this.#tell(lost);
      return;
    }
    this.#write = this.#snapshotWrite = floor;
    if (read.is === 'unreadable' || floor > 0) await this.#tell(`the correlator's snapshot is ${read.is}`);
  }

  /** Why it could not be read; undefined when it was. Rules that changed start with empty windows, as their authors expect. */
  #load(bytes: Uint8Array): string | undefined {
    try {
      const changed = this.#correlator.restore(bytes);
      if (changed.length > 0) this.#options.log.info({ rules: changed }, 'correlations that changed begin with empty windows');
      return undefined;
    } catch (error) {
      if (!(error instanceof AtalaiaError)) throw error;
      return error.message;
    }
  }

  async #tell(detail: string): Promise<void> {
    this.#options.log.error({ detail }, 'correlation windows that were open begin empty');
    const title = 'Correlation began anew: windows that were open are empty';
    const atMs = this.#options.clock.nowMs();
    await this.#options.alerts.raise([problemFinding({ name: 'detection-restarted', title, level: 'medium', atMs, about: [], detail })]);
  }

  async #raise(signal: AbortSignal): Promise<void> {
    const { number, findings } = this.#raised;
    if (findings.length === 0) return;
    await this.#untilDone(() => this.#options.alerts.apply(number, findings), signal);
    this.#raised = { number, findings: [] };
  }

  async #save(): Promise<void> {
    const { disk, path } = this.#options;
    const write = this.#write;
    await writeSnapshotFile(disk, path, { write, raised: this.#raised, correlator: this.#correlator.snapshot() });
    this.#snapshotWrite = write;
  }

  async #untilDone(task: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    for (let delayMs = retryDelayMs.first; ; delayMs = Math.min(delayMs * 2, retryDelayMs.max)) {
      signal.throwIfAborted();
      try {
        return await task();
      } catch (error) {
        log.warn({ err: error, delayMs }, 'alerts could not be written down, trying again; the journal keeps the lines');
        await clock.sleep(delayMs, signal);
      }
    }
  }
}
