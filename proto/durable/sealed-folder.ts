// A generation's key-value folder whose values are sealed on their way in and opened on their way out: whoever reads and
// writes records knows nothing of it. A value that does not open comes out empty, which no record is: damage as before.
import type { KeyValue, KvFolder } from './ports.ts';
import { sealedWith, type Seal } from './sealing.ts';

const unreadable = new Uint8Array(0);

export interface SealedFolder extends KvFolder {
  /** Id of the sealing key that the value under a key needs; empty when it is plain, absent or damaged. */
  keyIdAt(key: Uint8Array): Promise<string>;
}

/** `id`: of the generation; two may hold a snapshot under the same key. */
export function sealedFolder(kv: KvFolder, seal: Seal, id: number): SealedFolder {
  const placeOf = (key: Uint8Array): string => `generation ${id} ${Buffer.from(key).toString('hex')}`;
  const opened = (key: Uint8Array, value: Uint8Array): Uint8Array => seal.open(value, placeOf(key)) ?? unreadable;
  return {
    write: (puts, options) =>
      kv.write(
        puts.map(({ key, value }) => ({ key, value: seal.seal(value, placeOf(key)) })),
        options,
      ),
    get: async (key) => {
      const value = await kv.get(key);
      return value && opened(key, value);
    },
    range: async (bounds) => {
      const pairs = await kv.range(bounds);
      return pairs.map(({ key, value }): KeyValue => ({ key, value: opened(key, value) }));
    },
    close: () => kv.close(),
    keyIdAt: async (key) => {
      const value = await kv.get(key);
      return (value && sealedWith(value)) ?? '';
    },
  };
}
