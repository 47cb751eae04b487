// What `status` shows people, in 80 columns. Names and errors are shown safe for terminals: peers and paths name themselves.
import type { AgentStatus, LaneReport, OtherHubStatus, SourceReport } from '../tell-status.ts';
import { printableText } from './printable.ts';

const width = 80;
/** Two samples: what waits for less is on its way. */
const tellAgeFromMs = 10_000;
/** A week: later than that is a guess about another week. */
const tellFullWithinMs = 7 * 86_400_000;

export function statusText(status: AgentStatus, nowMs: number): string {
  const sections = [
    agentLines(status),
    hubLines(status, nowMs),
    sourceLines(status.sources),
    laneLines(status.lanes),
    ...status.otherHubs.map((other) => otherHubLines(other, nowMs)),
    errorLines(status),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function agentLines({ agentId, version, uptimeMs, rssBytes, policyHash, testsFailed, certificateExpires }: AgentStatus): string[] {
  return [
    `agent    ${agentId}`,
    `         version ${version}, up ${span(uptimeMs)}, ${size(rssBytes)} of memory`,
    `policy   ${policyHash.slice(0, 12)}${testsFailed.length > 0 ? `; TESTS FAIL: ${printableText(testsFailed.slice(0, 3).join(', '))}` : ''}`,
    `         certificate until ${certificateExpires}`,
  ];
}

/** One of the other hubs, shorter than the first: what differs is the way, the buffer and how far it is. */
function otherHubLines({ name, problem, connection, hub, sources = [], lanes = [] }: OtherHubStatus, nowMs: number): string[] {
  if (!connection || hub === undefined) return [`other hub ${name}`, ...wrapped(problem, 9)];
  const behind = sources.flatMap(({ sourceId, lagBytes }) => (lagBytes ? [`${sourceId} ${size(lagBytes)}`] : []));
  const dropped = sources.reduce((sum, { ladder }) => sum + Object.values(ladder.dropped).reduce((all, lines) => all + lines, 0), 0);
  const kept = sources.reduce((sum, { ladder }) => sum + ladder.kept, 0);
  return [
    `other hub ${name}`,
    ...hubLines({ connection, hub }, nowMs),
    `         ${some(sources.length, 'source')}, ${some(kept, 'line')} kept, ${dropped} dropped`,
    ...(behind.length > 0 ? wrapped(`behind: ${behind.join(', ')}`, 9) : []),
    ...laneLines(lanes),
  ];
}

function hubLines({ connection, hub }: Pick<AgentStatus, 'connection' | 'hub'>, nowMs: number): string[] {
  const { state, address, connectedSinceMs, nextAttemptMs, lastAckMs, batchesSent, batchesAcked, inFlightBatches, busyReason } = connection;
  const since = state === 'connected' ? ` for ${span(nowMs - connectedSinceMs)}` : '';
  const next = state === 'waiting' ? `, next attempt in ${span(Math.max(0, nextAttemptMs - nowMs))}` : '';
  const acked = lastAckMs > 0 ? `, last ack ${span(nowMs - lastAckMs)} ago` : '';
  return [
    `hub      ${printableText(address || hub)}`,
    `         ${state}${since}${next}${acked}`,
    `         batches ${batchesSent} sent, ${batchesAcked} acked, ${inFlightBatches} in flight`,
    ...(busyReason ? wrapped(`the hub grants nothing: ${busyReason}`, 9) : []),
    ...(connection.lastError ? wrapped(connection.lastError, 9) : []),
  ];
}

function sourceLines(sources: readonly SourceReport[]): string[] {
  if (sources.length === 0) return ['no sources: the policy names none'];
  const head = `${'source'.padEnd(20)} ${'lines/s'.padStart(9)} ${'bytes/s'.padStart(10)} ${'behind'.padStart(10)} ${'last line'.padStart(10)}`;
  const rows = sources.flatMap(({ sourceId, linesPerSecond, bytesPerSecond, lagBytes, lastReadAgeMs, problem, ...ages }) => [
    `${clip(sourceId, 20)} ${String(linesPerSecond).padStart(9)} ${size(bytesPerSecond).padStart(10)} ${(lagBytes === null ? 'not told' : size(lagBytes)).padStart(10)} ${(lastReadAgeMs === null ? 'never' : `${span(lastReadAgeMs)} ago`).padStart(10)}`,
    ...ageLines(ages),
    ...(problem ? wrapped(`! ${problem}`, 2) : []),
  ]);
  return [head, ...rows, '', 'lines since the streams began, as far as they are buffered', ladderHead, ...sources.flatMap(ladderRows)];
}

const ladderHead = `${'source'.padEnd(20)} ${'read'.padStart(12)} = ${'filtered'.padStart(10)} + ${'dropped'.padStart(8)} + ${'kept'.padStart(12)}`;

function ladderRows({ sourceId, ladder, linesUnparsed }: SourceReport): string[] {
  const { read, filtered, dropped, kept, trimmed, cut, bytesRead, bytesKept } = ladder;
  const reasons = Object.entries(dropped).map(([reason, lines]) => `${lines} ${printableText(reason)}`);
  const total = Object.values(dropped).reduce((sum, lines) => sum + lines, 0);
  const notes = [
    ...(reasons.length > 0 ? [`dropped: ${reasons.join(', ')}`] : []),
    ...(trimmed > 0 ? [`${some(trimmed, 'line')} trimmed`] : []),
    ...(read > 0 ? [`${size(bytesRead)} read, ${size(bytesKept)} kept`] : []),
    ...(cut > 0 ? [`${some(cut, 'line')} cut at the limit`] : []),
    ...(linesUnparsed ? [`${some(linesUnparsed, 'line')} not in the format of a trim passed unchanged`] : []),
  ];
  return [
    `${clip(sourceId, 20)} ${String(read).padStart(12)} = ${String(filtered).padStart(10)} + ${String(total).padStart(8)} + ${String(kept).padStart(12)}`,
    ...(kept > 0 ? wrapped(rungsOf(ladder), 2) : []),
    ...(notes.length > 0 ? wrapped(notes.join('; '), 2) : []),
  ];
}

/** What became of the lines kept. */
function rungsOf({ kept, committed, waiting, sent, lost, unsure }: SourceReport['ladder']): string {
  if (committed === null || waiting === null) {
    const known = lost === null ? '' : `, lost ${lost}`;
    return `kept ${kept}${known}; how many of them the hub has shows when it acknowledges what waits`;
  }
  const onTheWay = sent ? ` (${sent} of them sent)` : '';
  const open = unsure ? ` + unsure ${unsure} (committed or lost in an earlier buffer, or before damage: the hub knows)` : '';
  return `kept ${kept} = committed ${committed} + waiting ${waiting}${onTheWay} + lost ${lost ?? 0}${open}`;
}

/** Where something waits for longer than usual. */
function ageLines({
  unreadAgeMs,
  uncommittedAgeMs,
  bufferedUpTo,
}: Pick<SourceReport, 'unreadAgeMs' | 'uncommittedAgeMs' | 'bufferedUpTo'>): string[] {
  const old = (ageMs: number | null, which: string): string[] =>
    ageMs === null || ageMs < tellAgeFromMs ? [] : wrapped(`${which} is at least ${span(ageMs)} old`, 2);
  return [
    ...old(unreadAgeMs, 'the oldest line that is there and not buffered'),
    ...old(uncommittedAgeMs, 'the oldest line that the hub has not acknowledged'),
    ...(bufferedUpTo === null ? [] : wrapped(`buffered up to what was written at ${bufferedUpTo}`, 2)),
  ];
}

function laneLines(lanes: readonly LaneReport[]): string[] {
  return lanes.flatMap(({ lane, batches, bytes, bytesMax, isFull, lostBatches, oldestAgeMs, isOldestAtLeast, fullInMs, ladder }) => {
    const age = oldestAgeMs === null ? '' : `, the oldest ${isOldestAtLeast ? 'at least ' : ''}${span(oldestAgeMs)} old`;
    const soon = fullInMs === null || fullInMs > tellFullWithinMs ? '' : `full in ${span(fullInMs)} at this rate`;
    const full = !isFull ? soon : bytes >= bytesMax ? 'FULL' : 'THE DISK IS FULL';
    const { sealed, acked, waiting, lostWaiting } = ladder;
    return [
      `lane ${lane.padEnd(8)} ${batches === 1 ? '1 batch waits' : `${batches} batches wait`}${age}`,
      `              ${size(bytes)} of ${size(bytesMax)}${full ? `; ${full}` : ''}${lostBatches > 0 ? `; LOST ${some(lostBatches, 'batch', 'batches')}` : ''}`,
      `              sealed ${sealed} = acked ${acked} + waiting ${waiting} + lost and not told yet ${lostWaiting}`,
    ];
  });
}

function errorLines({ lastError }: AgentStatus): string[] {
  if (!lastError) return [];
  return [
    ...wrapped(`last error${lastError.at ? ` at ${lastError.at}` : ''}: ${lastError.text}`, 0),
    ...wrapped(`what to do: ${lastError.remedy}`, 2),
  ];
}

function some(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text.padEnd(length);
}

/** Words of a text in lines of the width, each behind so many blanks. */
function wrapped(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of printableText(text).split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => ' '.repeat(indent) + one);
}

/** 12 s, 3 m 20 s, 5 h 1 m, 2 d 4 h. */
function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} m`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
