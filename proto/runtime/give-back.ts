// Frees the memory of a large buffer at once. Buffers lie outside the JavaScript heap: left to the collector, a batch that
// passes through five of them costs a full collection every few megabytes (a fifth of an agent's CPU time was that).
// Promises: nothing for buffers that may share their memory with others (Node's pool) or are too small to matter.
// The buffer is empty afterwards, and so is every view of the same memory: only whoever owns it alone may give it back.

/** Well above Node's pool, whose memory belongs to many. */
const bytesMin = Buffer.poolSize + 8 * 1024;

export function giveBack({ buffer }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < bytesMin || buffer.detached) return;
  // What is left of it has no bytes; it is not needed.
  buffer.transfer(0);
}
