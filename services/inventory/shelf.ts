import type { FactView } from '#shared/contracts/facts.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { demandOf } from './demand.ts';

/** Quantile of the standard normal distribution for a service level of 95 %. */
const Z = 1.65;

/** Between two orders of one SKU: what is ordered lasts this long beyond the reorder point. */
const CYCLE_DAYS = 28;

/** Terms beyond this are a mistake of somebody, not a supplier. */
const LONGEST_LEAD_DAYS = 180;

/** One SKU as inventory sees it, with the figures of its reorder policy. */
export interface Shelf {
  readonly sku: string;
  readonly key: ResourceKey;
  readonly supplier: string;
  readonly supplierKey: ResourceKey;
  readonly available: number;
  readonly unitsPerDay: number;
  readonly coverDays: number;
  readonly leadTimeDays: number;
  readonly minimumUnits: number;
  readonly safetyUnits: number;
  readonly reorderPoint: number;
  readonly orderUpTo: number;
  /** Whose order is on its way, where one is. */
  readonly ordered: string | undefined;
  /** When what is on its way is expected. */
  readonly expectedAt: Instant | undefined;
}

/**
 * The shelf, or in words why there is no judging it. Reorder point = d L + Z sqrt(L sd^2 + d^2 sL^2), the demand over the
 * lead time and the safety stock for demand and lead time that both vary (Silver, Pyke and Thomas 2017, "Inventory
 * and Production Management in Supply Chains", chapter 6). Demand is skewed and the normal quantile under-covers:
 * 95 % is what the method promises, not what it keeps.
 */
export function shelfOf(sku: string, { facts, claims }: Briefing, now: Instant): Shelf | string {
  const key = resource('sku', sku);
  const lifecycle = facts.get(key, 'lifecycle')?.value;
  if (lifecycle !== undefined && lifecycle !== 'active') return `the SKU is ${lifecycle}`;
  const available = facts.get(key, 'available')?.value;
  if (!available || available.levelTime === '') return 'the store has never said how many there are';
  const supplier = facts.get(key, 'supplier')?.value;
  if (supplier === undefined) return 'the supplier is not known';
  const supplierKey = resource('supplier', supplier);
  const terms = facts.get(supplierKey, 'terms')?.value;
  if (!terms) return 'the terms of the supplier are not known';
  const demand = demandOf(facts.get(key, 'sold')?.value, facts.get(key, 'product')?.time, now);
  if (!demand) return 'too little has been sold to judge';
  const leadTimeDays = Math.max(1, terms.leadTimeDays + delayOf(sku, supplierKey, facts, now));
  if (leadTimeDays > LONGEST_LEAD_DAYS) return `a lead time of ${leadTimeDays} days cannot be planned with`;
  const { unitsPerDay: d, sd } = demand;
  const safetyUnits = Z * Math.sqrt(leadTimeDays * sd ** 2 + d ** 2 * terms.leadTimeSdDays ** 2);
  const reorderPoint = d * leadTimeDays + safetyUnits;
  const ordered = claims.find((claim) => claim.resource === key && claim.aspect === 'reorder')?.owner;
  return {
    sku,
    key,
    supplier,
    supplierKey,
    available: available.units,
    unitsPerDay: d,
    coverDays: Math.max(0, available.units) / d,
    leadTimeDays,
    minimumUnits: terms.minimumOrderUnits,
    safetyUnits,
    reorderPoint,
    orderUpTo: reorderPoint + d * CYCLE_DAYS,
    ordered,
    expectedAt: ordered === undefined ? undefined : facts.get(key, 'reorder-plan')?.value.expectedAt,
  };
}

/** Days that the supplier has said it will be late with this SKU, for as long as that delay itself lasts. */
function delayOf(sku: string, supplier: ResourceKey, facts: FactView, now: Instant): number {
  const delay = facts.get(supplier, 'delay');
  if (!delay?.value.skus.includes(sku)) return 0;
  return plus(delay.time, delay.value.days * DAY_MS) > now ? delay.value.days : 0;
}
