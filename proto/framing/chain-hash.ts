// The SHA-256 chain over a lane's batches. It shows damage and gaps; it does not protect from a host whose key is stolen.
// Promises: the same on both ends. The first batch or Lost of an epoch stands on `chainStart` (proto/delivery.ts).
import { createHash } from 'node:crypto';

export function chainHash(previous: Uint8Array, body: Uint8Array): Buffer {
  return createHash('sha256').update(previous).update(body).digest();
}

/** What the chain goes on from after a hole: H(previous ‖ from ‖ to ‖ reason), the bounds as 8 bytes big-endian. */
export function lostHash(previous: Uint8Array, hole: { readonly from: number; readonly to: number; readonly reason: string }): Buffer {
  const bounds = Buffer.alloc(16);
  bounds.writeBigUInt64BE(BigInt(hole.from), 0);
  bounds.writeBigUInt64BE(BigInt(hole.to), 8);
  return createHash('sha256').update(previous).update(bounds).update(hole.reason, 'utf8').digest();
}
