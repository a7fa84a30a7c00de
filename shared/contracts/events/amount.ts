import { z } from 'zod';
import type { Envelope } from '../envelope.ts';
import { currency, minor } from '../fields.ts';
import type { FactChange } from './define.ts';

/** What every event says that gives a SKU another amount of money: a price, a cost, a floor. */
export const amount = z.object({ minor, currency });

/** The amount becomes the level of one attribute of the event's subject. */
export function amountLevel(attribute: string, event: Envelope<z.infer<typeof amount>>): FactChange {
  return {
    fold: 'level',
    resource: event.subject,
    attribute,
    value: { minor: event.data.minor, currency: event.data.currency },
  };
}
