// LineWorkers without threads, for tests of the pipeline and the simulation: real frames are read, a line with ATTACK is a
// finding, a line with KILLER ends the worker unless it is known as poison. Rows go into the memory store's files.
import { createHash } from 'node:crypto';
import { eventId } from '../../proto/ids.ts';
import { decodeAgentFrame } from '../../proto/framing/decode-agent-frame.ts';
import { readBody } from '../../proto/framing/decode-batch-body.ts';
import { inflateLines } from '../../proto/framing/inflate-lines.ts';
import { LinesReader } from '../../proto/framing/lines-reader.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { Serial } from '../../proto/runtime/serial.ts';
import { poisonProblem, refusedProblem, type Worked } from '../line-work.ts';
import type { LineWorkers, TriedLine, Work } from '../pipeline-ports.ts';
import type { StoredEvent } from '../ports.ts';
import type { MemoryStore } from '../store/testing/memory-store.ts';
import type { StoredLines, WorkerFinding } from '../work.ts';

/** The rule that a line with ATTACK matches: group is the word behind it. */
const attackRule = { ruleId: 'attack', ruleVersion: '1', title: 'Attack', level: 'high' } as const;

export class InProcessLines implements LineWorkers {
  readonly #store: MemoryStore;
  readonly #open = new Map<number, StoredEvent[]>();
  /** Of one life: a block is sealed after all work that was asked for before, careful work too. */
  #serial = new Serial();
  #life = 0;
  #isDead = false;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  work(work: Work, trying: (line: TriedLine) => Promise<void>): Promise<Worked> {
    return this.#serial.run(() => this.#work(work, trying));
  }

  seal(block: number): Promise<readonly string[]> {
    return this.#serial.run(() => this.#seal(block));
  }

  async reset(): Promise<void> {
    this.#serial = new Serial();
    this.#open.clear();
    this.#store.eventFiles.clear();
    this.#life++;
    this.#isDead = false;
  }

  async #work(work: Work, trying: (line: TriedLine) => Promise<void>): Promise<Worked> {
    if (this.#isDead) throw died();
    const rows: StoredEvent[] = [];
    const findings: WorkerFinding[] = [];
    const stored: StoredLines[] = [];
    let lines = 0;
    for (const [entry, { frame, agentId }] of work.entries.entries()) {
      const linesOf = new Map<string, number>();
      const batch = openBatch(frame);
      if (!batch) continue;
      for (const line of batch.lines) {
        lines++;
        if (work.careful) await trying({ entry, index: line.index });
        const isPoison = work.poison.some((poison) => poison.entry === entry && poison.index === line.index);
        if (line.text.includes('KILLER') && !isPoison) {
          this.#isDead = true;
          throw died();
        }
        const id = eventId({ agentId, epoch: batch.epoch, lane: batch.lane, sequence: batch.sequence, index: line.index });
        const problem = isPoison ? poisonProblem : work.rawRows ? refusedProblem : '';
        rows.push({
          id,
          timeMs: line.readAtMs,
          createdMs: line.readAtMs,
          ingestedMs: work.committedAtMs,
          fields: problem === '' ? {} : { problem },
          raw: line.text,
        });
        linesOf.set(line.streamId, (linesOf.get(line.streamId) ?? 0) + 1);
        if (work.detect && !isPoison && line.text.includes('ATTACK'))
          findings.push(findingOf({ id, agentId, sourceId: line.sourceId, timeMs: line.readAtMs, text: line.text }));
      }
      const place = { agentId, epoch: batch.epoch, lane: batch.lane, sequence: batch.sequence };
      for (const streamId of batch.streamIds) stored.push({ ...place, streamId, lines: linesOf.get(streamId) ?? 0 });
    }
    if (work.block > 0) this.#open.set(work.block, [...(this.#open.get(work.block) ?? []), ...rows]);
    const maxTimeMs = rows.reduce((most, { timeMs }) => Math.max(most, timeMs), 0);
    const counts = { lines, rawBytes: 0, problems: 0, decoders: {} };
    return { rows: work.block > 0 ? rows.length : 0, findings, maxTimeMs, counts, stored, damaged: [] };
  }

  async #seal(block: number): Promise<readonly string[]> {
    if (this.#isDead) throw died();
    const rows = this.#open.get(block) ?? [];
    this.#open.delete(block);
    if (rows.length === 0) return [];
    const file = `events-${this.#life}-${block}`;
    this.#store.eventFiles.set(file, rows);
    return [file];
  }
}

/** Made once: it holds room for the largest batch. */
const reader = new LinesReader();

interface ReadLine {
  readonly index: number;
  readonly text: string;
  readonly readAtMs: number;
  readonly streamId: string;
  readonly sourceId: string;
}

function openBatch(frame: Uint8Array) {
  const decoded = decodeAgentFrame(frame);
  if (!decoded.ok || decoded.value.is !== 'batch') return undefined;
  const { batch } = decoded.value;
  const body = readBody(batch.body);
  const inflated = body.ok ? inflateLines(body.value) : undefined;
  if (!body.ok || !inflated?.ok || !reader.open(inflated.value, body.value).ok) return undefined;
  const lines: ReadLine[] = [];
  while (reader.next()) {
    const { streamId = '', sourceId = '' } = body.value.streams[reader.stream] ?? {};
    const text = reader.bytes.toString('utf8', reader.start, reader.end);
    lines.push({ index: reader.index, text, readAtMs: reader.readAtMs, streamId, sourceId });
  }
  const { lane, sequence } = batch;
  return {
    lane,
    sequence,
    epoch: Buffer.from(batch.epoch).toString('hex'),
    lines,
    streamIds: body.value.streams.map(({ streamId }) => streamId),
  };
}

function findingOf({
  id,
  agentId,
  sourceId,
  timeMs,
  text,
}: {
  id: string;
  agentId: string;
  sourceId: string;
  timeMs: number;
  text: string;
}): WorkerFinding {
  const value = /ATTACK (\S+)/.exec(text)?.[1] ?? '';
  const group = [{ field: 'source.ip', value }];
  const evidence = [{ eventId: id, timeMs, agentId, sourceId, raw: text, sha256: createHash('sha256').update(text).digest('hex') }];
  const fold = { count: 1, times: [[timeMs, 1] as const], evidence };
  return {
    ...attackRule,
    tags: [],
    alerts: true,
    group,
    agentId,
    sourceId,
    eventId: id,
    timeMs,
    raw: text,
    fields: { 'source.ip': value },
    fold,
  };
}

function died(): AtalaiaError {
  return new AtalaiaError('WORKER_FAILED', 'a line ended the worker');
}
