import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
} from 'drizzle-orm/pg-core';
import { instant, store } from './columns.ts';

/** The stand-in store keeps a schema of its own: nothing of Parley reads it, as nothing reads the inside of a real platform. */
export const sandbox = pgSchema('sandbox');

/** How far a store has got. `position` is the number of planned steps, from the first, that are acknowledged without a gap. */
export const sandboxStores = sandbox.table('stores', {
  store: text('store').primaryKey(),
  position: bigint('position', { mode: 'number' }).notNull().default(0),
  /** Live trading only: levels as of the acknowledged steps, and the number of the next root. */
  state: jsonb('state').$type<unknown>(),
  ended: boolean('ended').notNull().default(false),
});

/** One row a webhook whose end is known: the sender's side of the sum checks. */
export const sandboxSent = sandbox.table(
  'sent',
  {
    store: store(),
    id: text('id').notNull(),
    topic: text('topic').notNull(),
    status: integer('status').notNull(),
    /** Requests that may have arrived; more than one when an answer was lost. */
    attempts: integer('attempts').notNull(),
    echo: boolean('echo').notNull(),
    orderLines: integer('order_lines').notNull(),
    /** The planned step, or in live trading the root, to which it belongs; null for an echo. */
    position: bigint('position', { mode: 'number' }),
    sentAt: instant('sent_at').notNull(),
    ackedAt: instant('acked_at').notNull(),
    ackMs: doublePrecision('ack_ms').notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.id] }), index('sent_position').on(table.store, table.position)],
);

/** Webhooks that a write caused, queued in the transaction of the write and deleted when acknowledged. */
export const sandboxOutgoing = sandbox.table(
  'outgoing',
  {
    store: store(),
    n: bigint('n', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    id: text('id').notNull(),
    delivery: jsonb('delivery').$type<unknown>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.n] })],
);

/** What the store holds beyond its plan because somebody wrote it: prices, levels, holds, discounts, refunds, purchase orders. */
export const sandboxRecords = sandbox.table(
  'records',
  {
    store: store(),
    kind: text('kind').notNull(),
    id: text('id').notNull(),
    value: jsonb('value').$type<unknown>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.kind, table.id] })],
);

/** One row a write that had an effect, with the action that asked for it. */
export const sandboxEffects = sandbox.table(
  'effects',
  {
    store: store(),
    n: bigint('n', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    action: text('action'),
    operation: text('operation').notNull(),
    resource: text('resource').notNull(),
    at: instant('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.n] }), index('effects_action').on(table.store, table.action)],
);

/** Answers already given under an idempotency key, with a digest of the parameters. */
export const sandboxIdempotency = sandbox.table(
  'idempotency',
  {
    store: store(),
    key: text('key').notNull(),
    operation: text('operation').notNull(),
    digest: text('digest').notNull(),
    answer: jsonb('answer').$type<unknown>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.key] })],
);

/** Live trading: what was decided to happen, from which all its webhooks follow. */
export const sandboxRoots = sandbox.table(
  'roots',
  {
    store: store(),
    n: bigint('n', { mode: 'number' }).notNull(),
    at: instant('at').notNull(),
    root: jsonb('root').$type<unknown>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.n] })],
);
