import { pass, propose } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import { nameOf, type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { affordableDiscount, isPromoted, launch } from './promotion.ts';
import { shelfOf } from './stock.ts';

const DISCOUNT_BASIS_POINTS = 700;
const LASTS_MS = 2 * DAY_MS;
/** Who comes anyway needs no discount: only what lies on the shelf for longer than this gets one. */
const PLENTY_DAYS = 30;
const PLENTY_UNITS = 20;
/** One such offer a fortnight for each SKU. */
const REST_MS = 14 * DAY_MS;

const OBSERVED_DAYS = 7;
/** The share of the stock that the rush itself may be expected to take before a discount is added to it. */
const RUSH_SHARE = 0.25;

/** Turns sudden attention into sales of what there is plenty of, with a small and short discount; otherwise attention is left alone. `rush` is by how much demand is expected to rise. */
export function useAttention(key: ResourceKey, what: string, rush: number, briefing: Briefing, now: Instant): Proposal {
  const { facts, claims } = briefing;
  const shelf = shelfOf(key, facts, now);
  if (!shelf || shelf.units < PLENTY_UNITS || shelf.coverDays < PLENTY_DAYS) return pass('there is not plenty of it');
  if (shelf.observedDays < OBSERVED_DAYS) return pass('too few days of sales to judge the stock by');
  if (shelf.unitsPerDay * rush * (LASTS_MS / DAY_MS) > shelf.units * RUSH_SHARE)
    return pass('the rush sells it without a discount');
  if (isPromoted(key, facts, claims, now)) return pass('it is promoted already');
  const campaign = resource('campaign', `attention-${nameOf(key)}`);
  const last = facts.get(campaign, 'plan')?.time;
  if (last && last > plus(now, -REST_MS)) return pass('it had such an offer lately');
  const title = facts.get(key, 'title')?.value ?? nameOf(key);
  const offer = {
    title: cut(`Seen lately: ${title}`, 200),
    discountBasisPoints: DISCOUNT_BASIS_POINTS,
    startsAt: now,
    endsAt: plus(now, LASTS_MS),
  };
  const discount = affordableDiscount(key, offer, facts, now);
  if (typeof discount === 'string') return pass(discount);
  const cover = Number.isFinite(shelf.coverDays) ? `${Math.round(shelf.coverDays)} days of cover` : 'no recent sale';
  const planned = {
    type: 'campaign.planned',
    subject: campaign,
    data: { skus: [nameOf(key)], discountBasisPoints: discount, startsAt: offer.startsAt, endsAt: offer.endsAt },
  };
  return propose([launch(key, offer, discount, `${what}; ${shelf.units} units, ${cover}`, facts)], [planned]);
}
