import { mac, macBytes, matchesAny } from './digests.ts';
import type { Platform } from './platform.ts';

/** Both ways: a sender's clock may be ahead of ours. */
const TOLERANCE_S = 5 * 60;
const MAX_ID = 200;
const MAX_SIGNATURES = 16;
const PREFIX = 'whsec_';

/**
 * Standard Webhooks (github.com/standard-webhooks): the signature covers id, time and raw body, and a header may carry
 * several while a secret is being changed. The library of the same name would parse the body and computes SHA-256 in
 * JavaScript; node:crypto does neither, and the tests hold it to the library's own vectors.
 */
export const standard: Platform = {
  verify: ({ headers, body }, secrets, nowMs) => {
    const id = headers['webhook-id'] ?? '';
    const timestamp = headers['webhook-timestamp'] ?? '';
    if (id === '' || id.length > MAX_ID || !/^\d{1,12}$/.test(timestamp)) return undefined;
    if (Math.abs(Math.floor(nowMs / 1_000) - Number(timestamp)) > TOLERANCE_S) return undefined;
    // An empty key is everybody's key.
    const keys = secrets.map(keyBytes).filter((key) => key.length > 0);
    const expected = keys.map((key) => mac(key, `${id}.${timestamp}.`, body));
    const given = signatures(headers['webhook-signature'] ?? '');
    // Every signature is compared, also after one has matched.
    const matches = given.filter((signature) => matchesAny(signature, expected));
    return matches.length > 0 ? { key: id, topic: '' } : undefined;
  },
  keeps: (header) => header === 'webhook-id' || header === 'webhook-timestamp',
};

function signatures(header: string): Buffer[] {
  return header
    .split(' ', MAX_SIGNATURES)
    .filter((entry) => entry.startsWith('v1,'))
    .flatMap((entry) => macBytes(entry.slice('v1,'.length)) ?? []);
}

function keyBytes(secret: string): Buffer {
  return Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
}
