import { isDeepStrictEqual } from 'node:util';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Sql } from '#shared/store/connect.ts';

interface FactRow {
  readonly resource: string;
  readonly attribute: string;
  readonly value: unknown;
  readonly source: string;
}

/** Who else than the webhooks writes facts: what it writes depends on what was decided when, and is not compared. */
const FROM_WEBHOOKS = /^(?:shopify|woocommerce|stripe|easypost|standard|world)\b/;

const readFacts = (sql: Sql, store: string) => sql<FactRow[]>`
  select resource, attribute, value, source from facts where store = ${store} order by resource, attribute`;

/** So many of all there are, in the in-order run, are missing in the storm. */
export interface Gap {
  readonly missing: number;
  readonly of: number;
}

export interface Compared {
  /** Facts that either shop has, without those that are left out. */
  readonly facts: number;
  readonly differences: readonly string[];
  /** Prices that were asked again in between others, of which nobody could tell since when; they contradict nothing. */
  readonly prices: Gap;
}

/** In what the facts of two shops differ that were told the same, in whatever order. */
export async function compareFacts(sql: Sql, one: string, other: string): Promise<Compared> {
  const rows = [await readFacts(sql, one), await readFacts(sql, other)] as const;
  const keysOf = (store: string) => (row: FactRow) =>
    `${row.resource.replace(`store:${store}`, 'store')} ${row.attribute}`;
  const keys = [keysOf(one), keysOf(other)] as const;
  const foreign = new Set(
    rows.flatMap((ofShop, shop) => ofShop.filter(({ source }) => !FROM_WEBHOOKS.test(source)).map(keys[shop]!)),
  );
  const [mine, theirs] = rows.map(
    (ofShop, shop) =>
      new Map(
        ofShop
          .filter((row) => !foreign.has(keys[shop]!(row)) && !isNothing(row.attribute, row.value))
          .map((row) => [keys[shop]!(row), comparable(row.attribute, row.value)]),
      ),
  ) as [Map<string, unknown>, Map<string, unknown>];
  const all = new Set([...mine.keys(), ...theirs.keys()]);
  const differences: string[] = [];
  const prices = { missing: 0, of: 0 };
  for (const key of all) {
    const [a, b] = [mine.get(key), theirs.get(key)];
    const missing = key.endsWith(' price-history') ? pricesMissing(a, b) : undefined;
    if (missing !== undefined) {
      prices.missing += missing;
      prices.of += (a as number[]).length;
    } else if (!isDeepStrictEqual(a, b))
      differences.push(`${key}: in order ${JSON.stringify(a)}, in the storm ${JSON.stringify(b)}`);
  }
  return { facts: all.size, differences, prices };
}

/** How many prices the storm skipped; undefined where it has others, or ends with another. */
function pricesMissing(calm: unknown, storm: unknown): number | undefined {
  const [all, some] = [(calm ?? []) as number[], (storm ?? []) as number[]];
  let next = 0;
  for (const price of all) if (price === some[next]) next++;
  return next === some.length && all.at(-1) === some.at(-1) ? all.length - some.length : undefined;
}

/** A set of which the last member is gone, and a hold that is over, are the same as nothing that was ever said. */
function isNothing(attribute: string, value: unknown): boolean {
  if (attribute === 'held') return (value as { held: boolean }).held === false;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/**
 * Movements of stock are a set: their order in the row is that in which they came. Of the history of a price the prices
 * count, one after the other: that it is as before may be told by any of several bodies, each with a time of its own.
 */
function comparable(attribute: string, value: unknown): unknown {
  if (attribute === 'available') {
    const { movements, ...rest } = value as { movements: { at: string; by: number }[] };
    return { ...rest, movements: movements.toSorted((a, b) => (a.at < b.at ? -1 : 1)) };
  }
  if (attribute === 'price-history') {
    const prices = Object.entries(value as Record<string, { minor: number }>)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { minor }]) => minor);
    return prices.filter((price, index) => price !== prices[index - 1]);
  }
  return value;
}

