import { PermanentError } from '#shared/kernel/errors.ts';
import { boundJson } from './json-bounds.ts';

/** Digits that a double may not hold: from 9,007,199,254,740,993 on, JSON.parse gives a neighbour. */
const LONG_NUMBER = /(?:9\d{15}|\d{17,})/;

/** Parses a body. Ids beyond 2^53 come out as text, with every digit; everything else as JSON.parse gives it. */
export function parseBody(body: Uint8Array): unknown {
  boundJson(body);
  let textOfBody: string;
  try {
    textOfBody = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new PermanentError('unknown-shape', 'The body is not UTF-8 text', { cause });
  }
  try {
    return LONG_NUMBER.test(textOfBody) ? JSON.parse(textOfBody, keepDigits as never) : JSON.parse(textOfBody);
  } catch (cause) {
    throw new PermanentError('unknown-shape', 'The body is not JSON', { cause });
  }
}

function keepDigits(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source && /^\d+$/.test(context.source) ? context.source : value;
}
