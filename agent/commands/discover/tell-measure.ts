// Sizes and rates in words.
import type { JournalMeasure } from './measure-journal.ts';
import type { Measure } from './measure-source.ts';

const unitsTold = 12;

export function tellMeasure({ files, bytes, modifiedMs, rate }: Measure): string {
  if (files === 0) return 'No file is there yet; it is followed from its first line when it appears.';
  const when = modifiedMs === undefined ? '' : `, last written ${new Date(modifiedMs).toISOString().slice(0, 16)}Z`;
  const grows = rate
    ? `${rateOf(rate.bytesPerSecond)}, ${lineRate(rate.linesPerSecond)} by ${rate.by}`
    : 'how fast it grows could not be told';
  return `${files} ${files === 1 ? 'file' : 'files'}, ${amountOf(bytes)}; ${grows}${when}.`;
}

export function tellJournal({ bytesOnDisk, entries, bytes, seconds, units, problem }: JournalMeasure): string[] {
  if (problem !== '') return [`${amountOf(bytesOnDisk)} on disk; ${problem}.`];
  const rate = seconds > 0 ? `, ${rateOf(bytes / seconds)} as JSON, ${lineRate(entries / seconds)} over the newest ${entries} entries` : '';
  const told = units.slice(0, unitsTold).map((unit) => {
    const each = seconds > 0 ? `, ${rateOf(unit.bytes / seconds)}` : '';
    return `  ${unit.name}: ${unit.entries} entries, ${amountOf(unit.bytes)}${each}`;
  });
  const more = units.length > unitsTold ? [`  and ${units.length - unitsTold} more units`] : [];
  return [`${amountOf(bytesOnDisk)} on disk${rate}. By unit:`, ...told, ...more];
}

export function amountOf(bytes: number): string {
  if (bytes < 1_024) return `${Math.round(bytes)} B`;
  if (bytes < 1_048_576) return `${(bytes / 1_024).toFixed(1)} KiB`;
  return bytes < 1_073_741_824 ? `${(bytes / 1_048_576).toFixed(1)} MiB` : `${(bytes / 1_073_741_824).toFixed(1)} GiB`;
}

export function rateOf(bytesPerSecond: number): string {
  return bytesPerSecond > 0 && bytesPerSecond < 1 ? 'under 1 B/s' : `${amountOf(bytesPerSecond)}/s`;
}

function lineRate(linesPerSecond: number): string {
  if (linesPerSecond >= 0.1 || linesPerSecond === 0) return `${linesPerSecond.toFixed(1)} lines/s`;
  return `${(linesPerSecond * 3_600).toFixed(1)} lines/h`;
}
