import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLevelState } from './open-level-state.ts';
import { stateContract } from './state-contract.ts';

stateContract('LevelDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atalaia-state-'));
  let state = await openLevelState({ folder });
  return {
    state,
    async reopen() {
      await state.close();
      state = await openLevelState({ folder });
      return state;
    },
    async dispose() {
      await state.close();
      await rm(folder, { recursive: true });
    },
  };
});

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'atalaia-state-'))));
afterEach(async () => await rm(folder, { recursive: true }));

test('a second process on the same folder is told that it is in use', async () => {
  const state = await openLevelState({ folder });

  await expect(openLevelState({ folder })).rejects.toMatchObject({ code: 'LOCKED', message: /in use by another process/ });

  await state.close();
});

test('data of a newer version is left alone, with the remedy', async () => {
  await writeFile(join(folder, 'version.json'), '{"version":2}\n');

  await expect(openLevelState({ folder })).rejects.toMatchObject({
    code: 'DATA_NEWER',
    message: /format 2.*reads up to 1.*newer program/s,
  });
});

test('a version file that says nothing is refused instead of guessed', async () => {
  await writeFile(join(folder, 'version.json'), 'hello');

  await expect(openLevelState({ folder })).rejects.toMatchObject({ code: 'DATA_UNREADABLE' });
});

test('a damaged database is reported, not mended', async () => {
  const state = await openLevelState({ folder });
  await state.put('a', 1, 0);
  await state.close();
  await writeFile(join(folder, 'documents', 'CURRENT'), 'MANIFEST-999999\n');

  await expect(openLevelState({ folder })).rejects.toMatchObject({ code: expect.stringMatching(/^(DAMAGED|STATE_OPEN_FAILED)$/) });
});
