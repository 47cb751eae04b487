// Commands that write into the data folder, started by root: they go on as the folder's owner, the service's own user.
// Without that, an enrolment or an inspection by root would leave files behind that the service cannot read.
// Promises: nothing changes for anybody but root, nor where the folder is root's own or not there yet.
import { statSync } from 'node:fs';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';

/** The types of Node leave it out. */
const groupProcess: NodeJS.Process & { initgroups?: (user: number, extraGroup: number) => void } = process;

export function becomeOwner(dataFolder: string): void {
  if (process.geteuid?.() !== 0) return;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner === undefined || owner.uid === 0) return;
  try {
    joinGroups(owner.uid, owner.gid);
    process.setgid?.(owner.gid);
    process.setuid?.(owner.uid);
  } catch (cause) {
    const text = `${dataFolder} belongs to user ${owner.uid}, who could not be become; run this command as that user`;
    throw new AtalaiaError('NOT_THE_OWNER', text, { cause });
  }
}

/** The user's groups too: logs that only they may read are the point of them. A user without a name has none. */
function joinGroups(uid: number, gid: number): void {
  try {
    groupProcess.initgroups?.(uid, gid);
  } catch (error) {
    if (errorCode(error) !== 'ERR_UNKNOWN_CREDENTIAL') throw error;
    process.setgroups?.([gid]);
  }
}
