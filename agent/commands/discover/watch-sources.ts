// Looks a second time, so that rates are those of now.
import type { HostRoot } from './host-root.ts';
import { measureJournal } from './measure-journal.ts';
import { rateBetween, type FileSeen } from './measure-source.ts';
import type { Proposal, ProposedSource } from './proposal.ts';

const lineBytesUnknown = 200;

export async function watchSources(
  host: HostRoot,
  proposal: Proposal,
  { ms, wait }: { readonly ms: number; readonly wait: (ms: number) => Promise<unknown> },
): Promise<Proposal> {
  const before = proposal.sources.map(({ files }) => files.map((file) => sizeNow(host, file)));
  await wait(ms);
  return { ...proposal, sources: proposal.sources.map((source, at) => watched(host, source, { before: before[at] ?? [], ms })) };
}

function watched(
  host: HostRoot,
  source: ProposedSource,
  { before, ms }: { readonly before: readonly FileSeen[]; readonly ms: number },
): ProposedSource {
  const { measure, journal, files } = source;
  if (journal) return { ...source, journal: measureJournal(host, { sinceSeconds: Math.ceil(ms / 1_000) }) };
  if (!measure) return source;
  const after = files.map((file) => sizeNow(host, file));
  const bytes = measure.sample.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  const lineBytes = measure.sample.length > 0 ? bytes / measure.sample.length : lineBytesUnknown;
  return { ...source, measure: { ...measure, rate: rateBetween(before, after, { ms, lineBytes }) } };
}

function sizeNow(host: HostRoot, file: FileSeen): FileSeen {
  return { ...file, bytes: host.look(file.path)?.stats.size ?? 0 };
}
