import type { Envelope } from '#shared/contracts/envelope.ts';
import type { BusMessage } from './bus.ts';

/**
 * The event that a doorbell brings along; undefined where the message is not one. Nothing is lost by that: the row is in
 * Postgres, and whoever takes events in order looks there.
 */
export function readEvent(message: BusMessage): Envelope | undefined {
  try {
    const event = JSON.parse(message.text()) as Envelope;
    return typeof event?.store === 'string' && Number.isSafeInteger(event.seq) ? event : undefined;
  } catch {
    return undefined;
  }
}
