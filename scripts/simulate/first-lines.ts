// Schedules in which some lines travel first: one source feeds two lanes, and a policy that moves the condition comes at any
// moment, also while the agent is down. The agent's own collector runs them.
import { Collector } from '../../agent/collector.ts';
import type { BatchBuffer, Input, SealedBody } from '../../agent/ports.ts';
import { RouteMemory } from '../../agent/first/route-memory.ts';
import { policySchema, type Policy } from '../../config/policy/policy.ts';
import type { LaneName } from '../../proto/delivery.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import { readBody } from '../../proto/framing/decode-batch-body.ts';
import { inflateLines } from '../../proto/framing/inflate-lines.ts';
import { LinesReader } from '../../proto/framing/lines-reader.ts';
import type { Clock } from '../../proto/runtime/clock.ts';
import type { ProcessLog } from './blame.ts';
import type { BrokenRules } from './broken-rules.ts';

/** What `first` may say, the lines being as log-files.ts writes them. */
const conditions = [[], ['ATTACK'], ['kind=app'], ['203.0.113.1', 'n=1'], ['n=2', 'n=3', 'KILLER']];
export const conditionsCount = conditions.length;

export function withFirst(policy: Policy, at: number): Policy {
  const words = conditions[at] ?? [];
  return policySchema.parse({ ...policy, first: words.length > 0 ? [{ where: words }] : [] });
}

export interface FirstLinesSite {
  readonly lanes: ReadonlyMap<LaneName, BatchBuffer>;
  readonly readerOf: (lane: LaneName) => BatchBuffer | undefined;
  readonly inputOf: (sourceId: string) => Input;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly flushIntervalMs: number;
  readonly log: ProcessLog;
  readonly rules: BrokenRules;
}

export async function openCollector({
  lanes,
  readerOf,
  inputOf,
  disk,
  clock,
  flushIntervalMs,
  log,
  rules,
}: FirstLinesSite): Promise<Collector> {
  return new Collector({
    buffers: lanes,
    readerOf,
    routes: await RouteMemory.open(rules.routeDisk(disk), 'first.json'),
    inputOf: ({ id }) => inputOf(id),
    clock,
    flushIntervalMs,
    log,
  });
}

/** The lines of a body: of two lanes that share a stream, a position says of neither which lines it has. */
export function textsIn({ body }: SealedBody): string[] {
  const read = readBody(Buffer.from(body));
  const lines = read.ok ? inflateLines(read.value) : read;
  const reader = new LinesReader();
  if (!read.ok || !lines.ok || read.value.lineCount === 0 || !reader.open(lines.value, read.value).ok) return [];
  const texts: string[] = [];
  while (reader.next()) texts.push(reader.bytes.toString('utf8', reader.start, reader.end));
  return texts;
}
