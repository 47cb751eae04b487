// Live lines of the running agent for whoever may open its local socket (`atalaia-agent tap`).
// Promises: nothing is done while nobody taps; a tap costs at most `shareMs` of each `windowMs` of the agent's thread and
// `waitingBytesMax` of memory, and nothing of the pipeline ever waits for it: lines beyond that are counted and told as
// `missed`. `control.tap` says what may be seen at all: what leaves the host anyhow (trimmed), everything, or nothing.
// A line goes out as text where it is UTF-8, else as base64.
import { compileCondition, type Condition } from '../../config/policy/conditions/compile-condition.ts';
import { LineView, type LineTest } from '../../config/policy/conditions/line-view.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import { Wake } from '../../proto/runtime/wake.ts';
import type { LineBlock } from '../ports.ts';
import { readTapWish, type TapWish } from './tap-wish.ts';

/** What filter and trim left of a block: line i is bytes[starts[i], ends[i]) and was line indexes[i] of the block. */
export interface LeftLines {
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly indexes: Uint32Array;
  readonly droppedBetween?: (from: number, to: number) => Readonly<Record<string, number>>;
}

export interface TapDeskOptions {
  readonly consent: 'off' | 'trimmed' | 'all';
  readonly clock: Clock;
  readonly sources: () => readonly string[];
  readonly log: { info(fields: object, text: string): void };
}

const tapsMax = 4;
const windowMs = 100;
const shareMs = 5;
/** The clock is looked at after so many lines or bytes. */
const linesPerLook = 32;
const bytesPerLook = 64 * 1024;
const waitingLinesMax = 4_096;
const waitingBytesMax = 2 * 1024 * 1024;

export class TapDesk {
  readonly #options: TapDeskOptions;
  readonly #taps = new Set<Tap>();

  constructor(options: TapDeskOptions) {
    this.#options = options;
  }

  /** To be called with every block that passed filter and trim; copies what it keeps. */
  see(block: LineBlock, left: LeftLines): void {
    for (const tap of this.#taps) tap.see(block, left);
  }

  get isOpen(): boolean {
    return this.#taps.size > 0;
  }

  /** What to answer to `tap`: an object that says what is tapped, then one per line or gap, until `gone` aborts. */
  async *open(asked: unknown, gone: AbortSignal): AsyncGenerator<object> {
    const { consent, clock, log, sources } = this.#options;
    const wish = readTapWish(asked);
    if (consent === 'off' || (consent === 'trimmed' && wish.stage !== 'trimmed')) throw refused(consent);
    if (wish.source !== undefined && !sources().includes(wish.source))
      throw new UsageError(`there is no source ${wish.source}; known: ${sources().join(', ') || 'none'}`);
    if (this.#taps.size >= tapsMax) throw new AtalaiaError('TAPS_TAKEN', `${tapsMax} taps are open already; close one`);
    const tap = new Tap(wish, clock);
    this.#taps.add(tap);
    const { stage, source } = wish;
    log.info({ stage, source }, 'tap opened');
    try {
      yield { tap: 'open', stage };
      yield* tap.told(gone);
    } finally {
      this.#taps.delete(tap);
      log.info({ stage, source, linesShown: tap.shown, linesMissed: tap.missedEver }, 'tap closed');
    }
  }
}

function refused(consent: 'off' | 'trimmed'): AtalaiaError {
  const remedy = consent === 'off' ? 'trimmed or all' : 'all (lines before the trim may hold what must not leave this host)';
  return new AtalaiaError(
    'TAP_REFUSED',
    `control.tap of this agent is ${consent}; set it to ${remedy} in agent.yaml and restart the agent`,
  );
}

class Tap {
  readonly #wish: TapWish;
  readonly #clock: Clock;
  readonly #matches: LineTest | undefined;
  readonly #view = new LineView();
  readonly #arrived = new Wake();
  #waiting: object[] = [];
  #waitingBytes = 0;
  #missed = 0;
  #windowBeganMs = 0;
  #spentMs = 0;
  shown = 0;
  missedEver = 0;

  constructor(wish: TapWish, clock: Clock) {
    this.#wish = wish;
    this.#clock = clock;
    this.#matches = wish.where === undefined ? undefined : testOf(wish.where);
  }

  see(block: LineBlock, left: LeftLines): void {
    const { source, stage } = this.#wish;
    if (source !== undefined && block.stream.sourceId !== source) return;
    const lines = stage === 'trimmed' ? left : block;
    const count = stage === 'read' ? block.count : left.count;
    let sinceMs = this.#clock.monotonicMs();
    if (sinceMs - this.#windowBeganMs >= windowMs) {
      this.#windowBeganMs = sinceMs;
      this.#spentMs = 0;
    }
    for (let at = 0, next = 0, lineCount = 0, bytes = 0; at < count; at++) {
      if (this.#spentMs >= shareMs) {
        this.#miss(count - at);
        break;
      }
      const line = stage === 'filtered' ? (left.indexes[at] ?? 0) : at;
      const [start, end] = [lines.starts[line] ?? 0, lines.ends[line] ?? 0];
      const isKept = stage !== 'read' || (next < left.count && left.indexes[next] === at);
      if (isKept) next += 1;
      this.#look(block, lines.bytes.subarray(start, end), isKept ? undefined : reasonOf(left, at));
      bytes += end - start;
      if (++lineCount % linesPerLook !== 0 && bytes < bytesPerLook && at + 1 < count) continue;
      bytes = 0;
      const now = this.#clock.monotonicMs();
      this.#spentMs += now - sinceMs;
      sinceMs = now;
    }
    this.#arrived.wake();
  }

  #look({ stream: { sourceId, path }, readAtMs }: LineBlock, line: Buffer, dropped: string | undefined): void {
    if (this.#matches) {
      this.#view.show(line, 0, line.length);
      if (!this.#matches(this.#view)) return;
    }
    if (this.#waiting.length >= waitingLinesMax || this.#waitingBytes + line.length > waitingBytesMax) {
      this.#miss(1);
      return;
    }
    // What was missed before this line is told before it.
    if (this.#missed > 0) this.#waiting.push(this.#gap());
    this.#waitingBytes += line.length;
    const head = { source: sourceId, path, readAt: new Date(readAtMs).toISOString() };
    this.#waiting.push({ ...head, ...textOf(line), ...(dropped === undefined ? {} : { dropped }) });
  }

  #miss(lines: number): void {
    this.#missed += lines;
    this.missedEver += lines;
  }

  #gap(): object {
    const missed = this.#missed;
    this.#missed = 0;
    return { missed };
  }

  async *told(gone: AbortSignal): AsyncGenerator<object> {
    while (!gone.aborted) {
      const told = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      for (const one of told) {
        if (!('missed' in one)) this.shown += 1;
        yield one;
      }
      if (this.#missed > 0) yield this.#gap();
      else if (this.#waiting.length === 0) await this.#arrived.wait(gone);
    }
  }
}

function testOf(where: Condition): LineTest {
  const compiled = compileCondition(where);
  if (compiled.ok) return compiled.matches;
  throw new UsageError(`--where: ${[...compiled.path, compiled.reason].join(': ')}`);
}

function reasonOf({ droppedBetween }: LeftLines, line: number): string {
  return Object.keys(droppedBetween?.(line, line + 1) ?? {})[0] ?? 'filtered';
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(line: Buffer): object {
  try {
    return { line: decoder.decode(line) };
  } catch {
    return { lineBase64: line.toString('base64') };
  }
}
