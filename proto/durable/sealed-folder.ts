// A generation's key-value folder whose values are sealed on their way in and opened on their way out: whoever reads and
// writes records knows nothing of it. A value that does not open comes out empty, which no record is: damage as before.
import { giveBack } from '../runtime/give-back.ts';
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
    write: async (puts, options) => {
      const sealed = puts.map(({ key, value }): KeyValue => ({ key, value: seal.seal(value, placeOf(key)) }));
      await kv.write(sealed, options);
      // Envelopes are ours alone; what was handed in is the caller's.
      for (const [place, { value }] of sealed.entries()) if (value !== puts[place]?.value) giveBack(value);
    },
    get: async (key) => {
      const value = await kv.get(key);
      const plain = value && opened(key, value);
      if (value && plain !== value) giveBack(value);
      return plain;
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
