// The sources that the crash test writes to: one of every kind that an agent reads, with its part of the policy.
// A source that can be read again owes every line; a live one (DELIVERY.md 4) owes what was buffered (judge-live.ts).
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const fileNames = ['auth', 'eve', 'records', 'latin', 'wide', 'zipped', 'zeek', 'audit'] as const;
export const liveNames = ['udp', 'tcp', 'tls', 'socket', 'stdin', 'exec'] as const;
export type FileName = (typeof fileNames)[number];
export type LiveName = (typeof liveNames)[number];
export type SourceName = FileName | LiveName | 'journal' | 'kmsg';

export interface FileSource {
  readonly file: string;
  readonly encoding: 'utf-8' | 'latin-1' | 'utf-16le';
  /** Rotated files get compressed once the next rotation came (logrotate's delaycompress). */
  readonly isCompressed: boolean;
  /** How its lines are read. */
  readonly records?: 'zeek' | 'audit';
}

const plain = { encoding: 'utf-8', isCompressed: false } as const;
export const fileSources: Readonly<Record<FileName, FileSource>> = {
  auth: { ...plain, file: 'auth.log' },
  eve: { ...plain, file: 'eve.json' },
  records: { ...plain, file: 'records.log' },
  latin: { ...plain, file: 'latin.log', encoding: 'latin-1' },
  wide: { ...plain, file: 'wide.log', encoding: 'utf-16le' },
  zipped: { ...plain, file: 'zipped.log', isCompressed: true },
  zeek: { ...plain, file: 'notes.log', records: 'zeek' },
  audit: { ...plain, file: 'audit.log', records: 'audit' },
};

/** Live sources travel in a lane of their own, so that damage and full buffers of one lane are seen apart from the other's. */
export function laneOf(source: SourceName): 'first' | 'normal' {
  return isLive(source) ? 'first' : 'normal';
}

export function isLive(source: SourceName): source is LiveName {
  return liveNames.some((name) => name === source);
}

/** Lines that the policy's filter drops: they are read, counted and never stored. */
export const noiseMark = 'crashd[9]';

const journalRemote = '/lib/systemd/systemd-journal-remote';

export interface JournalTools {
  readonly journalctl: string;
  readonly writer: string;
}

/** What makes real journal files and reads them, or why there is none. */
export function findJournalTools(): JournalTools | string {
  if (!existsSync(journalRemote)) return 'journald: skipped, no systemd-journal-remote to make journals with (apt-get install it)';
  try {
    const journalctl = execFileSync('sh', ['-c', 'command -v journalctl'], { encoding: 'utf8' }).trim();
    return { journalctl, writer: journalRemote };
  } catch {
    return 'journald: skipped, journalctl is not installed';
  }
}

export interface SourcePlaces {
  readonly folder: string;
  readonly ports: Readonly<Record<'udp' | 'tcp' | 'tls', number>>;
  readonly execCommand: readonly string[];
  readonly hasJournal: boolean;
  /** What lines of this site carry in the kernel's log; empty where it cannot be written. */
  readonly kernelMark: string;
}

/** The agent's fence and policy over all sources. */
export function sourcesConfig(places: SourcePlaces, more: readonly object[]): { readonly fence: object; readonly policy: object } {
  const { folder, ports, execCommand } = places;
  const again = { startAt: 'start', timeZone: 'UTC', lane: 'normal' };
  const live = { timeZone: 'UTC', lane: 'first' };
  const files = fileNames.map((id) => {
    const { file, encoding, isCompressed, records } = fileSources[id];
    // A glob that names rotated files too, and one that leaves them to be found.
    const paths = [join(folder, 'log', isCompressed ? file : `${file}*`)];
    const multiline = id === 'records' ? { multiline: { start: String.raw`^\d{4}-\d\d-\d\d`, timeout: '300ms' } } : {};
    return { ...again, id, type: 'file', paths, encoding, ...multiline, ...(records ? { records } : {}) };
  });
  const tls = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), clientCertificate: 'none' };
  const sources = [
    ...files,
    ...(places.hasJournal ? [{ ...again, id: 'journal', type: 'journald' }] : []),
    ...(places.kernelMark === '' ? [] : [{ ...again, startAt: 'end', id: 'kmsg', type: 'kmsg' }]),
    { ...live, id: 'udp', type: 'syslog', transport: 'udp', listen: `127.0.0.1:${ports.udp}` },
    { ...live, id: 'tcp', type: 'syslog', transport: 'tcp', listen: `127.0.0.1:${ports.tcp}` },
    { ...live, id: 'tls', type: 'syslog', transport: 'tls', listen: `127.0.0.1:${ports.tls}`, tls },
    { ...live, id: 'socket', type: 'socket', path: socketPath(folder) },
    { ...live, id: 'stdin', type: 'stdin' },
    { ...live, id: 'exec', type: 'exec', command: execCommand },
    ...more,
  ];
  const filter = [
    { drop: { source: 'auth', where: { 'text|contains': noiseMark } } },
    ...(places.kernelMark === ''
      ? []
      : [{ drop: { source: 'kmsg', where: { own: { 'text|contains': places.kernelMark }, condition: 'not own' } } }]),
  ];
  return {
    fence: { paths: [join(folder, 'log', '**')], listen: ['127.0.0.1:*', join(folder, '*.sock')], commands: [execCommand] },
    policy: { kind: 'Policy', version: 1, sources, filter },
  };
}

export function socketPath(folder: string): string {
  return join(folder, 'lines.sock');
}
