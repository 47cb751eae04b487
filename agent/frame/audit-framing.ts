// The records of one audit event, which come between those of other events, as one line (DECISION-audit-events.md).
// Promises: a joined line is the bytes of its records in their order, a line feed between them; nothing is left out, whatever
// comes; the same bytes give the same lines however they come, silence apart. Events that overlap are handed out together
// with the last of them to end, and all carry the place where the first began: nobody may go on reading between them, so
// nothing of an event that is open is behind a position. What is no record is a line by itself.
// An event ends with the record that the kernel or the dispatcher writes last, when it is one record by itself, when a
// record two seconds younger comes, or after two seconds of silence. Beyond the limits what is open ends early, marked as cut.
import type { FoundLines, LineFeed, LineRest } from '../ports.ts';
import { endsEvent, isAlone, readAuditRecord } from './audit-record.ts';

export const auditLimits = { groupBytesMax: 128 * 1024, groupLinesMax: 1_024, openEventsMax: 64 } as const;
/** auditd's own end_of_event_timeout. */
const eventSeconds = 2;

interface Event {
  readonly lines: number[];
  readonly seconds: number;
  isCut: boolean;
}

/** Events that overlap. */
interface Group {
  first: number;
  events: Event[];
  readonly open: Map<string, Event>;
}

export class AuditFraming {
  readonly quietMs = eventSeconds * 1_000;
  /** Of the lines joined last: which runs of bytes make each of them; only where events overlapped. */
  #runs: readonly (readonly Run[])[] | undefined;
  #out = Buffer.alloc(0);
  #starts = new Uint32Array(0);
  #ends = new Uint32Array(0);

  lineFeed(): LineFeed {
    return 'byte';
  }

  join(lines: FoundLines, rest: LineRest): { count: number; cut: number[]; end: number } {
    const { bytes, starts, ends } = lines;
    const joined = new JoinedEvents(lines);
    const group: Group = { first: 0, events: [], open: new Map() };
    for (let line = 0; line < lines.count; line++) {
      const [start, end] = [starts[line] ?? 0, ends[line] ?? 0];
      const record = readAuditRecord(bytes, start, end);
      if (record) closeOlder(group, record.seconds);
      if (group.open.size === 0) joined.take(group, line);
      let event = record && group.open.get(record.event);
      if (isFull(group, { line, start: starts[group.first] ?? 0, end, isNew: event === undefined })) {
        cutOpen(group);
        joined.take(group, line);
        event = undefined;
      }
      if (event === undefined) {
        event = { lines: [], seconds: record?.seconds ?? 0, isCut: false };
        group.events.push(event);
        if (record && !isAlone(record, bytes, start, end)) group.open.set(record.event, event);
      }
      event.lines.push(line);
      if (record && endsEvent(record)) group.open.delete(record.event);
    }
    if (rest.isWhole) group.open.clear();
    if (group.open.size === 0) joined.take(group, lines.count);
    this.#runs = joined.isMixed ? joined.runs : undefined;
    return joined.write(group.events.length > 0 ? joined.startOf(group) : rest.from);
  }

  decode(lines: FoundLines): FoundLines {
    const runs = this.#runs;
    if (!runs || lines.count === 0) return lines;
    this.#makeRoom(runs);
    let at = 0;
    for (let event = 0; event < lines.count; event++) {
      this.#starts[event] = at;
      for (const [index, { from, to }] of (runs[event] ?? []).entries()) {
        if (index > 0) this.#out[at++] = 0x0a;
        at += lines.bytes.copy(this.#out, at, from, to);
      }
      this.#ends[event] = at;
    }
    return { ...lines, bytes: this.#out, starts: this.#starts, ends: this.#ends, sourceStarts: lines.sourceStarts, count: lines.count };
  }

  #makeRoom(runs: readonly (readonly Run[])[]): void {
    const byteLength = runs.flat().reduce((sum, { from, to }) => sum + to - from + 1, 0);
    if (this.#out.length < byteLength) this.#out = Buffer.allocUnsafe(byteLength * 2);
    if (this.#starts.length >= runs.length) return;
    this.#starts = new Uint32Array(runs.length * 2);
    this.#ends = new Uint32Array(runs.length * 2);
  }
}

function closeOlder({ open }: Group, seconds: number): void {
  for (const [key, event] of open) if (seconds - event.seconds >= eventSeconds) open.delete(key);
}

function cutOpen({ open }: Group): void {
  for (const event of open.values()) event.isCut = true;
  open.clear();
}

function isFull(
  { first, events, open }: Group,
  next: { readonly line: number; readonly start: number; readonly end: number; readonly isNew: boolean },
): boolean {
  if (events.length === 0) return false;
  if (next.end - next.start > auditLimits.groupBytesMax || next.line - first >= auditLimits.groupLinesMax) return true;
  return next.isNew && open.size >= auditLimits.openEventsMax;
}

interface Run {
  readonly from: number;
  readonly to: number;
}

/** Whole events, until they are written into the arrays of the lines that they were made of. */
class JoinedEvents {
  readonly #lines: FoundLines;
  readonly #wasCut: ReadonlySet<number>;
  readonly runs: Run[][] = [];
  readonly #sourceStarts: number[] = [];
  readonly #cut: number[] = [];
  /** Some event is not one run of bytes. */
  isMixed = false;

  constructor(lines: FoundLines) {
    this.#lines = lines;
    this.#wasCut = new Set(lines.cut);
  }

  startOf({ first }: Group): number {
    return this.#lines.starts[first] ?? 0;
  }

  /** The group is whole; the next begins with the line `next`. */
  take(group: Group, next: number): void {
    for (const { lines, isCut } of group.events) {
      const runs = this.#runsOf(lines);
      if (runs.length > 1) this.isMixed = true;
      if (isCut || (this.#wasCut.size > 0 && lines.some((line) => this.#wasCut.has(line)))) this.#cut.push(this.runs.length);
      this.runs.push(runs);
      this.#sourceStarts.push(this.#lines.sourceStarts[group.first] ?? 0);
    }
    group.events = [];
    group.first = next;
  }

  write(end: number): { count: number; cut: number[]; end: number } {
    const { starts, ends, sourceStarts } = this.#lines;
    for (const [event, runs] of this.runs.entries()) {
      starts[event] = runs[0]?.from ?? 0;
      ends[event] = runs.at(-1)?.to ?? 0;
      sourceStarts[event] = this.#sourceStarts[event] ?? 0;
    }
    return { count: this.runs.length, cut: this.#cut, end };
  }

  /** Lines that follow each other are one run, with what stands between them. */
  #runsOf(lines: readonly number[]): Run[] {
    const { starts, ends } = this.#lines;
    const runs: { from: number; to: number }[] = [];
    let before = -2;
    for (const line of lines) {
      const last = runs.at(-1);
      if (last && line === before + 1) last.to = ends[line] ?? 0;
      else runs.push({ from: starts[line] ?? 0, to: ends[line] ?? 0 });
      before = line;
    }
    return runs;
  }
}
