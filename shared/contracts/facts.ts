import type { Instant } from '#shared/kernel/time.ts';
import type { ResourceKey } from './resource.ts';

/** A fact as it is read: what is believed, since which `seq`, seen when. */
export interface Fact<Value = unknown> {
  readonly resource: ResourceKey;
  readonly attribute: string;
  readonly value: Value;
  readonly version: number;
  readonly time: Instant;
}

export interface Price {
  readonly minor: number;
  readonly currency: string;
}

/** `available`: the last level that the store said, and what was sold or came back after its time, in movements by minute. */
export interface Available {
  readonly units: number;
  readonly level: number;
  readonly levelTime: Instant;
  readonly movements: readonly { readonly at: Instant; readonly by: number }[];
}

/** Daily counts: `counts[i]` belongs to day `firstDay + i` (days since 1970-01-01, UTC); at most 56 days are kept. */
export interface Daily {
  readonly firstDay: number;
  readonly counts: readonly number[];
}

/** Values of the attributes that agents and rules read, by attribute. The events' contracts write them. */
export interface FactValues {
  readonly title: string;
  readonly category: string;
  readonly product: { readonly product: string; readonly variant: string; readonly inventoryItem?: string };
  readonly price: Price;
  readonly cost: Price;
  /** List prices by the time from which each was asked; at most the last hundred. */
  readonly 'price-history': Readonly<Record<Instant, { readonly minor: number }>>;
  /** Below this price the supplier forbids to advertise. */
  readonly map: Price;
  /** What marketplaces show. */
  readonly 'feed-price': Price;
  readonly lifecycle: 'active' | 'draft' | 'archived';
  readonly stock: number;
  readonly available: Available;
  readonly sold: Daily;
  readonly views: Daily;
  readonly contacted: Daily;
  readonly supplier: string;
  readonly 'stock-out': {
    readonly available: number;
    readonly unitsPerDay: number;
    readonly coverDays: number;
    readonly leadTimeDays: number;
  };
  readonly 'reorder-plan': { readonly units: number; readonly supplier: string; readonly expectedAt: Instant };
  readonly terms: {
    readonly leadTimeDays: number;
    readonly leadTimeSdDays: number;
    readonly minimumOrderUnits: number;
  };
  readonly delay: { readonly days: number; readonly skus: readonly string[] };
  /** Until when a supplier's delay keeps goods from coming. */
  readonly 'supply-delay': { readonly until: Instant };
  /** The SKUs that a bundle is made of. */
  readonly contents: readonly string[];
  readonly 'competitor-prices': Readonly<
    Record<string, { readonly minor: number; readonly currency: string; readonly at: Instant }>
  >;
  readonly promotions: Readonly<
    Record<
      string,
      {
        readonly title: string;
        readonly discountBasisPoints: number;
        readonly startsAt: Instant;
        readonly endsAt?: Instant;
      }
    >
  >;
  readonly 'restock-subscribers': Readonly<Record<string, { readonly at: Instant }>>;
  readonly placed: {
    readonly at: Instant;
    readonly name: string;
    readonly customer?: string;
    readonly currency: string;
    readonly totalMinor: number;
    readonly units: number;
    readonly lines: number;
    readonly promisedAt?: Instant;
    readonly test?: boolean;
  };
  readonly lines: readonly { readonly sku: string; readonly units: number; readonly unitMinor: number }[];
  readonly paid: { readonly at: Instant; readonly minor: number };
  readonly cancelled: { readonly at: Instant; readonly reason: string };
  readonly fulfilled: { readonly at: Instant; readonly carrier: string; readonly complete: boolean };
  readonly shipment: {
    readonly status: 'in-transit' | 'delayed' | 'delivered';
    readonly carrier: string;
    readonly estimatedAt?: Instant;
    readonly promisedAt?: Instant;
    readonly at?: Instant;
  };
  readonly risk: { readonly level: 'low' | 'medium' | 'high'; readonly signals: readonly string[] };
  readonly dispute: { readonly state: 'open' | 'won' | 'lost'; readonly minor: number };
  readonly held: { readonly handle: string; readonly held: boolean; readonly reason?: string };
  /** Every hold on the order, by its handle. */
  readonly holds: Readonly<Record<string, { readonly at: Instant; readonly reason?: string }>>;
  /** The label with which the parcel will leave has been bought. */
  readonly label: { readonly at: Instant; readonly carrier: string };
  /** The customer says that the goods came damaged. */
  readonly damaged: { readonly at: Instant };
  readonly refunded: number;
  readonly tags: readonly string[];
  readonly orders: number;
  /** What a customer's orders were worth, by their currency: a shop may take several, and sums of two are none. */
  readonly spent: Readonly<Record<string, { readonly orders: number; readonly minor: number }>>;
  readonly 'last-order': { readonly at: Instant; readonly order: ResourceKey };
  /** What banks were asked about the charges of a customer, or of an order, by dispute; open unless it says otherwise. */
  readonly disputes: Readonly<Record<string, { readonly at: Instant; readonly state?: 'open' | 'won' | 'lost' }>>;
  /** Parcels of a customer that are late, by order. */
  readonly late: Readonly<Record<string, { readonly estimatedAt: Instant }>>;
  /** Coupons that a customer was given, by action. */
  readonly coupons: Readonly<Record<string, { readonly at: Instant }>>;
  readonly consent: { readonly email: boolean };
  /** What pricing last planned for a SKU, and the list price that people had set before. */
  readonly 'price-plan': {
    readonly method: 'competitor' | 'cost' | 'scarcity' | 'restore' | 'markdown';
    readonly fromMinor: number;
    readonly toMinor: number;
    readonly lowMinor: number;
    readonly highMinor: number;
    readonly referenceMinor: number;
  };
  /** What marketing last planned for a campaign. */
  readonly plan: {
    readonly skus: readonly string[];
    readonly discountBasisPoints: number;
    readonly startsAt: Instant;
    readonly endsAt: Instant;
  };
  /** What the customer of an order was last told, by topic. */
  readonly told: Readonly<
    Partial<
      Record<
        'delay' | 'cancellation' | 'answer' | 'goodwill' | 'dispute',
        { readonly at: Instant; readonly about: string }
      >
    >
  >;
  readonly complaint: { readonly open: boolean; readonly at: Instant; readonly message: ResourceKey };
}

export type Attribute = keyof FactValues;

/** Which aspect of a resource an attribute shows, for people's claims and for echoes. */
export const ASPECT_OF_ATTRIBUTE: Readonly<Record<string, string>> = {
  price: 'price',
  lifecycle: 'lifecycle',
  promotions: 'promotion',
  stock: 'stock',
};

/** How old something still counts as daily history. */
export const DAILY_KEPT = 56;

/** Facts by resource and attribute, as a decision receives them. */
export interface FactView {
  get<Name extends Attribute>(resource: ResourceKey, attribute: Name): Fact<FactValues[Name]> | undefined;
}

/** A view over a list of facts. */
export function factView(facts: Iterable<Fact>): FactView {
  const byResource = new Map<ResourceKey, Map<string, Fact>>();
  for (const fact of facts) {
    const known = byResource.get(fact.resource);
    if (known) known.set(fact.attribute, fact);
    else byResource.set(fact.resource, new Map([[fact.attribute, fact]]));
  }
  return { get: (resource, attribute) => byResource.get(resource)?.get(attribute) as never };
}
