import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** A rule set is stored by the hash of its files, once, and cited by every decision made under it. */
export const ruleSets = pgTable('rule_sets', {
  hash: text('hash').primaryKey(),
  files: jsonb('files').$type<Record<string, string>>().notNull(),
  findings: jsonb('findings').$type<unknown>().notNull(),
  storedAt: instant('stored_at').notNull().default(sql`clock_timestamp()`),
});

/** What the folder of a store says now, as the holder of its lease last saw it: a set that could be put in force, or why not. */
export const ruleCandidates = pgTable('rule_candidates', {
  store: text('store').primaryKey(),
  /** Null where a file cannot be read. */
  hash: text('hash'),
  faults: jsonb('faults').$type<unknown>().notNull(),
  seenAt: instant('seen_at').notNull().default(sql`clock_timestamp()`),
});

/** A time during which a set is tried beside the one in force; the running one has no end. */
export const shadowRuns = pgTable(
  'shadow_runs',
  {
    store: store(),
    /** The event that began it. */
    seq: bigint('seq', { mode: 'number' }).notNull(),
    ruleSet: text('rule_set').notNull(),
    startedAt: instant('started_at').notNull().default(sql`clock_timestamp()`),
    endedSeq: bigint('ended_seq', { mode: 'number' }),
    rounds: bigint('rounds', { mode: 'number' }).notNull().default(0),
    decisions: bigint('decisions', { mode: 'number' }).notNull().default(0),
    faults: bigint('faults', { mode: 'number' }).notNull().default(0),
    lastFault: text('last_fault'),
  },
  (table) => [primaryKey({ columns: [table.store, table.seq] })],
);

/** What a rule set that is only tried would have decided, beside what was decided. */
export const shadowDecisions = pgTable(
  'shadow_decisions',
  {
    store: store(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    intent: text('intent').notNull(),
    ruleSet: text('rule_set').notNull(),
    verdict: text('verdict').notNull(),
    rule: text('rule').notNull(),
    reasons: jsonb('reasons').$type<unknown>().notNull(),
    liveVerdict: text('live_verdict').notNull(),
    liveRule: text('live_rule').notNull(),
    /** What would be done, where it grants, and the money of that and of what was done. */
    params: jsonb('params').$type<unknown>(),
    impact: jsonb('impact').$type<unknown>().notNull(),
    liveImpact: jsonb('live_impact').$type<unknown>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.ruleSet, table.intent] }),
    index('shadow_decisions_round').on(table.store, table.ruleSet, table.seq),
  ],
);

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
