import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** What happened, in the store's order. Immutable: no role may update or delete. */
export const events = pgTable(
  'events',
  {
    store: store(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    id: uuid('id').notNull(),
    type: text('type').notNull(),
    subject: text('subject').notNull(),
    time: instant('time').notNull(),
    now: instant('now').notNull(),
    source: text('source').notNull(),
    cause: text('cause'),
    correlation: uuid('correlation').notNull(),
    depth: integer('depth').notNull(),
    /** The delivery that it was mapped from, where there is one. */
    delivery: uuid('delivery'),
    /** Whom it is addressed to, where only one agent is expected to answer; `nobody` for echoes and second parts. */
    addressee: text('addressee'),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    traceparent: text('traceparent'),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.seq] }),
    unique('events_id').on(table.id),
    // The newest of a kind about a subject, and all of some kinds about it: both without walking over the other kinds.
    index('events_subject').on(table.store, table.subject, table.type, table.seq),
    // What a delivery has told.
    index('events_delivery').on(table.delivery).where(sql`delivery is not null`),
    // What happened to rules, few among all events: the page's status and a restart look for it.
    index('events_rules')
      .on(table.store, table.seq)
      .where(sql`type in ('rules.activated', 'rules.refused', 'rules.requested', 'rules.shadowed')`),
    // A discount's webhook names the discount; what it covered so far is in the events about it.
    index('events_promotion')
      .on(table.store, sql`(${table.data} ->> 'promotion')`)
      .where(sql`type = 'promotion.changed'`),
  ],
);
