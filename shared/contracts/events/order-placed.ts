import { z } from 'zod';
import type { Envelope } from '../envelope.ts';
import { change, currency, externalId, instant, label, minor } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineEvent, type FactChange } from './define.ts';
import { orderLine } from './order-line.ts';

const data = z.object({
  name: label,
  customer: externalId.optional(),
  currency,
  totalMinor: minor,
  lines: z.array(orderLine).max(2_000),
  country: label.optional(),
  channel: label.optional(),
  /** Line items that are not goods: postage, manual entries. They never count as sales. */
  otherMinor: change.optional(),
  shipping: z.object({ promisedAt: instant.optional(), priority: z.boolean().optional() }).optional(),
  test: z.boolean().optional(),
});

type Placed = Envelope<z.infer<typeof data>>;

export const orderPlaced = defineEvent({
  type: 'order.placed',
  about: 'An order was placed.',
  subject: 'order',
  data,
  facts: (event) => [
    { fold: 'level', resource: event.subject, attribute: 'placed', value: summary(event) },
    { fold: 'level', resource: event.subject, attribute: 'lines', value: event.data.lines },
    ...(event.data.test ? [] : sales(event)),
  ],
});

function summary(event: Placed) {
  const { name, customer, currency: code, totalMinor, lines, shipping, test } = event.data;
  const units = lines.reduce((sum, line) => sum + line.units, 0);
  return {
    at: event.time,
    name,
    customer,
    currency: code,
    totalMinor,
    units,
    lines: lines.length,
    promisedAt: shipping?.promisedAt,
    test,
  };
}

function sales(event: Placed): FactChange[] {
  const shop = resource('store', event.store);
  const changes: FactChange[] = [{ fold: 'count', resource: shop, attribute: 'orders', by: 1 }];
  for (const line of event.data.lines) {
    const item = resource('sku', line.sku);
    changes.push({ fold: 'daily', resource: item, attribute: 'sold', by: line.units });
    changes.push({ fold: 'count', resource: item, attribute: 'sold-total', by: line.units });
    changes.push({ fold: 'stock-movement', resource: item, attribute: 'available', by: -line.units });
  }
  if (event.data.customer) {
    const customer = resource('customer', event.data.customer);
    changes.push({ fold: 'count', resource: customer, attribute: 'orders', by: 1 });
    const { currency: key, totalMinor } = event.data;
    changes.push({ fold: 'tally', resource: customer, attribute: 'spent', key, by: { orders: 1, minor: totalMinor } });
    changes.push({
      fold: 'level',
      resource: customer,
      attribute: 'last-order',
      value: { at: event.time, order: event.subject },
    });
  }
  return changes;
}
