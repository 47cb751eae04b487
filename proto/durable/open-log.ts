// Finds out what a generation log's folder holds, without reading the backlog: slot file, then the last generation only.
// Whatever lies in key-value folders beyond the slot file and follows on without a gap is taken over: a crash (or a write
// that failed and yet arrived) left it there, and its numbers must not be given again.
import { join } from 'node:path';
import { emptyLog, decodeLogState, idOfFolder, type Generation, type LogState } from './log-state.ts';
import { AtalaiaError, errorCode } from '../runtime/errors.ts';
import { isSnapshotKey, numberOfKey, snapshotKey } from './record-format.ts';
import { readContinuation, readSnapshot, type LogRecord } from './read-generation.ts';
import { SlotFile, type SlotState } from './slot-file.ts';
import type { KvHandles } from './kv-handles.ts';
import type { Reserve } from './reserve.ts';
import { keyMissing, type Seal } from './sealing.ts';
import type { SealedFolder } from './sealed-folder.ts';
import type { Disk, KeyValue, KvFolder } from './ports.ts';

/** Room for the state; about 8,000 generations, or what the caller keeps there. */
const slotBytesDefault = 256 * 1024;
const quarantinedMax = 4;
const continuationStep = 16;

export interface LogFolder {
  readonly disk: Disk;
  readonly folder: string;
  readonly slotBytes?: number | undefined;
  readonly seal: Seal;
}

export interface FoundLog {
  readonly slots: SlotFile;
  readonly slotState: SlotState;
  readonly log: LogState;
  /** The last generation, open; undefined when there is none or it had to be moved aside. */
  readonly kv: SealedFolder | undefined;
  /** It can be read in part: nothing more is written there. */
  readonly isDamaged: boolean;
}

/** Rejects with KEY_MISSING before anything is changed when something is sealed with a key that was not given. */
export async function findLog({ disk, folder, slotBytes = slotBytesDefault, seal }: LogFolder, handles: KvHandles): Promise<FoundLog> {
  const { file: slots, content, state: slotState } = await SlotFile.open(disk, join(folder, 'state'), { slotBytes, seal });
  const names = await disk.list(folder);
  const ids = names.flatMap((name) => idOfFolder(name) ?? []).sort((a, b) => a - b);
  if (content === undefined) {
    const log = await rebuild(handles, ids);
    const kv = log.generations.length > 0 ? await handles.openForWriting(log.lastId) : undefined;
    return { slots, slotState: ids.length > 0 ? 'lost' : slotState, log, kv, isDamaged: false };
  }
  const log = decodeLogState(content);
  if (!log) throw newerVersion(folder);
  const locked = log.generations.find(({ keyId }) => keyId !== '' && !seal.knows(keyId));
  if (locked) throw keyMissing(locked.keyId, `generation ${locked.id} in ${folder}`);
  const found = await takeOver(handles, log, ids);
  try {
    await clearAway({ disk, folder, handles }, names, found.log);
    return { slots, slotState, ...found };
  } catch (error) {
    await found.kv?.close();
    throw error;
  }
}

/** Opening a folder writes too. On a full disk the reserve is given back for it; rejects with DISK_FULL when even that is too little. */
export async function findLogOnFullDisk(log: LogFolder, handles: KvHandles, reserve: Reserve): Promise<FoundLog> {
  try {
    return await findLog(log, handles);
  } catch (error) {
    await handles.closeAll();
    if (errorCode(error) !== 'DISK_FULL') throw error;
  }
  await reserve.release();
  try {
    return await findLog(log, handles);
  } catch (error) {
    await handles.closeAll();
    throw error;
  }
}

/** The slot file is gone: generations are asked for their first and last number. */
async function rebuild(handles: KvHandles, ids: readonly number[]): Promise<LogState> {
  const generations: Generation[] = [];
  let tail = 0;
  for (const id of ids) {
    const kv = await handles.forReading(id);
    const [first, last] = kv ? await endsOf(kv) : [];
    if (!first || !last || numberOfKey(first.key) <= tail) {
      await handles.quarantine(id);
      continue;
    }
    generations.push({ id, first: numberOfKey(first.key), bytes: 0, keyId: (await kv?.keyIdAt(first.key)) ?? '' });
    // A generation without records has its snapshot alone.
    tail = isSnapshotKey(last.key) ? numberOfKey(last.key) - 1 : numberOfKey(last.key);
  }
  await handles.closeAll();
  return { ...emptyLog, generations, tail, lastId: ids.at(-1) ?? 0 };
}

