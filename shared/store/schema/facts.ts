import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, instant, store } from './columns.ts';

const columns = {
  store: store(),
  resource: text('resource').notNull(),
  attribute: text('attribute').notNull(),
  value: jsonb('value').$type<unknown>().notNull(),
  /** The `seq` last folded in. */
  version: bigint('version', { mode: 'number' }).notNull(),
  time: instant('time').notNull(),
  source: text('source').notNull(),
  observedAt: instant('observed_at').notNull(),
  expiresAt: instant('expires_at'),
};

/** What is currently believed about a resource. */
export const facts = pgTable('facts', columns, (table) => [
  primaryKey({ columns: [table.store, table.resource, table.attribute] }),
  // Every resource of which an attribute is known. None of its columns ever changes, so that it costs an update nothing.
  index('facts_attribute').on(table.store, table.attribute, table.resource),
  index('facts_category').on(table.store, sql`(${table.value} #>> '{}')`).where(sql`attribute = 'category'`),
  // The platform's own ids to a SKU: its webhooks about stock and discounts name nothing else.
  index('facts_inventory_item')
    .on(table.store, sql`(${table.value} ->> 'inventoryItem')`)
    .where(sql`attribute = 'product'`),
  index('facts_variant').on(table.store, sql`(${table.value} ->> 'variant')`).where(sql`attribute = 'product'`),
  index('facts_product').on(table.store, sql`(${table.value} ->> 'product')`).where(sql`attribute = 'product'`),
]);

/** Every value that a fact has had, and every late level that never became one (`folded` false). */
export const factHistory = pgTable(
  'fact_history',
  { ...columns, folded: text('folded', { enum: ['yes', 'late'] }).notNull() },
  (table) => [primaryKey({ columns: [table.store, table.resource, table.attribute, table.version] })],
);

/** Personal data of one subject (`customer:<id>`), sealed under a key of its own, which the master key wraps. */
export const personal = pgTable(
  'personal',
  {
    store: store(),
    subject: text('subject').notNull(),
    key: bytea('key').notNull(),
    sealed: bytea('sealed').notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.subject] })],
);
