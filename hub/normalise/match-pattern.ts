// Runs a parsed pattern over a text: one walk, no backtracking except the four tries of `widest`. Captures are noted as
// positions and only turned into values when the whole pattern has matched, so a near miss allocates nothing.
// Promises: linear in the text; never throws; the state is one array per pattern (one thread, no re-entrance).
import type { CaptureKind, Element } from '../../config/decoders/pattern.ts';

const widestTriesMax = 4;

interface Op {
  readonly is: 'literal' | 'capture' | 'optional';
  readonly text: string;
  readonly kind: CaptureKind;
  readonly capture: number;
  readonly of: readonly Op[];
  /** First literals that may end a free capture: those of optional groups that follow, then what must come. */
  readonly stops: readonly string[];
  /** Nothing mandatory follows, so a free capture may run to the end. */
  readonly mayEnd: boolean;
}

export interface CompiledPattern {
  readonly lead: string;
  /** Characters a text may begin with; undefined where any may. */
  readonly firsts: ReadonlySet<number> | undefined;
  readonly targets: readonly { readonly target: string; readonly kind: CaptureKind }[];
  readonly ops: readonly Op[];
  /** start, end per capture; start -1 where an optional group was absent. */
  readonly spans: Int32Array;
}

export function compilePattern(elements: readonly Element[]): CompiledPattern {
  const targets: { target: string; kind: CaptureKind }[] = [];
  const ops = compileList(elements, targets, [], true);
  const first = ops[0];
  return {
    lead: first?.is === 'literal' ? first.text : '',
    firsts: firstsOf(ops),
    targets,
    ops,
    spans: new Int32Array(targets.length * 2),
  };
}

function firstsOf(ops: readonly Op[]): Set<number> | undefined {
  const firsts = new Set<number>();
  for (const op of ops) {
    if (op.is === 'literal') return firsts.add(op.text.charCodeAt(0));
    if (op.is === 'capture') return undefined;
    const inner = firstsOf(op.of);
    if (!inner) return undefined;
    for (const code of inner) firsts.add(code);
  }
  return undefined;
}

function compileList(
  elements: readonly Element[],
  targets: { target: string; kind: CaptureKind }[],
  after: readonly string[],
  atEnd: boolean,
): Op[] {
  const base = { text: '', kind: 'text' as const, capture: -1, of: [], stops: [], mayEnd: false };
  return elements.map((element, index): Op => {
    const rest = elements.slice(index + 1);
    if (element.is === 'literal') return { ...base, is: 'literal', text: element.text };
    const { stops, ends } = stopsOf(rest);
    const all = ends ? [...stops, ...after] : stops;
    if (element.is === 'optional') return { ...base, is: 'optional', of: compileList(element.of, targets, all, ends && atEnd) };
    targets.push({ target: element.target, kind: element.kind });
    return { ...base, is: 'capture', kind: element.kind, capture: targets.length - 1, stops: all, mayEnd: ends && atEnd };
  });
}

function stopsOf(rest: readonly Element[]): { stops: string[]; ends: boolean } {
  const stops: string[] = [];
  for (const element of rest) {
    if (element.is === 'literal') return { stops: [...stops, element.text], ends: false };
    if (element.is === 'capture') return { stops, ends: false };
    const [first] = element.of;
    if (first?.is === 'literal') stops.push(first.text);
  }
  return { stops, ends: true };
}

/** What is being matched: one thread, no re-entrance, so the walk carries positions only. */
const scan: { text: string; spans: Int32Array } = { text: '', spans: new Int32Array(0) };

export function matchPattern(pattern: CompiledPattern, text: string): boolean {
  if (pattern.lead !== '' && !text.startsWith(pattern.lead)) return false;
  pattern.spans.fill(-1);
  scan.text = text;
  scan.spans = pattern.spans;
  return runOps(pattern.ops, 0, 0) === text.length;
}

/** The position after the match, or -1. Only the top level may leave text over; the caller compares. */
function runOps(ops: readonly Op[], from: number, start: number): number {
  const { text, spans } = scan;
  let at = start;
  for (let index = from; index < ops.length; index++) {
    const op = ops[index];
    if (!op) return -1;
    if (op.is === 'literal') {
      if (!text.startsWith(op.text, at)) return -1;
      at += op.text.length;
    } else if (op.is === 'optional') {
      const end = runOps(op.of, 0, at);
      if (end >= 0) at = end;
      else forget(op.of, spans);
    } else if (op.kind === 'widest') return runWidest(ops, index, at);
    else {
      const end = captureEnd(op, text, at);
      if (end < 0) return -1;
      const quoted = op.kind === 'quoted' ? 1 : 0;
      spans[op.capture * 2] = at + quoted;
      spans[op.capture * 2 + 1] = end - quoted;
      at = end;
    }
  }
  return at;
}

