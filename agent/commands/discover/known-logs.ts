// Logs of software that writes them where everybody knows, and containers; what else lies in /var/log is told, not taken.
import { together, type Candidate, type Found, type LeftOut } from './candidate.ts';
import type { HostRoot } from './host-root.ts';
import type { Services } from './services.ts';
import { amountOf } from './tell-measure.ts';

const known: readonly Pick<Candidate, 'id' | 'paths'>[] = [
  { id: 'squid', paths: ['/var/log/squid/access.log'] },
  { id: 'lighttpd', paths: ['/var/log/lighttpd/access.log'] },
  { id: 'vsftpd', paths: ['/var/log/vsftpd.log'] },
  { id: 'proftpd', paths: ['/var/log/proftpd/proftpd.log'] },
  { id: 'exim', paths: ['/var/log/exim4/mainlog', '/var/log/exim4/rejectlog', '/var/log/exim/main.log'] },
  { id: 'openvpn', paths: ['/var/log/openvpn.log', '/var/log/openvpn/*.log'] },
  { id: 'clamav', paths: ['/var/log/clamav/clamav.log'] },
  { id: 'packages', paths: ['/var/log/dpkg.log', '/var/log/dnf.rpm.log', '/var/log/yum.log'] },
];
/** Only where nothing else was found to write the access log. */
const hints: Readonly<Record<string, string>> = { lighttpd: 'web-access' };

export function findKnownLogs(host: HostRoot, services: Services): Found {
  const candidates = known.flatMap(({ id, paths }): Candidate[] => {
    const there = paths.filter((path) => host.matches(path).length > 0);
    const [first = ''] = paths;
    if (there.length === 0 && services.uses(id))
      return [{ id, type: 'file', paths: [first], typeHint: hints[id] ?? '', why: `${id} is in use` }];
    return there.length === 0 ? [] : [{ id, type: 'file', paths: there, typeHint: hints[id] ?? '', why: 'it is there' }];
  });
  return together({ candidates, leftOut: [] }, containers(host));
}

function containers(host: HostRoot): Found {
  const folder = '/var/lib/docker/containers';
  if (!host.isFolder(folder)) return { candidates: [], leftOut: [] };
  const docker: Candidate = {
    id: 'docker',
    type: 'file',
    paths: [`${folder}/*/*-json.log`],
    typeHint: '',
    why: `${folder} is there`,
    heldBack:
      'everything that every container prints, each line in an envelope of JSON, in a folder of root. Docker deletes a log with its container, at once; `log-driver: journald` in /etc/docker/daemon.json keeps it in the journal and is the better way',
  };
  return { candidates: [docker], leftOut: [] };
}

const namesNever: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:wtmp|btmp|lastlog|faillog|tallylog|wtmp\.db|lastlog2\.db)$/,
    'records of sign-ins in a binary form; sshd, login and PAM log the same as text',
  ],
  [
    /^(?:README|journal|private|installer|anaconda|apt|sysstat|sa|dist-upgrade|unattended-upgrades|fsck|cups|runit|gdm3?|boot|atalaia)$/,
    '',
  ],
  [/\.(?:gz|bz2|xz|zst|zip|\d+|old|journal)$|-\d{8}$|\.offset$/, ''],
];
const otherMax = 60;

/** Files below /var/log that nothing found so far speaks of. `isTaken` says whether a path is spoken of. */
export function findOtherLogs(host: HostRoot, isTaken: (path: string) => boolean): readonly LeftOut[] {
  const leftOut: LeftOut[] = [];
  const look = (folder: string, depth: number): void => {
    for (const name of host.names(folder)) {
      const path = `${folder}/${name}`;
      const never = namesNever.find(([pattern]) => pattern.test(name));
      if (never && never[1] === '') continue;
      if (isTaken(path)) continue;
      if (never) leftOut.push({ what: path, because: never[1] });
      else if (host.isFolder(path)) {
        if (depth < 2) look(path, depth + 1);
      } else if ((host.look(path)?.stats.size ?? 0) > 0)
        leftOut.push({ what: path, because: `${sizeAndAge(host, path)}; nothing here says what it is; add it by hand if it matters` });
    }
  };
  look('/var/log', 0);
  const more = leftOut.length - otherMax;
  return more > 0
    ? [...leftOut.slice(0, otherMax), { what: `${more} more files below /var/log`, because: 'nothing here says what they are' }]
    : leftOut;
}

function sizeAndAge(host: HostRoot, path: string): string {
  const stats = host.look(path)?.stats;
  return stats ? `${amountOf(stats.size)}, last written ${stats.mtime.toISOString().slice(0, 10)}` : '';
}
