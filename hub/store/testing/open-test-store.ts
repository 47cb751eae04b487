// A chDB store on a folder of its own, and the files its blocks need.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../proto/runtime/clock.ts';
import type { BlockFiles } from '../../ports.ts';
import { type ChdbStoreOptions, openChdbStore } from '../chdb-store.ts';
import { BlockWriter } from '../native/block-writer.ts';
import { type LedgerRow, writeLedgerFile } from '../native/ledger-file.ts';
import type { SampleRow } from './sample-rows.ts';

export const quietLog = { error: () => undefined, warn: () => undefined, info: () => undefined };

export function storeFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'atalaia-store-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

export function openTestStore(folder: string, options: Partial<ChdbStoreOptions> = {}) {
  return openChdbStore({ folder, clock: systemClock, log: quietLog, ...options });
}

export async function writeBlock(
  folder: string,
  block: number,
  rows: readonly SampleRow[],
  ledger: readonly LedgerRow[],
): Promise<BlockFiles> {
  const writer = new BlockWriter({ folder: join(folder, 'blocks'), name: 'w0' });
  for (const { place, row } of rows) writer.append(block, place, row);
  const { file } = await writer.seal(block);
  const ledgerFile = join(folder, 'blocks', `${block}-ledger.native`);
  await writeLedgerFile(ledgerFile, ledger);
  return { events: [file], ledger: [ledgerFile] };
}
