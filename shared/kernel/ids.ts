/**
 * Ids that are drawn are uuidv7 (time first, so that indexes stay warm). Ids that enter a decision are derived, never
 * drawn: they are text built from their parents, so that a redelivery or a recomputation yields the same id.
 */

/** uuidv7 from a time and ten random bytes, both arguments so that callers stay pure. */
export function uuidv7(nowMs: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  for (let index = 0, rest = nowMs; index < 6; index++) {
    bytes[5 - index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  let hex = '';
  for (const byte of bytes) hex += HEX[byte];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Two digits for each byte: a gateway under load draws thousands of ids a second. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The id of an agent's reply to one event: `<event>.<agent>.<part>`. */
export function answerId(event: string, agent: string, part: number): string {
  return `${event}.${agent}.${part}`;
}

/** The id of the n-th intent of an answer: `<answer>.<index>`; its decision and its action carry the same id. */
export function intentId(answer: string, index: number): string {
  return `${answer}.${index}`;
}

/** The id of the claim that an intent takes on one leaf: `<intent>/<resource>/<aspect>`. */
export function claimId(intent: string, resource: string, aspect: string): string {
  return `${intent}/${resource}/${aspect}`;
}

/** FNV-1a, 32 bits: spreads stores over partitions and seeds simulated values; no security rests on it. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