/** First and last pair; none where damage hides them. */
async function endsOf(kv: KvFolder): Promise<KeyValue[]> {
  const everything = { gte: snapshotKey(0), lt: snapshotKey(Number.MAX_SAFE_INTEGER), limit: 1 };
  try {
    return [...(await kv.range(everything)), ...(await kv.range({ ...everything, reverse: true }))];
  } catch (error) {
    if (errorCode(error) !== 'DAMAGED') throw error;
    return [];
  }
}

type TakenOver = Pick<FoundLog, 'log' | 'kv' | 'isDamaged'>;

async function takeOver(handles: KvHandles, log: LogState, ids: readonly number[]): Promise<TakenOver> {
  const opened: SealedFolder[] = [];
  try {
    return await takeOverFrom(log, ids, {
      open: async (id) => {
        const kv = await handles.openForWriting(id);
        if (kv) opened.push(kv);
        return kv;
      },
      keep: (id, kv) => handles.keep(id, kv),
    });
  } catch (error) {
    // Left open it could not be opened again, once there is room or the disk answers.
    for (const kv of opened) await kv.close();
    throw error;
  }
}

interface Folders {
  readonly open: (id: number) => Promise<SealedFolder | undefined>;
  readonly keep: (id: number, kv: SealedFolder) => Promise<void>;
}

async function takeOverFrom(log: LogState, ids: readonly number[], folders: Folders): Promise<TakenOver> {
  let found = log;
  const last = found.generations.at(-1);
  const kv = last && (await folders.open(last.id));
  if (last && !kv) found = { ...found, generations: found.generations.slice(0, -1) };
  const beyond = kv ? await continuation(kv, found.tail) : nothing;
  found = extend(found, beyond.records);
  const { isDamaged } = beyond;
  const nextId = log.lastId + 1;
  if (!ids.includes(nextId)) return { log: found, kv, isDamaged };
  const next = await folders.open(nextId);
  const begun = next && (await readSnapshot(next, found.tail + 1)) ? await continuation(next, found.tail) : nothing;
  if (!next || begun.records.length === 0) {
    await next?.close();
    return { log: found, kv, isDamaged };
  }
  const keyId = await next.keyIdAt(snapshotKey(found.tail + 1));
  if (kv && last) await folders.keep(last.id, kv);
  const generation = { id: nextId, first: found.tail + 1, bytes: 0, keyId };
  const generations = [...found.generations, generation];
  return { log: extend({ ...found, lastId: nextId, generations }, begun.records), kv: next, isDamaged: begun.isDamaged };
}

interface Continuation {
  readonly records: readonly LogRecord[];
  readonly isDamaged: boolean;
}

const nothing: Continuation = { records: [], isDamaged: false };

async function continuation(kv: KvFolder, after: number): Promise<Continuation> {
  const records: LogRecord[] = [];
  for (;;) {
    const more = await readContinuation(kv, after + records.length, continuationStep);
    records.push(...more.records);
    if (more.records.length < continuationStep) return { records, isDamaged: more.isDamaged };
  }
}

function extend(log: LogState, records: readonly LogRecord[]): LogState {
  const added = records.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const generations = log.generations.map((generation, place) =>
    place === log.generations.length - 1 ? { ...generation, bytes: generation.bytes + added } : generation,
  );
  return { ...log, generations, tail: log.tail + records.length };
}

/** Generations whose removal or beginning was interrupted, and all but the newest of what was moved aside. */
async function clearAway(
  { disk, folder, handles }: { disk: Disk; folder: string; handles: KvHandles },
  names: readonly string[],
  log: LogState,
): Promise<void> {
  const listed = new Set(log.generations.map(({ id }) => id));
  for (const name of names) {
    const id = idOfFolder(name);
    if (id !== undefined && !listed.has(id)) await handles.destroy(id);
    const tagsOf = /^tags-(\d{10})$/.exec(name)?.[1];
    if (tagsOf !== undefined && !listed.has(Number(tagsOf))) await disk.remove(join(folder, name));
  }
  const aside = names.filter((name) => name.includes('.quarantine-')).sort();
  for (const name of aside.slice(0, -quarantinedMax)) await disk.destroyKv(join(folder, name));
}

function newerVersion(folder: string): AtalaiaError {
  const text = `the state file in ${folder} was written by a newer version of this program, or by another one`;
  return new AtalaiaError('STATE_UNREADABLE', `${text}; start that version, or move the folder away to begin anew`);
}
