import { citing, type StandingClaim } from '#shared/agent/propose.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { afterDiscount, marginBasisPoints } from '#shared/kernel/money.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { DAY_MS, type Instant, toMs } from '#shared/kernel/time.ts';
import { shelfOf, unitsUnderDiscount } from './stock.ts';

/** Less than this is no news to a customer. */
const SMALLEST_DISCOUNT = 500;
const STEP = 100;
/** What must be left of the price above the cost after the discount. */
const MARGIN_BASIS_POINTS = 1_500;
/** The share of the stock that a promotion may be expected to sell; the rest is for orders at the full price. */
const STOCK_SHARE = 0.8;

export interface Offer {
  readonly title: string;
  readonly discountBasisPoints: number;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

/** Whether a discount runs on the SKU, is announced, or has been granted and is on its way. */
export function isPromoted(key: ResourceKey, facts: FactView, claims: readonly StandingClaim[], now: Instant): boolean {
  const promotions = Object.values(facts.get(key, 'promotions')?.value ?? {});
  return (
    promotions.some((promotion) => promotion.endsAt === undefined || promotion.endsAt > now) ||
    claims.some(
      (claim) => claim.resource === key && claim.aspect === 'promotion' && claim.action === 'promotion.launch',
    )
  );
}

/**
 * The deepest discount, at most the wished one, that margin and stock allow; in words why there is none. The stock has
 * to last for the whole promotion at the demand that the discount makes.
 */
export function affordableDiscount(key: ResourceKey, offer: Offer, facts: FactView, now: Instant): number | string {
  const price = facts.get(key, 'price')?.value;
  const cost = facts.get(key, 'cost')?.value;
  const shelf = shelfOf(key, facts, now);
  const lifecycle = facts.get(key, 'lifecycle')?.value;
  if (lifecycle && lifecycle !== 'active') return `it is ${lifecycle}`;
  if (!price || !cost || price.minor <= 0 || price.currency !== cost.currency) return 'its price or cost is not known';
  if (!shelf) return 'its stock is not known';
  if (shelf.units <= 0) return 'it is out of stock';
  const from = Math.max(toMs(offer.startsAt), toMs(now));
  const days = Math.max(0, (toMs(offer.endsAt) - from) / DAY_MS);
  // What is sold until the promotion begins is no longer there.
  const left = shelf.units - shelf.unitsPerDay * ((from - toMs(now)) / DAY_MS);
  for (let discount = offer.discountBasisPoints; discount >= SMALLEST_DISCOUNT; discount -= STEP) {
    const kept = marginBasisPoints(afterDiscount(price.minor, discount), cost.minor) >= MARGIN_BASIS_POINTS;
    if (kept && unitsUnderDiscount(shelf, discount, days) <= left * STOCK_SHARE) return discount;
  }
  return 'neither margin nor stock carries a discount';
}

/** The coordinator may make the discount smaller, down to the smallest that still is one; never deeper. */
export function launch(
  key: ResourceKey,
  offer: Offer,
  discountBasisPoints: number,
  reason: string,
  facts: FactView,
): Intent {
  const least = Math.min(SMALLEST_DISCOUNT, discountBasisPoints);
  const { title, startsAt, endsAt } = offer;
  return {
    action: 'promotion.launch',
    objective: 'growth',
    params: { target: key, discountBasisPoints, startsAt, endsAt, title, combines: false },
    ...(least < discountBasisPoints
      ? { flex: { param: 'discountBasisPoints', min: least, max: discountBasisPoints } }
      : {}),
    reason: cut(reason, 500),
    cites: key.startsWith('sku:') ? citing(facts, key, 'price', 'cost', 'stock') : [],
  };
}
