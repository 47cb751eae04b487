// Reads records of one generation and says what is missing.
// LevelDB opens without an error after bytes of its files were lost: a key in the middle, or the tail, is simply gone.
// So numbers are checked for continuity and every value against its checksum; what fails is a hole, said explicitly.
import { numberOfKey, recordKey, snapshotKey, unpackRecord } from './record-format.ts';
import type { KvFolder } from './ports.ts';

export interface LogRecord {
  readonly is: 'record';
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly tag: Uint8Array | undefined;
}

/** Numbers from..to, both included, cannot be read any more. */
export interface Hole {
  readonly is: 'hole';
  readonly from: number;
  readonly to: number;
  readonly reason: HoleReason;
}

/** `missing`: not there; `changed`: its checksum fails; `quarantined`: its generation could not be opened or repaired. */
export type HoleReason = 'missing' | 'changed' | 'quarantined';

export type LogItem = LogRecord | Hole;

/** Items cover from..to without gaps, or end after `countMax` records. */
export async function readGeneration(
  kv: KvFolder,
  bounds: { readonly from: number; readonly to: number; readonly countMax: number },
): Promise<LogItem[]> {
  const pairs = await kv.range({ gte: recordKey(bounds.from), lt: snapshotKey(bounds.to + 1), limit: bounds.countMax });
  const items: LogItem[] = [];
  let expected = bounds.from;
  for (const { key, value } of pairs) {
    const number = numberOfKey(key);
    if (number > expected) addHole(items, { is: 'hole', from: expected, to: number - 1, reason: 'missing' });
    const record = unpackRecord(key, value);
    if (record) items.push({ is: 'record', number, ...record });
    else addHole(items, { is: 'hole', from: number, to: number, reason: 'changed' });
    expected = number + 1;
  }
  const isEnd = pairs.length < bounds.countMax;
  if (isEnd && expected <= bounds.to) addHole(items, { is: 'hole', from: expected, to: bounds.to, reason: 'missing' });
  return items;
}

/** Records that follow on `after` without a gap: what a crash left between the data and the slot file. */
export async function readContinuation(kv: KvFolder, after: number, countMax: number): Promise<LogRecord[]> {
  const pairs = await kv.range({ gte: recordKey(after + 1), lt: snapshotKey(Number.MAX_SAFE_INTEGER), limit: countMax });
  const records: LogRecord[] = [];
  for (const { key, value } of pairs) {
    const record = unpackRecord(key, value);
    if (!record || numberOfKey(key) !== after + records.length + 1) break;
    records.push({ is: 'record', number: numberOfKey(key), ...record });
  }
  return records;
}

export async function readSnapshot(kv: KvFolder, first: number): Promise<Uint8Array | undefined> {
  const key = snapshotKey(first);
  const value = await kv.get(key);
  return value && unpackRecord(key, value)?.bytes;
}

function addHole(items: LogItem[], hole: Hole): void {
  const last = items.at(-1);
  if (last?.is === 'hole' && last.to === hole.from - 1) items[items.length - 1] = { ...last, to: hole.to };
  else items.push(hole);
}
