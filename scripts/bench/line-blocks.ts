// Lines as the blocks that an agent's inputs hand out, so that the bench seals batches with the agent's own code.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { LineBlock, StreamInfo } from '../../agent/ports.ts';
import type { KeptLines } from '../../agent/buffer/sealer.ts';

export interface BlockStart {
  readonly stream: StreamInfo;
  readonly readAtMs: number;
  readonly offset: number;
  readonly lineNumber: number;
}

export interface BuiltBlock {
  readonly block: LineBlock;
  readonly kept: KeptLines;
}

const tailBytesMax = 1_024;

/** All lines in one block, nothing filtered or trimmed. */
export function blockOf(lines: readonly string[], { stream, readAtMs, offset, lineNumber }: BlockStart): BuiltBlock {
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const starts = new Uint32Array(lines.length);
  const ends = new Uint32Array(lines.length);
  const indexes = new Uint32Array(lines.length);
  let at = 0;
  lines.forEach((line, place) => {
    starts[place] = at;
    at += Buffer.byteLength(line);
    ends[place] = at;
    indexes[place] = place;
    at += 1;
  });
  const count = lines.length;
  const tail = bytes.subarray(Math.max(0, bytes.length - tailBytesMax));
  const block: LineBlock = {
    stream,
    readAtMs,
    bytes,
    count,
    starts,
    ends,
    baseOffset: offset,
    sourceStarts: starts,
    cut: [],
    endOffset: offset + bytes.length,
    endLineNumber: lineNumber + count,
    tailHash: createHash('sha256').update(tail).digest().subarray(0, 16),
    tailBytes: tail.length,
    cursor: '',
    bytesRead: bytes.length,
  };
  return { block, kept: { count, bytes, starts, ends, indexes, linesTrimmed: 0, isTrimmed: false } };
}
