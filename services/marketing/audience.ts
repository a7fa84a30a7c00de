import type { StandingClaim } from '#shared/agent/propose.ts';
import { totalOver } from '#shared/contracts/demand.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, dayNumber, HOUR_MS, type Instant, plus } from '#shared/kernel/time.ts';

/** No marketing within this time of a purchase: the norm of cart-recovery tools. */
const AFTER_PURCHASE_MS = 72 * HOUR_MS;
/** A complaint has no end of its own; after this long it no longer keeps mail back. */
const COMPLAINT_MS = 30 * DAY_MS;
/** At most so many contacts in 30 days, ours of every kind counted. */
const CONTACTS_IN_30_DAYS = 6;

/** Why a customer must not get marketing now, or undefined where nothing stands against it. Consent is never assumed. */
export function suppressed(
  customer: ResourceKey,
  facts: FactView,
  claims: readonly StandingClaim[],
  now: Instant,
): string | undefined {
  if (facts.get(customer, 'consent')?.value.email !== true) return 'no consent';
  const lastOrder = facts.get(customer, 'last-order')?.value.at;
  if (lastOrder && lastOrder > plus(now, -AFTER_PURCHASE_MS)) return 'bought within 72 hours';
  const complaint = facts.get(customer, 'complaint')?.value;
  if (complaint?.open && complaint.at > plus(now, -COMPLAINT_MS)) return 'an open complaint';
  const contacted = facts.get(customer, 'contacted')?.value;
  const today = dayNumber(now);
  if (totalOver(contacted, today, 1) > 0) return 'written to today';
  if (totalOver(contacted, today, 30) >= CONTACTS_IN_30_DAYS) return 'written to often enough';
  if (claims.some((claim) => claim.resource === customer && claim.aspect === 'contact')) return 'a mail is on its way';
  return undefined;
}

/** Those who may be written to, the most recent buyers first, at most `limit`. */
export function audience(
  customers: readonly ResourceKey[],
  facts: FactView,
  claims: readonly StandingClaim[],
  now: Instant,
  limit: number,
): ResourceKey[] {
  const lastOrder = (customer: ResourceKey) => facts.get(customer, 'last-order')?.value.at ?? '';
  return customers
    .filter((customer) => suppressed(customer, facts, claims, now) === undefined)
    .sort((a, b) => (lastOrder(a) > lastOrder(b) ? -1 : lastOrder(a) < lastOrder(b) ? 1 : a < b ? -1 : 1))
    .slice(0, limit);
}
