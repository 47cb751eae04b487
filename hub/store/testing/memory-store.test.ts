import { expect, test } from 'vitest';
import { blockOf, eventStoreContract } from './event-store-contract.ts';
import { MemoryStore } from './memory-store.ts';
import { expectedEvent, sampleLedgerRow, sampleRow } from './sample-rows.ts';

eventStoreContract('memory', async () => {
  const store = new MemoryStore();
  return {
    store,
    write: async (block, rows, ledger) => {
      store.eventFiles.set(`${block}-events`, rows.map(expectedEvent));
      store.ledgerFiles.set(`${block}-ledger`, ledger);
      return { events: [`${block}-events`], ledger: [`${block}-ledger`] };
    },
    reopen: async () => store,
    dispose: async () => undefined,
  };
});

test('an attempt that only left its token is skipped in silence when it is repeated', async () => {
  let fault: 'token-only' | 'none' = 'token-only';
  const store = new MemoryStore({ insertFault: () => fault });
  store.eventFiles.set(
    'events',
    [0, 1, 2].map((index) => expectedEvent(sampleRow(1, index))),
  );
  store.ledgerFiles.set('ledger', [sampleLedgerRow()]);
  const files = { events: ['events'], ledger: ['ledger'] };

  await expect(store.insert(blockOf(1), files)).rejects.toMatchObject({ code: 'STORE_DOWN' });
  fault = 'none';
  await store.insert(blockOf(1), files);
  const repeated = await store.presence(blockOf(1));
  await store.insert(blockOf(1, { attempt: 2 }), files);

  expect(repeated).toBe('none');
  expect(await store.presence(blockOf(1))).toBe('all');
});
