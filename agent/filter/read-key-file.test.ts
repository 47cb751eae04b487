import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readKeyFile } from './read-key-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'atalaia-key-'));
afterAll(() => rmSync(folder, { recursive: true }));
const secret = '0123456789abcdef0123456789abcdef';

function keyFile(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

test('a key is what the file holds, without the line end behind it', () => {
  expect(readKeyFile(keyFile('good', `${secret}\n`)).toString()).toBe(secret);
});

describe('a key file that gives no protection is refused, and the message does not show the key', () => {
  test.each<[string, () => string, RegExp]>([
    ['others may read it', () => keyFile('open', secret, 0o640), /can be read by others than its owner; .*chmod 600/],
    ['it is short', () => keyFile('short', 'hunter2\n'), /holds fewer than 32 bytes; `openssl rand -hex 32`/],
    ['it is huge', () => keyFile('huge', 'x'.repeat(5_000)), /longer than 4096 bytes/],
    ['it is not there', () => join(folder, 'none'), /none cannot be opened/],
    ['it is a folder', () => folder, /is not a plain file/],
    [
      'it is a link',
      () => {
        const link = join(folder, 'link');
        symlinkSync(keyFile('target', secret), link);
        return link;
      },
      /link cannot be opened/,
    ],
  ])('%s', (_why, path, message) => {
    const read = () => readKeyFile(path());

    expect(read).toThrow(message);
    expect(read).not.toThrow(/0123456789|hunter2/);
  });
});