interface GrantedRow {
  readonly action: string;
  readonly type: string;
  readonly cause: string;
  readonly causeType: string;
  readonly state: string;
  readonly reason: string | null;
  readonly decidedAt: number;
  readonly voidedAt: number;
  readonly undone: boolean;
  readonly listed: boolean;
  readonly released: boolean;
}

export interface Voids {
  /** Actions whose cause was voided, before they were decided or after. */
  readonly looked: number;
  readonly faults: readonly string[];
}

/**
 * Nothing is granted on a cause that was voided already; what was granted before is revoked, undone, or told to a person.
 * What is protective takes nothing from anybody and stands, and so does what answers the voiding itself.
 */
export async function judgeVoids(sql: Sql, store: string): Promise<Voids> {
  const rows = await sql<GrantedRow[]>`
    select a.action, a.type, a.cause, e.type as "causeType", a.state, a.reason, d.seq as "decidedAt", v.seq as "voidedAt",
      exists (select 1 from actions u where u.store = a.store and u.action like a.action || '.undo%') as undone,
      exists (select 1 from dead_letters l where l.store = a.store and l.ref = a.action) as listed,
      not exists (select 1 from claims c where c.store = a.store and c.action = a.action
        and (c.ended_as is null or c.ended_as not in ('undone', 'voided', 'displaced', 'amended', 'revoked', 'failed'))) as released
    from actions a join decisions d on d.store = a.store and d.intent = a.action
    join events e on e.store = a.store and e.id::text = split_part(a.action, '.', 1)
    join lateral (select min(seq) as seq from events v
      where v.store = a.store and v.subject = a.cause and v.type = 'order.cancelled') v on v.seq is not null
    where a.store = ${store} and a.agent <> 'coordinator' and e.type <> 'order.cancelled' and e.type <> 'order.refunded'
    order by d.seq`;
  const faults = rows.flatMap((row) => {
    const type = ACTION_TYPES.get(row.type)!;
    if (type.protective || !type.hold) return [];
    const { action, cause, causeType, voidedAt, decidedAt, state, undone, listed, released } = row;
    const what = `${action} ${row.type} because of ${causeType} ${cause}`;
    if (voidedAt < decidedAt) return [`${what} was granted at ${decidedAt}, after ${voidedAt} had voided it`];
    const settled = state === 'revoked' || state === 'failed' || undone || listed || released;
    return settled ? [] : [`${what} was granted at ${decidedAt}, voided at ${voidedAt}, and stands as ${state}`];
  });
  return { looked: rows.length, faults };
}

export interface Ends {
  readonly deliveries: Readonly<Record<string, number>>;
  readonly actions: Readonly<Record<string, number>>;
}

export async function readEnds(sql: Sql, store: string): Promise<Ends> {
  const deliveries = await sql<{ end: string; n: number }[]>`
    select concat_ws(' ', state, reason) as end, count(*)::int as n from deliveries where store = ${store} group by 1 order by 1`;
  const actions = await sql<{ end: string; n: number }[]>`
    select concat_ws(' ', type, state, reason) as end, count(*)::int as n from actions where store = ${store} group by 1 order by 1`;
  const asObject = (rows: readonly { end: string; n: number }[]) =>
    Object.fromEntries(rows.map(({ end, n }) => [end, n]));
  return { deliveries: asObject(deliveries), actions: asObject(actions) };
}

/** Deliveries that failed: in a storm of good webhooks there is no reason for one. */
export async function failedDeliveries(sql: Sql, store: string): Promise<string[]> {
  const rows = await sql<{ topic: string; reason: string; n: number; detail: string | null }[]>`
    select d.topic, d.reason, count(*)::int as n, max(l.detail) as detail from deliveries d
    left join dead_letters l on l.store = d.store and l.ref = d.id::text
    where d.store = ${store} and d.state = 'failed' group by 1, 2`;
  return rows.map(({ topic, reason, n, detail }) => `${n} × ${topic} failed: ${reason} ${detail ?? ''}`);
}
