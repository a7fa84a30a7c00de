import { sql } from 'drizzle-orm';
import { bigint, boolean, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { store, tstzrange } from './columns.ts';

/**
 * The hold of a granted intent, an escalation or a person on (resource, aspect) for a time. A claim is in force while
 * `ended_as` is null and its range holds the round's `now`. Two exclusive ones never overlap: an exclusion constraint
 * (in the migration that follows the tables) is the last line.
 */
export const claims = pgTable(
  'claims',
  {
    store: store(),
    claim: text('claim').notNull(),
    resource: text('resource').notNull(),
    aspect: text('aspect').notNull(),
    during: tstzrange('during').notNull(),
    exclusive: boolean('exclusive').notNull(),
    amount: bigint('amount', { mode: 'number' }),
    /** An agent's name, `person`, `coordinator`, or `escalation`. */
    owner: text('owner').notNull(),
    /** What the hold is for: the action type and its value, as the projection of a later round needs it. */
    layer: jsonb('layer').$type<unknown>().notNull(),
    action: text('action'),
    endedAs: text('ended_as', {
      enum: ['window', 'failed', 'revoked', 'undone', 'dwell', 'displaced', 'amended', 'answered', 'voided'],
    }),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.claim] }),
    index('claims_in_force').on(table.store, table.resource, table.aspect).where(sql`ended_as is null`),
    index('claims_action').on(table.store, table.action),
    // What rules about calm and sameness look back at, in force or not.
    index('claims_begun').on(table.store, table.resource, sql`lower(${table.during})`),
    index('claims_same').using('gin', sql`(${table.layer} -> 'same')`).where(sql`layer ? 'same'`),
  ],
);
