// Lanes by name here, by number on the wire.
import type { LaneName } from '../delivery.ts';
import type { WireReader } from './wire-reader.ts';

export function laneNumber(lane: LaneName): number {
  return lane === 'first' ? 1 : 2;
}

/** Undefined for LANE_UNSPECIFIED and for lanes of a later version; the caller says whether that is allowed. */
export function readLane(reader: WireReader): LaneName | undefined {
  const number = reader.uint(0xffff_ffff, 'lane');
  if (number === 1) return 'first';
  if (number === 2) return 'normal';
  if (number > 2) reader.fail('limit', `lane ${number} does not exist in this version`);
  return undefined;
}
