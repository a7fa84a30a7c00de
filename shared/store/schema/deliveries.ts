import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
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
    /** How it came: sent by the platform, or fetched by the executor because a webhook was thin, old or never came. */
    via: text('via', { enum: ['webhook', 'fetch', 'poll'] })
      .notNull()
      .default('webhook'),
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
    // What an operator looks for among millions: few, and scattered.
    index('deliveries_failed').on(table.id).where(sql`state = 'failed'`),
    index('deliveries_digest').on(table.endpoint, table.digest).where(sql`digest is not null`),
  ],
);

/**
 * A resource whose present state is to be read from the platform. The gateway asks (it has no credentials), the executor
 * reads, and what it reads comes in as a delivery like any other. One question a resource waits at a time.
 */
export const fetches = pgTable(
  'fetches',
  {
    id: uuid('id').primaryKey(),
    store: store(),
    /** What is read, in our words: `order`, `product`, `stock`, `customer`. */
    kind: text('kind').notNull(),
    /** The platform's own id. */
    ref: text('ref').notNull(),
    /** `thin`: the webhook says no more than that it changed. `older`: it says less than is known already. */
    cause: text('cause', { enum: ['thin', 'older'] }).notNull(),
    state: text('state', { enum: ['waiting', 'fetching', 'done', 'failed'] })
      .notNull()
      .default('waiting'),
    reason: text('reason'),
    attempts: integer('attempts').notNull().default(0),
    /** Not to be taken before: its turn, or its next try. */
    dueAt: instant('due_at').notNull().default(sql`clock_timestamp()`),
    askedAt: instant('asked_at').notNull().default(sql`clock_timestamp()`),
    endedAt: instant('ended_at'),
    /** The delivery that told what was read. */
    delivery: uuid('delivery'),
  },
  (table) => [
    uniqueIndex('fetches_waiting').on(table.store, table.kind, table.ref).where(sql`state = 'waiting'`),
    index('fetches_due').on(table.dueAt).where(sql`state in ('waiting', 'fetching')`),
  ],
);

/** How far a store has been gone through for what no webhook has told. */
export const polls = pgTable(
  'polls',
  {
    store: store(),
    kind: text('kind').notNull(),
    /** Everything that changed until here has been seen. */
    until: instant('until').notNull(),
    polledAt: instant('polled_at').notNull(),
    /** Resources that it found and no webhook had told of, ever. */
    found: integer('found').notNull().default(0),
    fault: text('fault'),
    /** What changed before is taken over as it stands, without what is over and done; what changed since counts in full. */
    beganAt: instant('began_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [primaryKey({ columns: [table.store, table.kind] })],
);

/**
 * The newest version of a resource that anybody has told of, by the resource's own clock (`product:8001`, its
 * `updated_at`). Webhooks come in any order: a body of an earlier version says nothing about the present.
 */
export const versions = pgTable(
  'versions',
  {
    store: store(),
    resource: text('resource').notNull(),
    version: instant('version').notNull(),
  },
  (table) => [primaryKey({ columns: [table.store, table.resource] })],
);
