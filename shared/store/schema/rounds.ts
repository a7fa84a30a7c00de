import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** The manifest in force of each agent. */
export const agents = pgTable('agents', {
  agent: text('agent').primaryKey(),
  manifest: jsonb('manifest').$type<unknown>().notNull(),
  digest: text('digest').notNull(),
  paused: boolean('paused').notNull().default(false),
});

/** All answers to one event, judged together; rounds and events are one to one. */
export const rounds = pgTable(
  'rounds',
  {
    store: store(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    event: uuid('event').notNull(),
    expected: text('expected').array().notNull(),
    missing: text('missing').array().notNull(),
    answers: integer('answers').notNull().default(0),
    ruleSet: text('rule_set'),
    openedAt: instant('opened_at').notNull().default(sql`clock_timestamp()`),
    closedAs: text('closed_as', { enum: ['complete', 'settled'] }),
    closedAt: instant('closed_at'),
    /** How often judging it has thrown. */
    faults: integer('faults').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.seq] }),
    index('rounds_open').on(table.store, table.seq).where(sql`closed_as is null`),
  ],
);

/** What judging a round read, by reference: enough to judge it again and come to the same, byte for byte. */
export const roundInputs = pgTable(
  'round_inputs',
  {
    store: store(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    ruleSet: text('rule_set').notNull(),
    inputs: jsonb('inputs').$type<unknown>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.seq] })],
);

/** One agent's reply to one event. The first one committed counts. */
export const answers = pgTable(
  'answers',
  {
    event: uuid('event').notNull(),
    agent: text('agent').notNull(),
    part: integer('part').notNull(),
    store: store(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    body: jsonb('body').$type<unknown>().notNull(),
    digest: text('digest').notNull(),
    /** `judged` with its round, `late` or `more` by an event of its own, `malformed` (counts as a pass). */
    standing: text('standing', { enum: ['open', 'judged', 'late', 'more', 'malformed'] }).notNull(),
    receivedAt: instant('received_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [
    primaryKey({ columns: [table.event, table.agent, table.part] }),
    index('answers_round').on(table.store, table.seq),
  ],
);
