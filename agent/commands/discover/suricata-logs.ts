// What Suricata writes: every eve-log of suricata.yaml as file or socket, and its other outputs with the reason why not.
import { composeYaml } from '../../../config/compose-yaml.ts';
import { nothing, together, type Candidate, type Found } from './candidate.ts';
import type { HostRoot } from './host-root.ts';

const configs = ['/etc/suricata/suricata.yaml', '/usr/local/etc/suricata/suricata.yaml', '/opt/suricata/etc/suricata.yaml'];
const folderBuiltIn = '/var/log/suricata';
const includesMax = 16;
const aliasesMax = 32;
/** Fields that take most of a record and that no rule of the hub reads. */
const bulky = [
  'payload',
  'payload_printable',
  'packet',
  'http.http_request_body',
  'http.http_request_body_printable',
  'http.http_response_body',
  'http.http_response_body_printable',
  'tls.chain',
  'tls.certificate',
];
const sameAsEve: Readonly<Record<string, string>> = {
  fast: 'the same alerts as eve.json, with less in them',
  'http-log': 'the same requests as in eve.json',
  'tls-log': 'the same handshakes as in eve.json',
  'alert-debug': 'for debugging rules; the alerts are in eve.json',
  syslog: 'the alerts go to syslog too, and are in eve.json',
};
const never: Readonly<Record<string, string>> = {
  stats: 'counters of the engine, not events',
  'pcap-log': 'packets, not lines',
  'tls-store': 'certificates, not lines',
  'file-store': 'files out of the traffic, not lines',
};

type Settings = Readonly<Record<string, unknown>>;

export function findSuricataLogs(host: HostRoot): Found {
  const config = configs.find((path) => host.isFile(path));
  if (config === undefined) return nothing;
  const settings = readSettings(host, config);
  const folder = (textOf(settings['default-log-dir']) || folderBuiltIn).replace(/\/+$/, '');
  const outputs = (Array.isArray(settings.outputs) ? settings.outputs : []).flatMap((output: unknown) =>
    Object.entries(settingsOf(output)),
  );
  const enabled = outputs.flatMap(([name, value]) => (isOn(settingsOf(value).enabled) ? [{ name, value: settingsOf(value) }] : []));
  const eves = enabled.filter(({ name }) => name === 'eve-log');
  const widest = [...eves].sort((a, b) => breadthOf(b.value) - breadthOf(a.value));
  const found = widest.map(({ value }, at) => {
    const wider = widest.slice(0, at).map((eve) => eve.value);
    return findEve({ value, folder, config, id: at === 0 ? 'suricata' : `suricata-${at + 1}`, wider });
  });
  const others = enabled
    .filter(({ name }) => name !== 'eve-log')
    .map(({ name, value }) => findOther({ name, value, folder, config, hasEve: eves.length > 0 }));
  return together(...found, ...others);
}

interface Output {
  readonly value: Settings;
  readonly folder: string;
  readonly config: string;
}

function findEve({ value, folder, config, id, wider }: Output & { readonly id: string; readonly wider: readonly Settings[] }): Found {
  const filetype = textOf(value.filetype) || 'regular';
  const name = textOf(value.filename) || 'eve.json';
  const path = name.startsWith('/') ? name : `${folder}/${name}`;
  const why = `${config}: eve-log, filetype ${filetype}`;
  const known = { id, typeHint: 'suricata-eve', why, bulky };
  const types = typesOf(value);
  const shared = wider.flatMap((other) => typesOf(other) ?? ['*']);
  const isWhole = shared.includes('*') || (types?.every((type) => shared.includes(type)) ?? false);
  if (isWhole) return { candidates: [], leftOut: [{ what: `${path} (${why})`, because: 'another eve-log has all its events' }] };
  const twice = types?.filter((type) => shared.includes(type)) ?? [];
  const because = 'another eve-log has these events too';
  const repeats = twice.length > 0 ? [{ source: id, where: { event_type: twice }, because }] : [];
  if (filetype === 'regular') return { candidates: [{ ...known, type: 'file', paths: [writtenAs(path, value)] }], leftOut: [], repeats };
  if (filetype === 'unix_stream') return { candidates: [eveSocket(known, path)], leftOut: [], repeats };
  const remedies: Readonly<Record<string, string>> = {
    unix_dgram: 'datagram sockets cannot be listened on: set filetype to regular or unix_stream',
    syslog: 'goes to syslog and comes with it, cut at its limit: set filetype to regular',
    redis: 'goes to Redis: add an eve-log with filetype regular',
  };
  return {
    candidates: [],
    leftOut: [{ what: why, because: remedies[filetype] ?? 'an output of a plugin: add an eve-log with filetype regular' }],
  };
}

