import { sql } from 'drizzle-orm';
import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/**
 * What others call an order: a carrier its parcel's tracking code, a payment provider its charge. Not in an event: a
 * tracking code leads to a buyer's town, and what is on the bus cannot be erased.
 */
export const orderReferences = pgTable(
  'order_references',
  {
    store: store(),
    kind: text('kind', { enum: ['parcel', 'payment'] }).notNull(),
    ref: text('ref').notNull(),
    /** The order. */
    subject: text('subject').notNull(),
    /** The fulfilment that the parcel is. */
    part: text('part'),
    /** It is forgotten some time after this. */
    namedAt: instant('named_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.kind, table.ref] }),
    index('order_references_named').on(table.kind, table.namedAt),
  ],
);
