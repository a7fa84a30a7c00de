import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** A rule set is stored by the hash of its files, once, and cited by every decision made under it. */
export const ruleSets = pgTable('rule_sets', {
  hash: text('hash').primaryKey(),
  files: jsonb('files').$type<Record<string, string>>().notNull(),
  findings: jsonb('findings').$type<unknown>().notNull(),
  storedAt: instant('stored_at').notNull().default(sql`clock_timestamp()`),
});

/** What could not be processed, with its reason and its raw form, for a person to look at and redrive. */
export const deadLetters = pgTable(
  'dead_letters',
  {
    store: store(),
    id: uuid('id').notNull(),
    service: text('service').notNull(),
    kind: text('kind', { enum: ['delivery', 'event', 'answer', 'round', 'action', 'mail', 'message'] }).notNull(),
    ref: text('ref').notNull(),
    reason: text('reason').notNull(),
    detail: text('detail').notNull(),
    raw: jsonb('raw').$type<unknown>().notNull(),
    at: instant('at').notNull().default(sql`clock_timestamp()`),
    redrivenAt: instant('redriven_at'),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.id] }),
    index('dead_letters_ref').on(table.store, table.kind, table.ref),
  ],
);
