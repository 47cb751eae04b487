import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SearchNode } from '../ports.ts';
import type { ChdbStore } from './chdb-store.ts';
import { blockOf, eventStoreContract } from './testing/event-store-contract.ts';
import { openTestStore, storeFolder, writeBlock } from './testing/open-test-store.ts';
import { sampleLedgerRow, sampleRow } from './testing/sample-rows.ts';

eventStoreContract('chDB', async () => {
  const { folder, remove } = storeFolder();
  let store = await openTestStore(folder);
  return {
    store,
    write: (block, rows, ledger) => writeBlock(folder, block, rows, ledger),
    reopen: async () => {
      await store.close();
      store = await openTestStore(folder);
      return store;
    },
    dispose: async () => {
      await store.close();
      remove();
    },
  };
});

/** A process of its own that has opened the store and lives until it is killed. */
async function hubOn(folder: string): Promise<{ readonly hub: ChildProcess; readonly enginePid: number }> {
  const script = `
    const { openChdbStore } = await import(${JSON.stringify(new URL('./chdb-store.ts', import.meta.url).href)});
    const { systemClock } = await import(${JSON.stringify(new URL('../../proto/runtime/clock.ts', import.meta.url).href)});
    const log = { error() {}, warn() {}, info() {} };
    const store = await openChdbStore({ folder: process.argv[1], clock: systemClock, log });
    process.stdout.write(String(store.enginePid));
    setInterval(() => {}, 1_000);`;
  const hub = spawn(process.execPath, ['--input-type=module', '-e', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const enginePid = await new Promise<number>((resolve) => hub.stdout.once('data', (text: Buffer) => resolve(Number(text.toString()))));
  return { hub, enginePid };
}

describe('the engine in its own process', () => {
  const signal = new AbortController().signal;
  const whole = { where: { is: 'all' } as SearchNode, sinceMs: 0, untilMs: 4_000_000_000_000, limit: 10, newestFirst: true };
  const three = () => [0, 1, 2].map((index) => sampleRow(1, index));
  let place: ReturnType<typeof storeFolder>;
  let store: ChdbStore;
  beforeEach(async () => {
    place = storeFolder();
    store = await openTestStore(place.folder);
  });
  afterEach(async () => {
    await store.close();
    place.remove();
  });

  test('an order to remove rows that a full disk left empty does not keep the store shut', async () => {
    const files = await writeBlock(place.folder, 1, three(), [sampleLedgerRow()]);
    const block = blockOf(1);
    await store.insert(block, files);
    await store.removeBlock(block);
    await store.close();
    const orders = readdirSync(place.folder, { recursive: true, encoding: 'utf8' }).filter((path) => /mutation_\d+\.txt$/.test(path));
    const [order = ''] = orders;
    writeFileSync(join(place.folder, order.replace(/\d+\.txt$/, '9999.txt')), '');

    store = await openTestStore(place.folder);

    expect(orders.length).toBeGreaterThan(0);
    expect((await store.search(whole, signal)).events).toEqual([]);
  });

  const untilUp = () => vi.waitFor(async () => expect((await store.status()).isUp).toBe(true), { timeout: 20_000, interval: 20 });

  test('killed before an insert: the insert can be tried again, the engine comes back, nothing is there twice', async () => {
    const files = await writeBlock(place.folder, 1, three(), [sampleLedgerRow()]);
    process.kill(store.enginePid ?? 0, 'SIGKILL');

    await expect(store.insert(blockOf(1), files)).rejects.toMatchObject({ code: 'STORE_DOWN', isRetryable: true });
    await untilUp();
    const presence = await store.presence(blockOf(1));
    await store.insert(blockOf(1, { attempt: 2 }), files);

    expect(presence).toBe('none');
    expect((await store.search(whole, signal)).events).toHaveLength(3);
    expect((await store.status()).restarts).toBe(1);
  });

  test('killed at any moment of an insert, the count afterwards is none or all, and a repeat makes it all', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => sampleRow(1, index));
    for (let round = 1; round <= 6; round++) {
      const block = blockOf(round, { eventRows: rows.length });
      const files = await writeBlock(place.folder, round, rows, [sampleLedgerRow()]);
      const insert = store.insert(block, files).then(
        () => 'inserted',
        () => 'failed',
      );
      await new Promise((resolve) => setTimeout(resolve, round * 12));
      process.kill(store.enginePid ?? 0, 'SIGKILL');
      const outcome = await insert;
      await untilUp();

      const presence = await store.presence(block);

      if (outcome === 'inserted') expect(presence).toBe('all');
      if (presence === 'all') continue;
      if (presence === 'some') await store.removeBlock(block);
      await store.insert(
        { ...block, attempt: 2 },
        outcome === 'inserted' ? await writeBlock(place.folder, round, rows, [sampleLedgerRow()]) : files,
      );
      expect(await store.presence(block)).toBe('all');
    }
  });

  test('an aborted search is cancelled and the next one gets its connection', async () => {
    await store.insert(blockOf(1), await writeBlock(place.folder, 1, three(), [sampleLedgerRow()]));
    const leaving = Array.from({ length: 4 }, () => new AbortController());
    const searches = leaving.map((left) => store.search(whole, left.signal).catch((error: unknown) => error));
    for (const left of leaving) left.abort(new Error('left the page'));

    const outcomes = await Promise.all(searches);

    for (const outcome of outcomes) expect(outcome).toMatchObject({ message: 'left the page' });
    expect((await store.search(whole, signal)).events).toHaveLength(3);
  });

  test('a search that would read too much ends with what it has and says so', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => sampleRow(1, index));
    await store.insert(blockOf(1, { eventRows: rows.length }), await writeBlock(place.folder, 1, rows, [sampleLedgerRow()]));
    await store.close();
    store = await openTestStore(place.folder, { readerLimits: { rowsMax: 8_192 } });

    const answer = await store.search({ ...whole, where: { is: 'text', value: 'nowhere*', phrase: false } }, signal);

    expect(answer).toMatchObject({ isPartial: true, reason: expect.stringContaining('rows were read') });
  });

  test('a search that failed leaves nothing of its answer in the next one', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => sampleRow(1, index));
    await store.insert(blockOf(1, { eventRows: rows.length }), await writeBlock(place.folder, 1, rows, [sampleLedgerRow()]));
    await store.close();
    store = await openTestStore(place.folder, { readers: 1, readerLimits: { resultBytesMax: 20_000 } });

    await expect(store.search({ ...whole, limit: 500 }, signal)).rejects.toMatchObject({ code: 'SEARCH_TOO_LARGE' });

    expect(await store.histogram(whole, 60_000, signal)).toEqual([{ timeMs: expect.any(Number), count: 500 }]);
  });

  test('an engine left behind by a dead hub is ended before the store is opened again', async () => {
    const other = storeFolder();
    const { hub, enginePid } = await hubOn(other.folder);
    // One that hangs does not see that its hub is gone.
    process.kill(enginePid, 'SIGSTOP');
    hub.kill('SIGKILL');
    await once(hub, 'exit');
    expect(Number(readFileSync(join(other.folder, 'engine.pid'), 'utf8'))).toBe(enginePid);

    const second = await openTestStore(other.folder);

    // Dead by now, and gone when the system has collected it.
    await vi.waitFor(() => expect(() => process.kill(enginePid, 0)).toThrow(), { timeout: 10_000, interval: 10 });
    await second.close();
    other.remove();
  });

  test('the engine dies with its hub, whatever the hub died of', async () => {
    const other = storeFolder();
    const { hub, enginePid } = await hubOn(other.folder);

    hub.kill('SIGKILL');

    await vi.waitFor(() => expect(() => process.kill(enginePid, 0)).toThrow(), { timeout: 10_000, interval: 10 });
    other.remove();
  });

  test('a folder of a newer program is refused with the remedy and left as it is', async () => {
    await store.close();
    const { Session } = await import('chdb');
    const session = new Session(join(place.folder, 'engine'));
    session.query('INSERT INTO atalaia.schema VALUES (999)');
    session.close();

    await expect(openTestStore(place.folder)).rejects.toMatchObject({
      code: 'STORE_NEWER',
      message: expect.stringContaining('another data folder with --data'),
    });
  });
});
