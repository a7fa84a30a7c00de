import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';

/** SHA-256 in hex over canonical JSON: what manifests, options and rule sets are compared by. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(value as Json))
    .digest('hex');
}
