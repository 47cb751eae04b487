// Reads records of one generation and says what is missing.
// LevelDB opens without an error after bytes of its files were lost: a key in the middle, or the tail, is simply gone.
// So numbers are checked for continuity and every value against its checksum; what fails is a hole, said explicitly.
// Damage to a table shows only when it is read: then each number is asked for alone, and what others say is kept.
import { numberOfKey, recordKey, snapshotKey, unpackRecord } from './record-format.ts';
import { errorCode } from '../runtime/errors.ts';
import type { KeyValue, KvFolder } from './ports.ts';

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
  const pairs = await pairsOf(kv, bounds);
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
export async function readContinuation(
  kv: KvFolder,
  after: number,
  countMax: number,
): Promise<{ readonly records: readonly LogRecord[]; readonly isDamaged: boolean }> {
  let isDamaged = false;
  const to = Number.MAX_SAFE_INTEGER - 1;
  const pairs = await rangeOf(kv, { from: after + 1, to, countMax }).catch((error: unknown) => {
    if (errorCode(error) !== 'DAMAGED') throw error;
    isDamaged = true;
    return following(kv, after, countMax);
  });
  const records: LogRecord[] = [];
  for (const { key, value } of pairs) {
    const record = unpackRecord(key, value);
    if (!record || numberOfKey(key) !== after + records.length + 1) break;
    records.push({ is: 'record', number: numberOfKey(key), ...record });
  }
  return { records, isDamaged };
}

export async function readSnapshot(kv: KvFolder, first: number): Promise<Uint8Array | undefined> {
  const key = snapshotKey(first);
  const value = await valueOf(kv, key);
  return value && unpackRecord(key, value)?.bytes;
}

interface Bounds {
  readonly from: number;
  readonly to: number;
  readonly countMax: number;
}

function rangeOf(kv: KvFolder, { from, to, countMax }: Bounds): Promise<readonly KeyValue[]> {
  return kv.range({ gte: recordKey(from), lt: snapshotKey(to + 1), limit: countMax });
}

async function pairsOf(kv: KvFolder, bounds: Bounds): Promise<readonly KeyValue[]> {
  try {
    return (await everyPair(kv, bounds)) ?? (await rangeOf(kv, bounds));
  } catch (error) {
    if (errorCode(error) !== 'DAMAGED') throw error;
  }
  const pairs: KeyValue[] = [];
  for (let number = bounds.from; number <= bounds.to && pairs.length < bounds.countMax; number++) {
    const key = recordKey(number);
    const value = await valueOf(kv, key);
    if (value) pairs.push({ key, value });
  }
  return pairs;
}

/**
 * All of them by their numbers; undefined when one is not there. An iterator of LevelDB keeps the last values that it gave
 * out until the collector finds it, tens of megabytes while a backlog drains: it is for what has gaps.
 */
async function everyPair(kv: KvFolder, { from, to, countMax }: Bounds): Promise<KeyValue[] | undefined> {
  const pairs: KeyValue[] = [];
  for (let number = from; number <= to && pairs.length < countMax; number++) {
    const key = recordKey(number);
    const value = await kv.get(key);
    if (!value) return undefined;
    pairs.push({ key, value });
  }
  return pairs;
}

/** One by one up to the first that is not there. */
async function following(kv: KvFolder, after: number, countMax: number): Promise<KeyValue[]> {
  const pairs: KeyValue[] = [];
  while (pairs.length < countMax) {
    const key = recordKey(after + pairs.length + 1);
    const value = await valueOf(kv, key);
    if (!value) break;
    pairs.push({ key, value });
  }
  return pairs;
}

async function valueOf(kv: KvFolder, key: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await kv.get(key);
  } catch (error) {
    if (errorCode(error) !== 'DAMAGED') throw error;
    return undefined;
  }
}

function addHole(items: LogItem[], hole: Hole): void {
  const last = items.at(-1);
  if (last?.is === 'hole' && last.to === hole.from - 1) items[items.length - 1] = { ...last, to: hole.to };
  else items.push(hole);
}
