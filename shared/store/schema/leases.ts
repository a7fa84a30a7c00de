import { bigint, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** How far a service has taken a store's events: everything up to `seq` is committed in its own tables. */
export const positions = pgTable(
  'positions',
  { store: store(), service: text('service').notNull(), seq: bigint('seq', { mode: 'number' }).notNull() },
  (table) => [primaryKey({ columns: [table.store, table.service] })],
);

/** The timed right of one instance to be the only writer of a partition; `epoch` fences a stale holder. */
export const leases = pgTable(
  'leases',
  {
    service: text('service').notNull(),
    partition: integer('partition').notNull(),
    holder: text('holder').notNull(),
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    until: instant('until').notNull(),
  },
  (table) => [primaryKey({ columns: [table.service, table.partition] })],
);
