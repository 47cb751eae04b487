// Seals webhook secrets in State with a key that lies beside it as a file of its own: AES-256-GCM, bound to what the secret
// belongs to, so that a sealed text is good in no other document.
// Promises: a copy of State alone (a dump, a backup, a State on another machine) holds no secret in the clear; the key
// file is made once, for its owner alone, durable before the first secret is sealed with it. Who reads the whole data
// folder reads the secrets too: see DECISION-sealed-secrets.md.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import type { Random } from '../../proto/runtime/clock.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';

export interface SecretSeal {
  seal(text: string, owner: string): string;
  /** Undefined when it was sealed with another key or for another owner, or is damaged. */
  open(sealed: string, owner: string): string | undefined;
}

const cipher = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const prefix = 'sealed1.';

export function isSealed(text: string): boolean {
  return text.startsWith(prefix);
}

export async function openSecretSeal(keyFile: string, random: Random): Promise<SecretSeal> {
  return secretSeal((await readKey(keyFile)) ?? (await makeKey(keyFile, random)), random);
}

export function secretSeal(key: Uint8Array, random: Random): SecretSeal {
  return {
    seal: (text, owner) => {
      const nonce = random.bytes(nonceBytes);
      const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(owner));
      const body = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()]);
      return prefix + Buffer.concat([nonce, sealing.getAuthTag(), body]).toString('base64url');
    },
    open: (sealed, owner) => {
      const bytes = Buffer.from(sealed.slice(prefix.length), 'base64url');
      if (!isSealed(sealed) || bytes.length < nonceBytes + tagBytes) return undefined;
      const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      try {
        return Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]).toString('utf8');
      } catch {
        // The one thing that can fail here is the tag.
        return undefined;
      }
    },
  };
}

async function readKey(keyFile: string): Promise<Uint8Array | undefined> {
  let text: string;
  try {
    text = await readFile(keyFile, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new AtalaiaError('SECRET_KEY_UNREADABLE', `${keyFile} cannot be read; it belongs to the hub's user`, { cause: error });
  }
  const key = Buffer.from(text.trim(), 'hex');
  if (key.length !== keyBytes)
    throw new AtalaiaError(
      'SECRET_KEY_UNREADABLE',
      `${keyFile} does not hold a key; restore it from a backup, or remove it and make new secrets for all webhooks`,
    );
  return key;
}

async function makeKey(keyFile: string, random: Random): Promise<Uint8Array> {
  const key = random.bytes(keyBytes);
  const file = await open(`${keyFile}.new`, 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${Buffer.from(key).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${keyFile}.new`, keyFile);
  return key;
}
