// Who this hub is to its agents: an id for good, and an incarnation that changes when it is restored from a backup
// (information only, DESIGN.md 6). Both random, 16 bytes.
import type { Random } from '../proto/runtime/clock.ts';
import type { State } from './ports.ts';

export interface HubIdentity {
  readonly hubId: Uint8Array;
  readonly incarnation: Uint8Array;
}

interface IdentityDocument {
  readonly hubId: string;
  readonly incarnation: string;
}

const key = 'hub/identity';

export async function openHubIdentity(state: State, random: Random): Promise<HubIdentity> {
  const found = await state.get<IdentityDocument>(key);
  const fresh = (): string => Buffer.from(random.bytes(16)).toString('hex');
  const document = found?.value ?? { hubId: fresh(), incarnation: fresh() };
  if (!found) await state.put(key, document, 0);
  return { hubId: Buffer.from(document.hubId, 'hex'), incarnation: Buffer.from(document.incarnation, 'hex') };
}
