import { sql } from 'drizzle-orm';
import { bigint, boolean, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { SOURCES, STORE_PLATFORMS } from '#shared/contracts/sources.ts';
import { bytea, instant, store } from './columns.ts';

/** One shop. `head` is the last `seq` given out, `clock` the store clock; both move in the statement that numbers events. */
export const stores = pgTable('stores', {
  store: text('store').primaryKey(),
  platform: text('platform', { enum: STORE_PLATFORMS }).notNull(),
  clockKind: text('clock_kind', { enum: ['live', 'replay'] }).notNull(),
  head: bigint('head', { mode: 'number' }).notNull().default(0),
  clock: instant('clock').notNull(),
  partition: integer('partition').notNull(),
  /** `removed`: its history stays, no service works it any more. */
  mode: text('mode', { enum: ['watch', 'live', 'removed'] }).notNull(),
  currency: text('currency').notNull(),
  zone: text('zone').notNull(),
  /** The rule set that a rollback holds on to, whatever the folder says since. */
  rulesPinned: text('rules_pinned'),
  /** The platform's own id of the shop, by which another shop under the same name is told apart; null where none was kept. */
  shop: text('shop'),
  /** False where the shop was connected without webhooks, so that their absence is no fault. */
  webhooks: boolean('webhooks').notNull().default(true),
  /** Base of the addresses that the shop's webhooks were last registered at; null where none were. */
  publicUrl: text('public_url'),
  /** Topics that the shop did not take then though the credential allows them, so that their absence is no fault of its. */
  refusedTopics: jsonb('refused_topics').$type<string[]>().notNull().default([]),
});

/** Where a sender posts: the slug in the URL fixes platform, store and secrets; headers never do. Secrets are sealed. */
export const endpoints = pgTable('endpoints', {
  endpoint: text('endpoint').primaryKey(),
  store: store().references(() => stores.store),
  platform: text('platform', { enum: SOURCES }).notNull(),
  secrets: jsonb('secrets').$type<string[]>().notNull(),
  /** How a sender's own body becomes events, where it speaks neither a platform's shape nor ours: a mapping file, as its author wrote it. */
  mapping: text('mapping'),
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

/** What a watching store may carry out already: agent and action type, `*` for every one. */
export const openings = pgTable(
  'openings',
  {
    store: store(),
    agent: text('agent').notNull(),
    action: text('action').notNull(),
    openedAt: instant('opened_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [primaryKey({ columns: [table.store, table.agent, table.action] })],
);
