// Whether the agent's user may read what is proposed, and the remedy where not.
// On this host and as root it is tried as that user; else it is worked out from owners, groups and modes, which an access
// control list may widen.
import { closeSync, constants, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HostRoot } from './host-root.ts';

export interface AgentUser {
  readonly name: string;
  /** Undefined while the user is not there: the package makes it. */
  readonly uid: number | undefined;
  readonly gids: ReadonlySet<number>;
}

/** The user of the package, and the groups that its unit adds. */
export const packageUser = 'atalaia';
const unitGroups = ['adm', 'systemd-journal'];

export function findAgentUser(host: HostRoot, name: string): AgentUser {
  const groups = tableOf(host.text('/etc/group')).map(([group = '', , gid = '', members = '']) => ({
    group,
    gid: Number(gid),
    members: members.split(','),
  }));
  const [, , uid, gid] = tableOf(host.text('/etc/passwd')).find(([user]) => user === name) ?? [];
  const isMember = (group: string, members: readonly string[]): boolean =>
    members.includes(name) || (name === packageUser && unitGroups.includes(group));
  const gids = groups.filter(({ group, members }) => isMember(group, members)).map((group) => group.gid);
  return { name, uid: uid === undefined ? undefined : Number(uid), gids: new Set(gid === undefined ? gids : [...gids, Number(gid)]) };
}

function tableOf(text: string | undefined): string[][] {
  return (text ?? '').split('\n').map((line) => line.split(':'));
}

export interface Refusal {
  readonly says: string;
  readonly remedy: string;
}

/** Undefined when the user may read the file. */
export function refusalOf(host: HostRoot, path: string, user: AgentUser): Refusal | undefined {
  const place = host.look(path);
  if (!place) return undefined;
  if (host.isThisHost && user.uid !== undefined && opensAs(place.path, user)) return undefined;
  for (let folder = dirname(place.path); folder !== '/'; folder = dirname(folder)) {
    const stats = host.look(folder)?.stats;
    if (stats && !allows(stats, user, 0o1)) return refused(host, { path: folder, stats, bit: 'x', user });
  }
  return allows(place.stats, user, 0o4) ? undefined : refused(host, { path: place.path, stats: place.stats, bit: 'r', user });
}

interface Owned {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function allows({ mode, uid, gid }: Owned, user: AgentUser, bit: number): boolean {
  if (user.uid === 0) return true;
  if (uid === user.uid) return (mode & (bit << 6)) !== 0;
  return ((user.gids.has(gid) ? mode >> 3 : mode) & bit) !== 0;
}

function refused(
  host: HostRoot,
  { path, stats, bit, user }: { readonly path: string; readonly stats: Owned; readonly bit: 'r' | 'x'; readonly user: AgentUser },
): Refusal {
  const name = (table: string, id: number): string =>
    tableOf(host.text(table)).find(([, , number]) => number === String(id))?.[0] ?? String(id);
  const group = name('/etc/group', stats.gid);
  const says = `user ${user.name} may not ${bit === 'r' ? 'read' : 'look into'} ${path} (${(stats.mode & 0o7777).toString(8).padStart(4, '0')} ${name('/etc/passwd', stats.uid)}:${group})`;
  const isOpenToGroup = (stats.mode & (bit === 'r' ? 0o040 : 0o010)) !== 0 && stats.gid !== 0;
  if (isOpenToGroup) return { says, remedy: `usermod -aG ${group} ${user.name}, then restart the agent` };
  if (bit === 'x') return { says, remedy: `setfacl -m u:${user.name}:x ${path}` };
  return {
    says,
    remedy: `setfacl -m u:${user.name}:r ${path}, and \`create 0640\` with a group of ${user.name}'s for it in logrotate, or a default ACL on its folder`,
  };
}

/** Tried for real where we may: only then are access control lists seen. */
function opensAs(path: string, { name, uid, gids }: AgentUser): boolean {
  const isSelf = process.geteuid?.() === uid;
  if (!isSelf && process.geteuid?.() !== 0) return false;
  const own = process.getgroups?.() ?? [];
  const ownGid = process.getegid?.() ?? 0;
  try {
    if (!isSelf) {
      process.setgroups?.([...gids]);
      process.setegid?.([...gids].at(-1) ?? ownGid);
      process.seteuid?.(name);
    }
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
    return true;
  } catch {
    return false;
  } finally {
    if (!isSelf) {
      process.seteuid?.(0);
      process.setegid?.(ownGid);
      process.setgroups?.(own);
    }
  }
}
