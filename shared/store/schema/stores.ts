import { bigint, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytea, instant, store } from './columns.ts';

/** One shop. `head` is the last `seq` given out, `clock` the store clock; both move in the statement that numbers events. */
export const stores = pgTable('stores', {
  store: text('store').primaryKey(),
  platform: text('platform', { enum: ['sandbox', 'shopify', 'woocommerce'] }).notNull(),
  clockKind: text('clock_kind', { enum: ['live', 'replay'] }).notNull(),
  head: bigint('head', { mode: 'number' }).notNull().default(0),
  clock: instant('clock').notNull(),
  partition: integer('partition').notNull(),
  mode: text('mode', { enum: ['watch', 'live'] }).notNull(),
  currency: text('currency').notNull(),
  zone: text('zone').notNull(),
  /** The rule set that a rollback holds on to, whatever the folder says since. */
  rulesPinned: text('rules_pinned'),
});

/** Where a sender posts: the slug in the URL fixes platform, store and secrets; headers never do. Secrets are sealed. */
export const endpoints = pgTable('endpoints', {
  endpoint: text('endpoint').primaryKey(),
  store: store().references(() => stores.store),
  platform: text('platform', { enum: ['shopify', 'standard'] }).notNull(),
  secrets: jsonb('secrets').$type<string[]>().notNull(),
});

/** What the executor needs to write to the store; sealed under the master key. */
export const credentials = pgTable(
  'credentials',
  {
    store: store(),
    platform: text('platform').notNull(),
    sealed: bytea('sealed').notNull(),
    url: text('url').notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.platform] })],
);
