// Where things lie in the hub's data folder.
import { join } from 'node:path';

export interface HubFolders {
  readonly data: string;
  readonly state: string;
  readonly authority: string;
  readonly journal: string;
  readonly store: string;
  /** Block files on their way into the store. */
  readonly blocks: string;
  readonly snapshot: string;
  readonly firstPassword: string;
  /** Opens what State holds sealed. */
  readonly secretsKey: string;
}

export function hubFolders(data: string): HubFolders {
  return {
    data,
    state: join(data, 'state'),
    authority: join(data, 'authority'),
    journal: join(data, 'journal'),
    store: join(data, 'store'),
    blocks: join(data, 'store', 'blocks'),
    snapshot: join(data, 'correlator.snapshot'),
    firstPassword: join(data, 'first-password'),
    secretsKey: join(data, 'secrets.key'),
  };
}
