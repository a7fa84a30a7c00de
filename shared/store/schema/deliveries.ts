import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant, store } from './columns.ts';

/** One webhook as received. `key` is the platform's dedupe key within its endpoint; a repetition only counts `copies`. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: uuid('id').primaryKey(),
    store: store(),
    endpoint: text('endpoint').notNull(),
    key: text('key').notNull(),
    topic: text('topic').notNull(),
    headers: jsonb('headers').$type<Record<string, string>>().notNull(),
    body: bytea('body').notNull(),
    state: text('state', { enum: ['received', 'mapped', 'ignored', 'failed', 'duplicate'] })
      .notNull()
      .default('received'),
    reason: text('reason'),
    echo: text('echo'),
    /** What a signature over the body alone proves (its MAC): the same body under other ids has the same. Null where the signature covers id and time. */
    digest: bytea('digest'),
    copies: integer('copies').notNull().default(0),
    receivedAt: instant('received_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [
    unique('deliveries_key').on(table.endpoint, table.key),
    index('deliveries_received').on(table.id).where(sql`state = 'received'`),
    index('deliveries_digest').on(table.endpoint, table.digest).where(sql`digest is not null`),
  ],
);
