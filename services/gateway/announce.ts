import type { Bus } from '#shared/bus/bus.ts';
import { eventSubject } from '#shared/bus/subjects.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Logger } from '#shared/runtime/logger.ts';

/** The coordinator finds the event in Postgres within a second; the message only makes it quicker. */
export async function announce(deps: { readonly bus: Bus; readonly logger: Logger }, event: Envelope): Promise<void> {
  try {
    await deps.bus.publish(eventSubject(event.store, event.type), JSON.stringify(event), event.id);
  } catch (thrown) {
    deps.logger.warn({ err: thrown, event: event.id }, `${event.type} was written but not announced; it will be found`);
  }
}
