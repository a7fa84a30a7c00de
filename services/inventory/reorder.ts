import { citing } from '#shared/agent/propose.ts';
import type { Announcement, Intent } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import type { Shelf } from './shelf.ts';

/** After a plan that came to nothing the same SKU is left alone for this long: whoever refused it has been heard. */
const QUIET_MS = DAY_MS;

/** A supplier's minimum that would lie on the shelf for longer is not ordered. */
const LONGEST_COVER_DAYS = 180;

/** What a contract of an action takes in one order. */
const MOST_UNITS = 1_000_000;

export interface Reorder {
  readonly shelf: Shelf;
  readonly units: number;
  readonly intent: Intent;
  readonly announcement: Announcement;
}

/** The order that brings a shelf up to its level, or in words why there is none. */
export function reorderOf(shelf: Shelf, facts: FactView, now: Instant, urgent = false): Reorder | string {
  if (shelf.available > shelf.reorderPoint)
    return `${shelf.available} are more than the reorder point of ${Math.ceil(shelf.reorderPoint)}`;
  if (shelf.ordered !== undefined) return `${shelf.ordered} has an order under way`;
  const plan = facts.get(shelf.key, 'reorder-plan');
  if (!urgent && plan && plus(plan.time, QUIET_MS) > now) return 'the last plan was made within a day';
  const units = Math.max(Math.ceil(shelf.orderUpTo - shelf.available), shelf.minimumUnits, 1);
  if (units > MOST_UNITS) return `${units} units are beyond any order of ours`;
  const coverAfter = (Math.max(0, shelf.available) + units) / shelf.unitsPerDay;
  if (units === shelf.minimumUnits && coverAfter > LONGEST_COVER_DAYS)
    return `the supplier's minimum of ${units} would last ${Math.round(coverAfter)} days`;
  const expectedAt = plus(now, Math.ceil(shelf.leadTimeDays) * DAY_MS);
  const { sku, supplier } = shelf;
  return {
    shelf,
    units,
    intent: {
      action: 'reorder.place',
      objective: 'availability',
      params: { sku, supplier, units, expectedAt },
      reason: reasonOf(shelf, units),
      cites: [
        ...citing(facts, shelf.key, 'available', 'sold', 'supplier'),
        ...citing(facts, shelf.supplierKey, 'terms'),
      ],
    },
    announcement: { type: 'reorder.planned', subject: shelf.key, data: { units, supplier, expectedAt } },
  };
}

function reasonOf(shelf: Shelf, units: number): string {
  const rate = shelf.unitsPerDay.toFixed(1);
  const forMinimum = units === shelf.minimumUnits ? `, the supplier's minimum` : '';
  return `${shelf.available} left at ${rate} a day; reorder point ${Math.ceil(shelf.reorderPoint)} for ${shelf.leadTimeDays} days of lead time, ${Math.ceil(shelf.safetyUnits)} of it safety. ${units} bring it up to ${Math.ceil(shelf.orderUpTo)}${forMinimum}.`;
}

/** Takes our own open order back when a cancellation has left the shelf full without it. */
export function takeBack(shelf: Shelf, facts: FactView): Intent | string {
  if (shelf.ordered !== 'inventory') return 'nothing of ours is on order';
  if (shelf.available <= shelf.orderUpTo) return 'what is on order is still wanted';
  const { sku, supplier } = shelf;
  return {
    action: 'reorder.cancel',
    objective: 'clearance',
    params: { sku, supplier },
    reason: `${shelf.available} are there without what is on order; ${Math.ceil(shelf.orderUpTo)} are enough.`,
    cites: citing(facts, shelf.key, 'available', 'sold'),
  };
}
