// Keeps the ticket's document below State's limit: when its history grows too large, the oldest entries move into a
// document of their own, `ticket-history/<id>/<n>`, written before the ticket lets go of them.
// Promises: no entry is lost or doubled, whatever stops between the two writes: a chunk that is there already says by its
// last ordinal which entries it took. Chunks are never changed.
import { errorCode } from '../../proto/runtime/errors.ts';
import type { State } from '../ports.ts';
import type { Ticket, TicketEntry } from './ticket.ts';

const inlineEntriesMax = 60;
const inlineBytesMax = 96 * 1024;
const chunkBytesMax = 200 * 1024;

interface Chunk {
  readonly entries: readonly TicketEntry[];
}

/** The ticket as it can be put. */
export async function makeRoom(state: State, ticket: Ticket): Promise<Ticket> {
  let current = ticket;
  while (isCrowded(current)) current = await moveOldest(state, current);
  return current;
}

export async function readHistory(state: State, ticket: Ticket): Promise<TicketEntry[]> {
  const numbers = Array.from({ length: ticket.chunks }, (_, number) => number);
  const chunks = await Promise.all(numbers.map((number) => state.get<Chunk>(keyOf(ticket.id, number))));
  const older = chunks.flatMap((chunk) => chunk?.value.entries ?? []);
  const first = ticket.history[0]?.ordinal ?? ticket.revision;
  return [...older.filter(({ ordinal }) => ordinal < first), ...ticket.history];
}

export async function removeHistory(state: State, ticket: Ticket): Promise<void> {
  // One more than the ticket knows: a crash may have left a chunk that no ticket counts yet.
  for (let number = 0; number <= ticket.chunks; number++) {
    const found = await state.get(keyOf(ticket.id, number));
    if (found) await state.remove(keyOf(ticket.id, number), found.revision);
  }
}

function isCrowded({ history }: Ticket): boolean {
  if (history.length < 2) return false;
  return history.length > inlineEntriesMax || encodedBytes(history) > inlineBytesMax;
}

async function moveOldest(state: State, ticket: Ticket): Promise<Ticket> {
  const key = keyOf(ticket.id, ticket.chunks);
  const moved = oldestOf(ticket.history);
  let lastOrdinal = moved.at(-1)?.ordinal ?? -1;
  try {
    await state.put(key, { entries: moved } satisfies Chunk, 0);
  } catch (error) {
    if (errorCode(error) !== 'STATE_CONFLICT') throw error;
    const found = await state.get<Chunk>(key);
    lastOrdinal = found?.value.entries.at(-1)?.ordinal ?? -1;
  }
  return { ...ticket, chunks: ticket.chunks + 1, history: ticket.history.filter(({ ordinal }) => ordinal > lastOrdinal) };
}

/** All but the newest half, as far as a chunk holds; never the newest entry, which is not durable yet. */
function oldestOf(history: readonly TicketEntry[]): TicketEntry[] {
  const most = Math.max(1, Math.floor(history.length / 2));
  const moved: TicketEntry[] = [];
  let bytes = 0;
  for (const entry of history.slice(0, most)) {
    bytes += encodedBytes(entry);
    if (moved.length > 0 && bytes > chunkBytesMax) break;
    moved.push(entry);
  }
  return moved;
}

function keyOf(id: string, number: number): string {
  return `ticket-history/${id}/${String(number).padStart(5, '0')}`;
}

function encodedBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
