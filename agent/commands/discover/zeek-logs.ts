// Where Zeek writes its logs: zeekctl.cfg's LogDir, else the usual folders; whether as tab-separated values or JSON.
import { nothing, type Found } from './candidate.ts';
import type { HostRoot } from './host-root.ts';
import { settingIn } from './read-setting.ts';

const prefixes = ['/opt/zeek', '/usr/local/zeek', '/opt/bro', '/usr/local/bro', '/usr'];
/** Of the cluster and of Zeek itself, not of the network. */
const housekeeping = [
  'stats',
  'capture_loss',
  'loaded_scripts',
  'packet_filter',
  'prof',
  'cluster',
  'broker',
  'telemetry',
  'print',
  'stderr',
  'stdout',
];

export function findZeekLogs(host: HostRoot): Found {
  const place = placeOf(host);
  if (!place) return nothing;
  const { folder, site, why } = place;
  // `current` is where the running Zeek writes; rotation moves its files to a folder per day, compressed.
  const current = host.isFolder(`${folder}/current`) || why.includes('LogDir') ? `${folder}/current` : folder;
  const written = isJson(host, site) ? { notes: ['written as JSON'] } : { records: 'zeek' as const };
  const exclude = housekeeping.map((name) => `${current}/${name}.log`);
  return {
    candidates: [{ id: 'zeek', type: 'file', paths: [`${current}/*.log`], exclude, typeHint: 'zeek', why, ...written }],
    leftOut: [
      {
        what: `${current}/{${housekeeping.join(',')}}.log`,
        because: "about Zeek itself, not about the network; take them out of `exclude` to watch Zeek's health",
      },
    ],
  };
}

interface Place {
  readonly folder: string;
  /** local.zeek. */
  readonly site: string;
  readonly why: string;
}

function placeOf(host: HostRoot): Place | undefined {
  for (const prefix of prefixes) {
    const etc = prefix === '/usr' ? '/etc/zeek' : `${prefix}/etc`;
    const site = `${prefix}/share/${prefix.endsWith('bro') ? 'bro' : 'zeek'}/site/local.${prefix.endsWith('bro') ? 'bro' : 'zeek'}`;
    const control = [`${etc}/zeekctl.cfg`, `${etc}/broctl.cfg`].find((path) => host.isFile(path));
    if (control !== undefined) {
      const folder = settingIn(host.text(control), 'LogDir') ?? `${prefix}/logs`;
      return { folder: folder.replace(/\/+$/, ''), site, why: `${control}: LogDir` };
    }
    if (prefix !== '/usr' && host.isFolder(`${prefix}/logs`)) return { folder: `${prefix}/logs`, site, why: `${prefix}/logs is there` };
  }
  const folder = ['/var/log/zeek', '/var/spool/zeek', '/nsm/zeek/logs'].find((path) => host.isFolder(path));
  return folder === undefined ? undefined : { folder, site: '', why: `${folder} is there` };
}

function isJson(host: HostRoot, site: string): boolean {
  const lines = site === '' ? [] : (host.text(site) ?? '').split('\n').map((line) => line.replace(/#.*/, ''));
  return lines.some((line) => /use_json\s*=\s*T\b|@load\s+(?:policy\/)?tuning\/json-logs/.test(line));
}
