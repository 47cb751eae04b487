// A BatchBody's table of streams and its compressed lines, without a copy.
// Promises: never throws; keeps every limit of delivery.ts; `lines` is a view into the body. What the lines hold is
// looked at only where they are inflated (inflate-lines.ts).
import { limits } from '../delivery.ts';
import type { BatchBody, StreamEntry } from './messages.ts';
import { refused, taken, type Decoded } from './refusals.ts';
import { readStreamEntry } from './stream-entry.ts';
import { WireReader } from './wire-reader.ts';

const none = new Uint8Array(0);

export function readBody(body: Uint8Array): Decoded<BatchBody> {
  if (body.length > limits.batchBytesMax)
    return refused('too-large', `batch body has ${body.length} bytes, the limit is ${limits.batchBytesMax}`);
  const reader = new WireReader(body);
  const streams: StreamEntry[] = [];
  let lineCount = 0;
  let rawBytes = 0;
  let lines: Uint8Array = none;
  for (let tag = reader.tag(); tag !== 0; tag = reader.tag()) {
    if (tag === 10 && streams.length === limits.streamsPerBatchMax) reader.fail('limit', `more than ${limits.streamsPerBatchMax} streams`);
    else if (tag === 10) streams.push(readStreamEntry(reader));
    else if (tag === 16) lineCount = reader.uint(limits.batchLinesMax, 'body.line_count');
    else if (tag === 24) rawBytes = reader.uint(limits.batchRawBytesMax, 'body.raw_bytes');
    else if (tag === 34) lines = reader.slice(limits.batchBytesMax, 'body.lines');
    else reader.skip(tag, 4, 'body');
  }
  if (reader.problem) return reader.problem;
  if ((lineCount === 0) !== (lines.length === 0) || (lineCount === 0) !== (rawBytes === 0)) {
    return refused('limit', `body says ${lineCount} lines, ${rawBytes} raw bytes and ${lines.length} compressed bytes`);
  }
  return taken({ streams, lineCount, rawBytes, lines });
}