function forget(ops: readonly Op[], spans: Int32Array): void {
  for (const op of ops) {
    if (op.capture >= 0) spans[op.capture * 2] = -1;
    if (op.is === 'optional') forget(op.of, spans);
  }
}

/** The rightmost place of the next literal at which all the rest fits to the end: what an attacker wrote stays inside. */
function runWidest(ops: readonly Op[], index: number, at: number): number {
  const { text, spans } = scan;
  const op = ops[index];
  const stop = op?.stops[0];
  if (!op || stop === undefined) return -1;
  let end = text.length;
  for (let tries = 0; tries < widestTriesMax; tries++) {
    end = text.lastIndexOf(stop, end - 1);
    if (end < at) return -1;
    const after = runOps(ops, index + 1, end);
    if (after === text.length) {
      spans[op.capture * 2] = at;
      spans[op.capture * 2 + 1] = end;
      return after;
    }
    if (end === 0) return -1;
  }
  return -1;
}

function captureEnd(op: Op, text: string, at: number): number {
  switch (op.kind) {
    case 'rest':
      return text.length;
    case 'quoted':
      return quotedEnd(text, at);
    case 'text':
    case 'widest':
      return freeEnd(op, text, at);
    default: {
      let end = runEnd(op.kind, text, at);
      if (op.kind === 'word') end = wordStop(op.stops, text, at, end);
      if (op.kind === 'ip' && !hasDotOrColon(text, at, end)) return -1;
      return end > at ? end : -1;
    }
  }
}

/** A word also ends where what must follow begins: `(to root)` with `(to <x:word>)`. */
function wordStop(stops: readonly string[], text: string, at: number, end: number): number {
  let best = end;
  for (const stop of stops) {
    if (stop.charCodeAt(0) === 32) continue;
    const found = text.indexOf(stop, at + 1);
    if (found > at && found < best) best = found;
  }
  return best;
}

/** A bare number is no address, whatever stands around it. */
function hasDotOrColon(text: string, at: number, end: number): boolean {
  for (let next = at; next < end; next++) {
    const code = text.charCodeAt(next);
    if (code === 46 || code === 58) return true;
  }
  return false;
}

function freeEnd(op: Op, text: string, at: number): number {
  let best = op.mayEnd ? text.length : -1;
  for (const stop of op.stops) {
    const found = text.indexOf(stop, at);
    if (found >= 0 && (best < 0 || found < best)) best = found;
  }
  return best;
}

function quotedEnd(text: string, at: number): number {
  if (text.charCodeAt(at) !== 34) return -1;
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next);
    if (code === 92) next++;
    else if (code === 34) return next + 1;
  }
  return -1;
}

const classes: Readonly<Record<'word' | 'name' | 'long' | 'float' | 'ip' | 'host' | 'hex', Uint8Array>> = {
  word: classOf((char) => char > ' ' && char !== '\u007f'),
  name: classOf((char) => /[A-Za-z0-9_.$@-]/.test(char)),
  long: classOf((char) => /[0-9-]/.test(char)),
  float: classOf((char) => /[0-9.eE+-]/.test(char)),
  ip: classOf((char) => /[0-9A-Fa-f:.%]/.test(char)),
  host: classOf((char) => /[A-Za-z0-9_.:%-]/.test(char)),
  hex: classOf((char) => /[0-9A-Fa-fx]/.test(char)),
};

function classOf(holds: (char: string) => boolean): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => (holds(String.fromCharCode(code)) ? 1 : 0));
}

function runEnd(kind: 'word' | 'name' | 'long' | 'float' | 'ip' | 'host' | 'hex', text: string, at: number): number {
  const wanted = classes[kind];
  const others = kind === 'word';
  let end = at;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code < 128 ? wanted[code] === 0 : !others) break;
  }
  // An address or host at the end of a clause carries its punctuation: "from 192.0.2.1: 11".
  if (kind === 'ip' || kind === 'host') {
    while (end > at && (text.charCodeAt(end - 1) === 58 || text.charCodeAt(end - 1) === 46) && text.charCodeAt(end - 2) !== 58) end--;
  }
  return end;
}
