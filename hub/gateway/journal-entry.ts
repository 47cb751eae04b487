// Frames of an agent as the journal takes them. A body is looked into only as far as its table of streams: lines are
// inflated by workers alone.
import { readBody } from '../../proto/framing/decode-batch-body.ts';
import type { BatchFrame, LostFrame, StreamEntry } from '../../proto/framing/messages.ts';
import { taken, type Decoded } from '../../proto/framing/refusals.ts';
import type { JournalEntry } from '../ports.ts';

export interface Received {
  readonly agentId: string;
  readonly epoch: string;
  readonly receivedAtMs: number;
  readonly frame: Uint8Array;
}

export function entryOfBatch(batch: BatchFrame, received: Received): Decoded<JournalEntry> {
  const body = readBody(batch.body);
  if (!body.ok) return body;
  const { lane, sequence, hash } = batch;
  const { lineCount, streams } = body.value;
  return taken({ ...received, lane, fromSequence: sequence, sequence, hash, lineCount, streams: streams.map(markOf) });
}

export function entryOfLost(lost: LostFrame, received: Received): JournalEntry {
  const { lane, from, to, hash, streams } = lost;
  return { ...received, lane, fromSequence: from, sequence: to, hash, lineCount: 0, streams: streams.map(markOf) };
}

function markOf(stream: StreamEntry): JournalEntry['streams'][number] {
  const { sourceId, streamId, file, endOffset, endLineNumber, tailHash, cursor, counters } = stream;
  const place = { sourceId, streamId, offset: endOffset, lineNumber: endLineNumber, tailHash, cursor, counters };
  return file ? { ...place, file } : place;
}
