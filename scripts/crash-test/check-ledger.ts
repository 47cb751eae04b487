// The ledger of every source against what is known of it: read = stored + filtered + dropped + lost, to the line.
import type { LedgerLine } from './console-reader.ts';
import { isLive } from './sources.ts';
import type { WrittenLine } from './written-lines.ts';

export interface KnownLines {
  readonly lines: readonly WrittenLine[];
  /** Those that are stored. */
  readonly ids: ReadonlyMap<number, string>;
  /** Bytes of the buffer were destroyed: of what they held nobody knows all. */
  readonly hasDamage: boolean;
}

export function checkLedger(ledger: readonly LedgerLine[], { lines, ids, hasDamage }: KnownLines): string[] {
  const bySource = Map.groupBy(lines, ({ source }) => source);
  return [...bySource].flatMap(([source, ofSource]) => {
    const row = ledger.find(({ sourceId }) => sourceId === source);
    const stored = ofSource.filter(({ number }) => ids.has(number)).length;
    const noise = ofSource.filter(({ isNoise }) => isNoise).length;
    if (!row) return stored === 0 ? [] : [`the ledger does not know ${source}, of which ${stored} lines are stored`];
    const missing = ofSource.length - noise - stored;
    const isBalanced = row.gap === 0 && row.linesRead === row.linesStored + row.linesFiltered + row.linesDropped + row.linesLost;
    const isTrue = row.linesStored === stored && (hasDamage ? row.linesFiltered <= noise : row.linesFiltered === noise);
    const isAllRead = isLive(source) ? row.linesRead <= ofSource.length : hasDamage || row.linesRead === ofSource.length;
    const isLossTrue = hasDamage ? row.linesLost <= missing + noise : row.linesLost === 0;
    const mayDrop = isLive(source) || row.linesDropped === 0;
    // What others write into the machine's log is read and filtered too, nobody knows how much.
    if (source === 'kmsg' && isBalanced && row.linesStored === stored) return [];
    if (isBalanced && isTrue && isAllRead && isLossTrue && mayDrop) return [];
    return [
      `the ledger of ${source} says ${JSON.stringify(row)}; ${ofSource.length} written, ${noise} of them to be filtered, ${stored} stored`,
    ];
  });
}
