import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** What the executor does for a granted intent. One statement takes it from `pending` to `calling`; revoking races with that. */
export const actions = pgTable(
  'actions',
  {
    store: store(),
    action: text('action').notNull(),
    type: text('type').notNull(),
    agent: text('agent').notNull(),
    params: jsonb('params').$type<unknown>().notNull(),
    /** The leaves that it covers: the store is given this list, never the group. */
    leaves: text('leaves').array().notNull(),
    /** What it will write: `[{resource, attribute, value}]`; an echo shows one of these. */
    writes: jsonb('writes').$type<unknown>().notNull(),
    inverse: jsonb('inverse').$type<unknown>(),
    /** The event that caused it, as `subject` and `id`, for voiding. */
    cause: text('cause').notNull(),
    notBefore: instant('not_before').notNull(),
    notAfter: instant('not_after'),
    state: text('state', { enum: ['pending', 'calling', 'done', 'failed', 'unknown', 'revoked'] })
      .notNull()
      .default('pending'),
    reason: text('reason'),
    owner: text('owner'),
    callBy: instant('call_by'),
    attempts: integer('attempts').notNull().default(0),
    nextLookAt: instant('next_look_at'),
    outcome: jsonb('outcome').$type<unknown>(),
    endedAt: instant('ended_at'),
    /** When the event of its revocation was written: the coordinator revokes, the executor says so. */
    announcedAt: instant('announced_at'),
    correlation: text('correlation').notNull(),
    depth: integer('depth').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.action] }),
    index('actions_due').on(table.notBefore).where(sql`state = 'pending'`),
    index('actions_calling').on(table.store).where(sql`state = 'calling'`),
    index('actions_unknown').on(table.nextLookAt).where(sql`state = 'unknown'`),
    index('actions_unannounced').on(table.store).where(sql`state = 'revoked' and announced_at is null`),
    index('actions_ended').on(table.store, table.endedAt),
    index('actions_cause').on(table.store, table.cause),
  ],
);
