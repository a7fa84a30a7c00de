import type { RecordRow } from '#shared/store/sandbox/writes.ts';

export interface Hold {
  readonly id: number;
  readonly part: number;
  readonly reason: string;
  readonly notes: string | null;
  readonly handle: string;
  readonly atMs: number;
}

/** What was written to one order from outside. */
export interface OrderWrites {
  readonly cancelled: {
    readonly atMs: number;
    readonly reason: string;
    readonly note: string | null;
    readonly restocked: boolean;
  } | null;
  readonly holds: readonly Hold[];
  /** Units by line index for each part; empty while the order was never split: then part 0 is the whole. */
  readonly parts: readonly Readonly<Record<string, number>>[];
  readonly refunds: readonly {
    readonly id: number;
    readonly minor: number;
    readonly note: string;
    readonly atMs: number;
    readonly lines: readonly { readonly index: number; readonly units: number; readonly restocked?: boolean }[];
  }[];
  readonly tags: readonly string[];
}

export interface Discount {
  readonly id: number;
  readonly title: string;
  readonly percentage: number;
  readonly productIds: readonly number[];
  readonly variantIds: readonly number[];
  readonly startsAt: string;
  readonly endsAt: string | null;
  readonly combinesWith: {
    readonly productDiscounts: boolean;
    readonly orderDiscounts: boolean;
    readonly shippingDiscounts: boolean;
  };
  readonly createdAtMs: number;
  /** Set for a discount that wants its code. Nobody in this shop enters codes: it changes no order. */
  readonly code?: string;
  /** Off everything, not off a list. */
  readonly all?: true;
  readonly usageLimit?: number;
  /** Whom it is for, where not for everybody. */
  readonly customerIds?: readonly number[];
}

export interface PurchaseOrder {
  readonly key: string;
  readonly supplier: string;
  readonly lines: readonly { readonly sku: string; readonly units: number }[];
  readonly placedAtMs: number;
  readonly arrivesAtMs: number;
  readonly cancelled: boolean;
}

export interface Credit {
  readonly customer: number;
  /** What was given, the oldest first. */
  readonly given: readonly { readonly id: number; readonly minor: number; readonly atMs: number }[];
}

export const NO_WRITES: OrderWrites = { cancelled: null, holds: [], parts: [], refunds: [], tags: [] };

/** Everything that was written to the store through its Admin API, in memory as in the table `sandbox.records`. */
export interface Records {
  readonly price: Map<string, number>;
  readonly compareAt: Map<string, number | null>;
  readonly status: Map<string, string>;
  /** Units that writes added to an item's level, on top of what the plan makes of it. */
  readonly level: Map<string, number>;
  readonly order: Map<string, OrderWrites>;
  readonly discount: Map<string, Discount>;
  readonly purchase: Map<string, PurchaseOrder>;
  readonly credit: Map<string, Credit>;
  readonly tags: Map<string, readonly string[]>;
}

export type RecordKind = keyof Records;

export function recordsOf(rows: readonly RecordRow[]): Records {
  const records: Records = {
    price: new Map(),
    compareAt: new Map(),
    status: new Map(),
    level: new Map(),
    order: new Map(),
    discount: new Map(),
    purchase: new Map(),
    credit: new Map(),
    tags: new Map(),
  };
  for (const row of rows) putRecord(records, row);
  return records;
}

export function putRecord(records: Records, row: RecordRow): void {
  (records[row.kind as RecordKind] as Map<string, unknown> | undefined)?.set(row.id, row.value);
}
