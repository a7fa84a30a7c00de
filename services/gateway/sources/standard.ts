import { createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto';
import { isTimely, macBytes, macsUnder, matchesAny } from './digests.ts';
import type { Source } from './source.ts';
import { nameOfStandard, readStandard } from './standard/read.ts';

const MAX_ID = 200;
const MAX_SIGNATURES = 16;
const SECRET_PREFIX = 'whsec_';
const PUBLIC_PREFIX = 'whpk_';

/**
 * Standard Webhooks (github.com/standard-webhooks): the signature covers id, time and raw body, and a header may carry
 * several while a secret is being changed. `v1` is a MAC under a shared secret; `v1a` is Ed25519, and what the endpoint then
 * keeps is the sender's public key, which never serves as a secret: everybody may know it. The library of the same name would
 * parse the body and computes SHA-256 in JavaScript; node:crypto does neither, and the tests hold it to the library's own
 * vectors.
 */
export const standard: Source = {
  verify: ({ headers, body }, secrets, nowMs) => {
    const id = headers['webhook-id'] ?? '';
    const timestamp = headers['webhook-timestamp'] ?? '';
    if (id === '' || id.length > MAX_ID || !isTimely(timestamp, nowMs)) return undefined;
    const signed = `${id}.${timestamp}.`;
    const given = (headers['webhook-signature'] ?? '').split(' ', MAX_SIGNATURES);
    const holds = [holdsByMac(given, secrets, signed, body), holdsByKey(given, secrets, signed, body)];
    return holds.includes(true) ? { key: id, topic: '' } : undefined;
  },
  keeps: (header) => header === 'webhook-id' || header === 'webhook-timestamp' || header.startsWith('ce-'),
  nameOf: nameOfStandard,
  read: readStandard,
};

function holdsByMac(given: readonly string[], secrets: readonly string[], signed: string, body: Uint8Array): boolean {
  const shared = secrets.filter((secret) => !secret.startsWith(PUBLIC_PREFIX)).map(keyBytes);
  const expected = macsUnder(shared, signed, body);
  const signatures = given.flatMap((entry) => (entry.startsWith('v1,') && macBytes(entry.slice('v1,'.length))) || []);
  // Every signature is compared, also after one has matched.
  return signatures.filter((signature) => matchesAny(signature, expected)).length > 0;
}

function holdsByKey(given: readonly string[], secrets: readonly string[], signed: string, body: Uint8Array): boolean {
  const keys = secrets.flatMap((secret) => publicKey(secret) ?? []);
  if (keys.length === 0) return false;
  const content = Buffer.concat([Buffer.from(signed), body]);
  const signatures = given.flatMap((entry) =>
    entry.startsWith('v1a,') ? [Buffer.from(entry.slice('v1a,'.length), 'base64')] : [],
  );
  return signatures.some((signature) => keys.some((key) => verifySignature(null, content, key, signature)));
}

function keyBytes(secret: string): Buffer {
  return Buffer.from(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret, 'base64');
}

/** What stands before the 32 bytes of an Ed25519 key in its DER form (RFC 8410). */
const ED25519_DER = Buffer.from('302a300506032b6570032100', 'hex');
const ED25519_BYTES = 32;

function publicKey(secret: string): KeyObject | undefined {
  if (!secret.startsWith(PUBLIC_PREFIX)) return undefined;
  const raw = Buffer.from(secret.slice(PUBLIC_PREFIX.length), 'base64');
  if (raw.length !== ED25519_BYTES) return undefined;
  return createPublicKey({ key: Buffer.concat([ED25519_DER, raw]), format: 'der', type: 'spki' });
}
