import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Transaction } from '../connect.ts';

export interface LastEvent {
  readonly subject: ResourceKey;
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The newest event of each (subject, type); read from the events themselves, since facts follow later. */
export async function readLastEvents(
  tx: Transaction,
  store: string,
  wanted: readonly { readonly subject: ResourceKey; readonly type: string }[],
): Promise<LastEvent[]> {
  if (wanted.length === 0) return [];
  return await tx<LastEvent[]>`
    select k.subject, k.type, e.time, e.data
    from unnest(${wanted.map((key) => key.subject)}::text[], ${wanted.map((key) => key.type)}::text[]) as k(subject, type)
    cross join lateral (
      select time, data from events
      where store = ${store} and subject = k.subject and type = k.type order by seq desc limit 1) e`;
}

/** What is known of an order from its events, as later webhooks about it need it. */
export interface OrderStep {
  readonly subject: ResourceKey;
  readonly type: 'order.placed' | 'order.cancelled' | 'order.refunded' | 'order.fulfilled';
  readonly time: string;
  readonly customer?: string | null;
  readonly promisedAt?: string | null;
  readonly test?: boolean | null;
  /** Units of goods placed or sent. */
  readonly units?: number | null;
  readonly refund?: string | null;
  readonly fulfilment?: string | null;
  readonly carrier?: string | null;
}

export async function readOrderSteps(
  tx: Transaction,
  store: string,
  orders: readonly ResourceKey[],
): Promise<OrderStep[]> {
  if (orders.length === 0) return [];
  return await tx<OrderStep[]>`
    select subject, type, time, data ->> 'customer' as customer,
      coalesce(data ->> 'promisedAt', data -> 'shipping' ->> 'promisedAt') as "promisedAt",
      (data ->> 'test')::boolean as test,
      case type when 'order.placed' then (select sum((l ->> 'units')::int) from jsonb_array_elements(data -> 'lines') l)
        else (data ->> 'units')::int end as units,
      data ->> 'refund' as refund, data ->> 'fulfilment' as fulfilment, data ->> 'carrier' as carrier
    from events
    where store = ${store} and subject = any(${orders as string[]})
      and type in ('order.placed', 'order.cancelled', 'order.refunded', 'order.fulfilled')
    order by seq`;
}

/** A platform's own id, and the SKU that it stands for. */
export interface PlatformId {
  readonly kind: 'inventoryItem' | 'variant' | 'product';
  readonly id: string;
}

/**
 * SKUs by the platform's ids: from facts, and from events that context has not folded in yet. A product may stand for several
 * SKUs. Row-level policies keep an expression out of the index's condition, so that each kind that is asked for reads all
 * products of the store: kinds that nobody asks for are left out.
 */
export async function findSkus(
  tx: Transaction,
  store: string,
  wanted: readonly PlatformId[],
): Promise<(PlatformId & { sku: string })[]> {
  const byKind = Map.groupBy(wanted, (one) => one.kind);
  const found = await Promise.all([...byKind].map(([kind, ofKind]) => findByKind(tx, store, kind, ofKind)));
  return found.flat();
}

async function findByKind(
  tx: Transaction,
  store: string,
  kind: PlatformId['kind'],
  wanted: readonly PlatformId[],
): Promise<(PlatformId & { sku: string })[]> {
  const ids = [...new Set(wanted.map((one) => one.id))];
  const rows = await tx<{ resource: string; id: string }[]>`
    select resource, value ->> ${kind} as id from facts
    where store = ${store} and attribute = 'product' and value ->> ${kind} = any(${ids})
    union all
    select subject, data ->> ${kind} from events
    where store = ${store} and type = 'product.changed' and data ->> ${kind} = any(${ids})
      and seq > coalesce((select seq from positions where store = ${store} and service = 'context'), 0)`;
  return rows.map(({ resource, id }) => ({ kind, id, sku: resource.slice('sku:'.length) }));
}

/** The newest event about each of these promotions, for each SKU that it has ever covered. */
export async function readPromotions(
  tx: Transaction,
  store: string,
  promotions: readonly string[],
): Promise<LastEvent[]> {
  if (promotions.length === 0) return [];
  return await tx<LastEvent[]>`
    select distinct on (data ->> 'promotion', subject) subject, type, time, data from events
    where store = ${store} and type = 'promotion.changed' and data ->> 'promotion' = any(${promotions as string[]})
    order by data ->> 'promotion', subject, seq desc`;
}
