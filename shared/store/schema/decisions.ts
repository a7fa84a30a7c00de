import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** The one recorded verdict of an intent, with the rule that decided it and the reasons. */
export const decisions = pgTable(
  'decisions',
  {
    store: store(),
    intent: text('intent').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    agent: text('agent').notNull(),
    actionType: text('action_type').notNull(),
    resource: text('resource').notNull(),
    params: jsonb('params').$type<unknown>().notNull(),
    verdict: text('verdict', { enum: ['granted', 'adjusted', 'merged', 'deferred', 'denied', 'escalated'] }).notNull(),
    rule: text('rule').notNull(),
    reasons: jsonb('reasons').$type<unknown>().notNull(),
    inputs: jsonb('inputs').$type<unknown>().notNull(),
    replaces: text('replaces'),
    action: text('action'),
    wakesOn: text('wakes_on'),
    now: instant('now').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.intent] }),
    index('decisions_round').on(table.store, table.seq),
    index('decisions_replaces').on(table.store, table.replaces),
  ],
);

export const conflicts = pgTable(
  'conflicts',
  {
    store: store(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    n: integer('n').notNull(),
    class: text('class', { enum: ['direct', 'indirect', 'implicit', 'redundant', 'sequence', 'stale'] }).notNull(),
    key: text('key').notNull(),
    instance: text('instance').notNull(),
    stake: jsonb('stake').$type<unknown>().notNull(),
    members: jsonb('members').$type<unknown>().notNull(),
    now: instant('now').notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.seq, table.n] })],
);

/** What was counted against a cumulative limit, struck when it turned out not to have happened. */
export const limitEntries = pgTable(
  'limit_entries',
  {
    store: store(),
    rule: text('rule').notNull(),
    scope: text('scope').notNull(),
    intent: text('intent').notNull(),
    measure: text('measure').notNull(),
    amount: bigint('amount', { mode: 'number' }).notNull(),
    now: instant('now').notNull(),
    struck: boolean('struck').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.rule, table.scope, table.intent, table.measure] }),
    index('limit_entries_window').on(table.store, table.rule, table.scope, table.now),
  ],
);
