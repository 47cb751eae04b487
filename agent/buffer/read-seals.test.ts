import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemRandom } from '../../proto/runtime/clock.ts';
import { UsageError } from '../../proto/runtime/errors.ts';
import { readSeals } from './read-seals.ts';

const folder = mkdtempSync(join(tmpdir(), 'atalaia-seals-'));
afterAll(() => rmSync(folder, { recursive: true }));
const key = Buffer.from('00112233445566778899aabbccddeeff0a0b0c0d0e0f10111213141516171819', 'hex');

function keyFile(name: string, content: string | Buffer, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

let links = 0;
function linked(): string {
  const link = join(folder, `link${++links}`);
  symlinkSync(keyFile('target', key), link);
  return link;
}

const idOf = (keyFile: string): string => readSeals({ keyFile, previousKeyFiles: [] }, systemRandom)('normal').keyId;

test('raw, hexadecimal and base64, with a line end or without, are the same key', () => {
  const forms = [key, key.toString('hex'), `${key.toString('hex').toUpperCase()}\n`, `${key.toString('base64')}\r\n`];
  const ids = forms.map((form, place) => idOf(keyFile(`form${place}`, form)));

  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/^[0-9a-f]{16}$/);
});

test('a raw key that ends like a text does is taken whole', () => {
  const ends = Buffer.concat([key.subarray(1), Buffer.from('\n')]);

  expect(idOf(keyFile('ends', ends))).toBe(idOf(keyFile('ends-hex', ends.toString('hex'))));
});

test('without a key file what is written is plain, and earlier keys still open what they sealed', () => {
  const path = keyFile('earlier', key);
  const sealed = readSeals({ keyFile: path, previousKeyFiles: [] }, systemRandom)('normal').seal(Buffer.from('line'), 'here');
  const seal = readSeals({ previousKeyFiles: [path] }, systemRandom)('normal');

  expect(seal.keyId).toBe('');
  expect(Buffer.from(seal.open(sealed, 'here') ?? []).toString()).toBe('line');
});

test.each<[string, () => string, RegExp]>([
  ['others may read it', () => keyFile('open', key, 0o640), /open can be read by others than its owner; .*chmod 600/],
  [
    'it is short',
    () => keyFile('short', 'hunter2\n'),
    /short does not hold 32 bytes, raw or as hexadecimal or base64; `openssl rand -hex 32`/,
  ],
  ['it has a byte too many', () => keyFile('long', Buffer.concat([key, key.subarray(0, 1)])), /does not hold 32 bytes/],
  ['it is huge', () => keyFile('huge', 'x'.repeat(5_000)), /longer than 256 bytes/],
  ['it is not there', () => join(folder, 'none'), /none cannot be opened \(ENOENT\)/],
  ['it is a folder', () => folder, /is not a plain file/],
  ['it is a link', linked, /link\d+ cannot be opened/],
])('a key file is refused when %s, with the remedy and without the key', (_why, path, message) => {
  const read = (): unknown => readSeals({ keyFile: path(), previousKeyFiles: [] }, systemRandom);

  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
  expect(read).not.toThrow(/hunter2/);
});
