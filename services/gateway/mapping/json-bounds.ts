import { PermanentError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/**
 * Refuses JSON that would cost far more memory than its bytes, before it is parsed: an item of a list takes three bytes
 * here, and each that is not what its topic promises is a fault of half a kilobyte with the checker. A body of 300 KB ended a
 * gateway of 160 MB heap, and would have ended it again after each restart.
 *
 * Looks at brackets, commas and strings alone; what is not JSON is for the parser to say.
 */
export function boundJson(bytes: Uint8Array): void {
  /** The container that is open at each depth. */
  const open = new Uint8Array(LIMITS.jsonDepth + 1);
  let depth = 0;
  let items = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (byte === LIST || byte === OBJECT) {
      depth += 1;
      if (depth > LIMITS.jsonDepth)
        throw new PermanentError('unknown-shape', `The body is nested deeper than ${LIMITS.jsonDepth}`);
      open[depth] = byte;
    } else if (byte === LIST_END || byte === OBJECT_END) depth = Math.max(0, depth - 1);
    else if (byte === COMMA && open[depth] === LIST) {
      items += 1;
      if (items > LIMITS.jsonItems)
        throw new PermanentError('unknown-shape', `The lists of the body have more than ${LIMITS.jsonItems} items`);
    }
  }
}

/** Where the string that begins here has its closing quote, or the end of all. */
function endOfString(bytes: Uint8Array, begin: number): number {
  let at = begin + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
