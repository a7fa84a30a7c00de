import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** A question to a human. Its row is the only arbiter: one transaction takes it from `open` to `answered`. */
export const escalations = pgTable(
  'escalations',
  {
    store: store(),
    escalation: text('escalation').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    key: text('key').notNull(),
    instance: text('instance').notNull(),
    rule: text('rule').notNull(),
    /** What collides, in words and figures, and each agent's reason. */
    question: jsonb('question').$type<unknown>().notNull(),
    options: jsonb('options').$type<unknown>().notNull(),
    /** The members' intents, whole, so that a ruling can be judged on the facts of then. */
    members: jsonb('members').$type<unknown>().notNull(),
    digest: text('digest').notNull(),
    stake: jsonb('stake').$type<unknown>().notNull(),
    defaultOption: text('default_option').notNull(),
    deadline: instant('deadline').notNull(),
    tier: text('tier').notNull(),
    state: text('state', { enum: ['open', 'answered', 'ruled', 'replaced', 'superseded', 'voided'] })
      .notNull()
      .default('open'),
    replaces: text('replaces'),
    openedAt: instant('opened_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.escalation] }),
    index('escalations_open').on(table.store).where(sql`state in ('open', 'answered')`),
    index('escalations_instance').on(table.store, table.instance),
  ],
);

export const rulings = pgTable(
  'rulings',
  {
    store: store(),
    escalation: text('escalation').notNull(),
    /** A person's address in the rule files' `people`, or `default`, `superseded`, `voided`. */
    by: text('by').notNull(),
    option: text('option').notNull(),
    note: text('note'),
    key: text('key').notNull(),
    instance: text('instance').notNull(),
    rememberUntil: instant('remember_until'),
    /** What kind of conflict it decided and which way: what makes two cases alike. Null where nobody chose. */
    features: jsonb('features').$type<unknown>(),
    now: instant('now').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.escalation] }),
    index('rulings_key').on(table.store, table.key),
    index('rulings_instance').on(table.store, table.instance),
  ],
);

/** Mail to be sent: the row comes first, the executor sends it and keeps only the hash of the token that it put in. */
export const mails = pgTable(
  'mails',
  {
    store: store(),
    mail: text('mail').notNull(),
    recipient: text('recipient').notNull(),
    kind: text('kind', { enum: ['escalation', 'reminder', 'notice'] }).notNull(),
    escalation: text('escalation'),
    action: text('action'),
    messageId: text('message_id').notNull(),
    tokenHash: text('token_hash'),
    digest: text('digest').notNull(),
    state: text('state', { enum: ['pending', 'sending', 'sent', 'failed', 'unknown'] })
      .notNull()
      .default('pending'),
    attempts: integer('attempts').notNull().default(0),
    dueAt: instant('due_at').notNull().default(sql`clock_timestamp()`),
    sentAt: instant('sent_at'),
  },
  (table) => [
    primaryKey({ columns: [table.store, table.mail] }),
    index('mails_due').on(table.dueAt).where(sql`state in ('pending', 'sending')`),
    index('mails_token').on(table.tokenHash),
  ],
);

/**
 * A business timer: when it is due on the store clock, and what event it becomes. It is deleted when it fires. What runs on
 * the wall clock (leases, retries, mails) is a time in the row that it belongs to.
 */
export const timers = pgTable(
  'timers',
  {
    store: store(),
    timer: text('timer').notNull(),
    due: instant('due').notNull(),
    kind: text('kind', { enum: ['intent.due', 'escalation.due', 'schedule.due'] }).notNull(),
    recurs: text('recurs'),
    ref: jsonb('ref').$type<unknown>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.timer] }), index('timers_due').on(table.store, table.due)],
);
