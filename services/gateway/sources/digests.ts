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

/** What a signature may be under each secret in force. An empty key is everybody's key, and counts for none. */
export function macsUnder(keys: readonly (string | Uint8Array)[], ...parts: (string | Uint8Array)[]): Buffer[] {
  return keys.filter((key) => key.length > 0).map((key) => mac(key, ...parts));
}

/** Both ways: a sender's clock may be ahead of ours. Standard Webhooks' and Stripe's own libraries take the same five minutes. */
const TOLERANCE_S = 5 * 60;

/** Whether the Unix seconds that a signature covers are about now; what is no such number is not. */
export function isTimely(timestamp: string, nowMs: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Math.floor(nowMs / 1_000) - Number(timestamp)) <= TOLERANCE_S;
}

/** Compares with every expected MAC, in constant time and without leaving early, so that time tells nothing. */
export function matchesAny(given: Uint8Array, expected: readonly Uint8Array[]): boolean {
  let matches = 0;
  for (const one of expected) matches |= Number(one.length === given.length && timingSafeEqual(one, given));
  return matches === 1;
}
