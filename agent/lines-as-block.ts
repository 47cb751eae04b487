// Lines that a command was handed, not an input, as the pipeline's own block: to go through the filters and trims that a
// running agent uses.
import type { FoundLines, LineBlock } from './ports.ts';

const none = new Uint8Array(0);
const stream = { sourceId: '', streamId: '', file: undefined, path: '-', typeHint: '', timeZone: '', labels: {} };

export function linesAsBlock({ bytes, starts, ends, sourceStarts, count, cut }: FoundLines, readAtMs: number): LineBlock {
  const position = { baseOffset: 0, endOffset: 0, endLineNumber: 0, tailHash: none, tailBytes: 0, cursor: '', bytesRead: 0 };
  return { stream, readAtMs, bytes, starts, ends, sourceStarts, count, cut, ...position };
}
