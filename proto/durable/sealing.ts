// Values sealed with AES-256-GCM before they reach the disk, and opened when they come back (DECISION-sealing.md).
// Promises: a key and nonce are never used for two different values, on a cloned or rolled-back machine neither: every
// value has a key of its own, derived from 192 bits of HMAC over fresh randomness, the value and its place. A value opens
// only in its own place (log, generation, number): exchanged or moved ones are damage. A key that was not given is an
// error (KEY_MISSING), never damage. Values written before sealing was turned on are read as they are.
// Hides contents only: sizes, numbers and times stay visible. Does not stop whoever may write here from adding plain values.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Random } from '../runtime/clock.ts';
import { assert, AtalaiaError } from '../runtime/errors.ts';
import { giveBack } from '../runtime/give-back.ts';

/** Seals the values of one log; `place` is what tells one of them from every other. */
export interface Seal {
  /** Of the key that new values are sealed with; empty when they are written plain. */
  readonly keyId: string;
  knows(keyId: string): boolean;
  seal(value: Uint8Array, place: string): Uint8Array;
  /** Undefined when it is damaged or of another place. Throws KEY_MISSING. */
  open(value: Uint8Array, place: string): Uint8Array | undefined;
}

export interface SealingKeys {
  /** 32 bytes; absent: new values are written plain. */
  readonly current?: Uint8Array | undefined;
  /** Keys of values written earlier. */
  readonly previous?: readonly Uint8Array[];
}

export const sealingKeyBytes = 32;

// An envelope: magic, key id, salt, checksum of these; ciphertext; GCM tag.
const magic = Buffer.from('\0ATSEAL\u0001', 'latin1');
const keyIdBytes = 8;
const saltBytes = 24;
const checkedBytes = magic.length + keyIdBytes + saltBytes;
const headerBytes = checkedBytes + 4;
const tagBytes = 16;
/** Each derived key seals one value. */
const nonce = Buffer.alloc(12);

interface Key {
  readonly id: Buffer;
  readonly hashRoot: Buffer;
  readonly saltRoot: Buffer;
  readonly valueRoot: Buffer;
}

/** `log` stands in every place: values of one log do not open in another. */
export function createSeal({ current, previous = [] }: SealingKeys, log: string, random: Random): Seal {
  const writing = current && keyOf(current);
  const keys = new Map([...previous.map(keyOf), ...(writing ? [writing] : [])].map((key) => [key.id.toString('hex'), key]));
  const placed = (place: string): Buffer => Buffer.from(`${log}\n${place}`);
  return {
    keyId: writing ? writing.id.toString('hex') : '',
    knows: (keyId) => keys.has(keyId),
    seal: (value, place) => (writing ? sealed(writing, { value, place: placed(place), random }) : value),
    open: (value, place) => {
      const keyId = sealedWith(value);
      if (keyId === undefined) return undefined;
      if (keyId === '') return value;
      const key = keys.get(keyId);
      if (!key) throw keyMissing(keyId);
      return opened(key, value, placed(place));
    },
  };
}

/** For logs that are not sealed; a sealed value is still told from a damaged one. */
export const plainSeal: Seal = {
  keyId: '',
  knows: () => false,
  seal: (value) => value,
  open: (value) => {
    const keyId = sealedWith(value);
    if (keyId !== '' && keyId !== undefined) throw keyMissing(keyId);
    return keyId === undefined ? undefined : value;
  },
};

/** Id of the key that a value was sealed with, empty for a plain one; undefined when the envelope's head is damaged. */
export function sealedWith(value: Uint8Array): string | undefined {
  const view = viewOf(value);
  if (!view.subarray(0, magic.length).equals(magic)) return '';
  if (view.length < headerBytes + tagBytes) return undefined;
  if (view.readUInt32BE(checkedBytes) !== crc32(view.subarray(0, checkedBytes))) return undefined;
  return view.toString('hex', magic.length, magic.length + keyIdBytes);
}

export function keyMissing(keyId: string, place = 'it'): AtalaiaError {
  return new AtalaiaError('KEY_MISSING', `${place} is sealed with key ${keyId}, which was not given`);
}

function keyOf(bytes: Uint8Array): Key {
  assert(bytes.length === sealingKeyBytes, `a sealing key of ${bytes.length} bytes`);
  const derived = (use: string, length: number): Buffer => Buffer.from(hkdfSync('sha256', bytes, '', `atalaia seal 1: ${use}`, length));
  return { id: derived('id', keyIdBytes), hashRoot: derived('hash', 32), saltRoot: derived('salt', 32), valueRoot: derived('value', 32) };
}

function sealed(
  key: Key,
  { value, place, random }: { readonly value: Uint8Array; readonly place: Buffer; readonly random: Random },
): Buffer {
  // The value is in it for machines that are cloned while they run: both lives have the same randomness before them.
  const salt = createHmac('sha256', key.saltRoot).update(random.bytes(16)).update(hashOf(key, value)).update(place).digest();
  const envelope = Buffer.allocUnsafe(headerBytes + value.length + tagBytes);
  envelope.set(magic, 0);
  envelope.set(key.id, magic.length);
  envelope.set(salt.subarray(0, saltBytes), magic.length + keyIdBytes);
  envelope.writeUInt32BE(crc32(envelope.subarray(0, checkedBytes)), checkedBytes);
  const cipher = createCipheriv('aes-256-gcm', valueKey(key, envelope), nonce).setAAD(bound(envelope, place));
  const ciphertext = cipher.update(value);
  cipher.final();
  envelope.set(ciphertext, headerBytes);
  giveBack(ciphertext);
  envelope.set(cipher.getAuthTag(), headerBytes + value.length);
  return envelope;
}

function opened(key: Key, value: Uint8Array, place: Buffer): Buffer | undefined {
  const view = viewOf(value);
  const decipher = createDecipheriv('aes-256-gcm', valueKey(key, view), nonce, { authTagLength: tagBytes });
  decipher.setAAD(bound(view, place)).setAuthTag(view.subarray(view.length - tagBytes));
  const plain = decipher.update(view.subarray(headerBytes, view.length - tagBytes));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

function valueKey({ valueRoot }: Key, envelope: Buffer): Buffer {
  return createHmac('sha256', valueRoot)
    .update(envelope.subarray(magic.length + keyIdBytes, checkedBytes))
    .digest();
}

function bound(envelope: Buffer, place: Buffer): Buffer {
  return Buffer.concat([envelope.subarray(0, headerBytes), place]);
}

/** GHASH under a key of its own, which is never shown: sixteen times as fast as SHA-256, and used as in AES-GCM-SIV. */
function hashOf({ hashRoot }: Key, value: Uint8Array): Buffer {
  const hash = createCipheriv('aes-256-gcm', hashRoot, nonce).setAAD(value);
  hash.final();
  return hash.getAuthTag();
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
