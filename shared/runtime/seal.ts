import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PermanentError } from '#shared/kernel/errors.ts';

/**
 * Secrets at rest: AES-256-GCM under a 32-byte master key that lies in a file outside the database. `purpose` says what
 * the secret is for (`endpoint:sandbox`, `credential:sandbox:shopify`) and is authenticated with it, so that a sealed
 * value copied into another row does not open there.
 */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MASTER_KEY_BYTES = 32;

export interface MasterKey {
  readonly bytes: Uint8Array;
}

/** A new key as it is written into a key file: 64 hex digits. */
export function newMasterKeyText(): string {
  return `${randomBytes(MASTER_KEY_BYTES).toString('hex')}\n`;
}

export function parseMasterKey(text: string, position: string): MasterKey {
  const hex = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(hex)) {
    throw new PermanentError('bad-config', `${position} does not hold a master key (64 hex digits)`, { position });
  }
  return { bytes: Buffer.from(hex, 'hex') };
}

export function readMasterKey(file: string): MasterKey {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PermanentError('bad-config', `The master key file ${file} cannot be read`, {
      cause,
      position: 'PARLEY_MASTER_KEY_FILE',
    });
  }
  return parseMasterKey(text, file);
}

export function seal(key: MasterKey, purpose: string, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(purpose));
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

export function unseal(key: MasterKey, purpose: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed);
  if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION) {
    throw new PermanentError('bad-input', `A sealed value for ${purpose} has an unknown form`);
  }
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(purpose));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    return Buffer.concat([
      decipher.update(bytes.subarray(1 + NONCE_BYTES, bytes.length - TAG_BYTES)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new PermanentError('bad-config', `A sealed value for ${purpose} does not open under this master key`, {
      cause,
    });
  }
}

/** As text, for columns that hold text: base64 of the sealed bytes. */
export function sealText(key: MasterKey, purpose: string, plain: string): string {
  return seal(key, purpose, Buffer.from(plain)).toString('base64');
}

export function unsealText(key: MasterKey, purpose: string, sealed: string): string {
  return unseal(key, purpose, Buffer.from(sealed, 'base64')).toString();
}
