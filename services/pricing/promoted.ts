import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';

/** Whether a promotion runs on the SKU or is announced. */
export function isPromoted(key: ResourceKey, facts: FactView, now: Instant): boolean {
  const promotions = Object.values(facts.get(key, 'promotions')?.value ?? {});
  return promotions.some((promotion) => promotion.endsAt === undefined || promotion.endsAt > now);
}
