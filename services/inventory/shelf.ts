import type { FactView } from '#shared/contracts/facts.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { dayNumber, type Instant } from '#shared/kernel/time.ts';
import { type Demand, demandOf } from './demand.ts';

/** Standard normal quantile of a 95 % cycle service level. */
const SERVICE_Z = 1.65;
/** Demand between two orders that one order covers beyond the lead time. */
const REVIEW_DAYS = 14;
/** Less evidence than this is no reason to spend money. */
const DAYS_OBSERVED = 7;
const DAYS_SOLD = 5;

/** One SKU's shelf: what is there, how fast it goes, and how long it takes to get more. */
export interface Shelf {
  readonly key: ResourceKey;
  readonly sku: string;
  readonly units: number;
  readonly demand: Demand;
  readonly coverDays: number;
  readonly supplier: string;
  readonly leadTimeDays: number;
  readonly reorderPoint: number;
  /** Units that bring the shelf up to lead time, review period and safety stock, at least what the supplier takes an order for. */
  readonly orderUnits: number;
}

/** The shelf, or why nothing can be said about it. */
export function shelfOf(key: ResourceKey, facts: FactView, now: Instant): Shelf | string {
  const available = facts.get(key, 'available')?.value;
  if (!available || available.levelTime === '') return 'no stock level is known';
  if ((facts.get(key, 'lifecycle')?.value ?? 'active') !== 'active') return 'it is not on sale';
  const supplier = facts.get(key, 'supplier')?.value;
  const terms = supplier === undefined ? undefined : facts.get(resource('supplier', supplier), 'terms')?.value;
  if (supplier === undefined || !terms) return 'no supplier with terms is known';
  const demand = demandOf(facts.get(key, 'sold')?.value, dayNumber(now));
  if (demand.days < DAYS_OBSERVED || demand.daysSold < DAYS_SOLD) return 'too few days of sales to judge by';
  const leadTimeDays = terms.leadTimeDays + delayOf(key, supplier, facts);
  const { unitsPerDay: rate, sdPerDay: sd } = demand;
  // Safety stock when both demand and lead time vary: Z * sqrt(L * sd^2 + d^2 * sL^2).
  const safety =
    SERVICE_Z * Math.sqrt(leadTimeDays * sd * sd + rate * rate * terms.leadTimeSdDays * terms.leadTimeSdDays);
  const reorderPoint = Math.ceil(rate * leadTimeDays + safety);
  const upTo = Math.ceil(rate * (leadTimeDays + REVIEW_DAYS) + safety);
  return {
    key,
    sku: key.slice(key.indexOf(':') + 1),
    units: available.units,
    demand,
    coverDays: rate > 0 ? Math.max(0, available.units) / rate : Number.POSITIVE_INFINITY,
    supplier,
    leadTimeDays,
    reorderPoint,
    orderUnits: Math.max(upTo - available.units, terms.minimumOrderUnits, 1),
  };
}

function delayOf(key: ResourceKey, supplier: string, facts: FactView): number {
  const delay = facts.get(resource('supplier', supplier), 'delay')?.value;
  return delay?.skus.includes(key.slice(key.indexOf(':') + 1)) ? delay.days : 0;
}