/** Suricata connects; the agent listens, and may do so in /run/atalaia alone unless the fence says more. */
function eveSocket(known: Omit<Candidate, 'type' | 'paths'>, path: string): Candidate {
  const isInFence = path.startsWith('/run/atalaia/');
  const listening = isInFence ? path : `/run/atalaia/${known.id}.sock`;
  const toDo = isInFence ? [] : [`in suricata.yaml set \`filename: ${listening}\` (it says ${path}), and restart Suricata after the agent`];
  return { ...known, type: 'socket', paths: [listening], toDo };
}

function findOther({ name, value, folder, config, hasEve }: Output & { readonly name: string; readonly hasEve: boolean }): Found {
  const file = textOf(value.filename);
  const path = file === '' || file.startsWith('/') ? file : `${folder}/${file}`;
  const what = `${path || name} (${config}: ${name})`;
  const because = never[name] ?? (hasEve ? sameAsEve[name] : undefined);
  if (because !== undefined) return { candidates: [], leftOut: [{ what, because }] };
  if (name !== 'fast') return { candidates: [], leftOut: [{ what, because: 'eve.json says it better: enable eve-log' }] };
  const notes = ['only alerts, in a form with little in it: enabling eve-log would be better'];
  return {
    candidates: [{ id: 'suricata-fast', type: 'file', paths: [path || `${folder}/fast.log`], typeHint: '', why: `${config}: fast`, notes }],
    leftOut: [],
  };
}

/** With several threads or rotation by Suricata itself, the name has more in it. */
function writtenAs(path: string, value: Settings): string {
  const open = path.replaceAll(/%[A-Za-z]/g, '*');
  const isThreaded = isOn(value.threaded ?? 'no');
  return isThreaded ? open.replace(/(\.[^./]*)?$/, (extension) => `.*${extension}`) : open;
}

/** suricata.yaml and what it includes; an included file's settings stand at the top level. */
function readSettings(host: HostRoot, config: string): Settings {
  const main = parsed(host, config);
  const includes = [main.include].flat().filter((name): name is string => typeof name === 'string');
  const folder = config.slice(0, config.lastIndexOf('/'));
  const more = includes.slice(0, includesMax).map((name) => parsed(host, name.startsWith('/') ? name : `${folder}/${name}`));
  return Object.assign({}, main, ...more) as Settings;
}

function parsed(host: HostRoot, path: string): Settings {
  const composed = composeYaml(sectionsOf(host.text(path) ?? ''), { version: '1.1', uniqueKeys: false, strict: false });
  if (composed.is === 'refused') {
    host.problems.set(path, `cannot be read as YAML: ${composed.reason}`);
    return {};
  }
  try {
    return settingsOf(composed.documents[0]?.toJS({ maxAliasCount: aliasesMax }));
  } catch {
    host.problems.set(path, `cannot be read as YAML: more than ${aliasesMax} aliases, or one without its anchor`);
    return {};
  }
}

/** What matters here, without comments and empty lines: a parser of YAML takes seconds for a megabyte of anything. */
function sectionsOf(text: string): string {
  let isWanted = false;
  const lines = text.split('\n').filter((line) => {
    if (/^\s*(?:#|$)/.test(line.slice(0, 256))) return false;
    const key = /^([\w-]+):/.exec(line)?.[1];
    if (key !== undefined) isWanted = ['outputs', 'default-log-dir', 'include'].includes(key);
    return isWanted && !line.startsWith('%') && line !== '---';
  });
  return lines.join('\n');
}

function settingsOf(value: unknown): Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

/** The event types that an eve-log is confined to, as its events name them; undefined when it takes all. */
function typesOf({ types }: Settings): string[] | undefined {
  if (!Array.isArray(types)) return undefined;
  const named = types.flatMap((type: unknown) =>
    typeof type === 'string'
      ? [type]
      : Object.entries(settingsOf(type)).flatMap(([name, value]) => (isOn(settingsOf(value).enabled) ? [name] : [])),
  );
  return named.map((name) => (name === 'files' ? 'fileinfo' : name.replaceAll('-', '_')));
}

function breadthOf(value: Settings): number {
  return typesOf(value)?.length ?? Infinity;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** YAML 1.1 makes `yes` true; quoted it stays a word. Absent means on. */
function isOn(value: unknown): boolean {
  return value !== false && !['no', 'false', 'off', '0'].includes(textOf(value).toLowerCase());
}
