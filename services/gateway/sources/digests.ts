import { createHmac, timingSafeEqual } from 'node:crypto';

const SHA256_HEX = /^[0-9a-f]{64}$/i;
const SHA256_BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/** A base64 SHA-256 MAC to its 32 bytes; undefined when it is anything else. */
export function macBytes(text: string): Buffer | undefined {
  return SHA256_BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** The same of one written in hexadecimal digits. */
export function hexMacBytes(text: string): Buffer | undefined {
  return SHA256_HEX.test(text) ? Buffer.from(text, 'hex') : undefined;
}

export function mac(key: string | Uint8Array, ...parts: (string | Uint8Array)[]): Buffer {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Compares with every expected MAC, in constant time and without leaving early, so that time tells nothing. */
export function matchesAny(given: Uint8Array, expected: readonly Uint8Array[]): boolean {
  let matches = 0;
  for (const one of expected) matches |= Number(one.length === given.length && timingSafeEqual(one, given));
  return matches === 1;
}
