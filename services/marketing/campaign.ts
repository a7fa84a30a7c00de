import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { nameOf, type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { DAY_MS, type Instant, later, plus } from '#shared/kernel/time.ts';
import { audience } from './audience.ts';
import type { Briefing } from './briefing.ts';
import { affordableDiscount, isPromoted, launch, type Offer } from './promotion.ts';

/** Together below the 64 intents that an answer may carry. */
export const PROMOTIONS_PER_CAMPAIGN = 40;
export const MAILS_PER_CAMPAIGN = 20;
/** A mail about an offer that begins later than this would be forgotten by then. */
const AHEAD_MS = 3 * DAY_MS;

export interface Campaign {
  readonly name: string;
  readonly skus: readonly string[];
  readonly category?: string;
  readonly discountBasisPoints: number;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly audience: 'subscribers' | 'none';
}

/** Puts a campaign of the merchant's calendar on, for the SKUs that can carry it, and tells customers who want to hear of it. */
export function putOn(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  const campaign = event.data as unknown as Campaign;
  if (campaign.endsAt <= now || campaign.endsAt <= campaign.startsAt) return pass('the campaign is over');
  const offer: Offer = {
    title: campaign.name.trim() || nameOf(event.subject),
    discountBasisPoints: campaign.discountBasisPoints,
    startsAt: later(campaign.startsAt, now),
    endsAt: campaign.endsAt,
  };
  if (isPlanned(event.subject, campaign, briefing, now)) return pass('the campaign is planned already');
  const { promotions, left } = campaign.category
    ? { promotions: [launchCategory(campaign.category, offer, briefing)], left: [] }
    : launchSkus(campaign.skus, offer, briefing, now);
  if (promotions.length === 0) return pass(cut(`no SKU can carry the campaign: ${left.slice(0, 3).join('; ')}`, 200));
  const mails =
    campaign.audience === 'subscribers' && campaign.startsAt <= plus(now, AHEAD_MS)
      ? mailsFor(event, offer, promotions, briefing, now)
      : [];
  const planned = {
    type: 'campaign.planned',
    subject: event.subject,
    data: {
      skus: promotions.flatMap(({ params }) => skuOf(params.target as ResourceKey)),
      discountBasisPoints: campaign.discountBasisPoints,
      startsAt: offer.startsAt,
      endsAt: offer.endsAt,
    },
  };
  return propose([...promotions, ...mails], [planned]);
}

/** The same calendar entry said again is no second campaign; a changed one is. */
function isPlanned(key: ResourceKey, campaign: Campaign, { facts }: Briefing, now: Instant): boolean {
  const plan = facts.get(key, 'plan')?.value;
  return (
    plan !== undefined &&
    plan.endsAt === campaign.endsAt &&
    plan.discountBasisPoints === campaign.discountBasisPoints &&
    (plan.startsAt === campaign.startsAt || plan.startsAt <= now)
  );
}

/** A category is a group: the coordinator looks at each of its SKUs when it judges, so margins and stock are kept there. */
function launchCategory(category: string, offer: Offer, { facts }: Briefing): Intent {
  const reason = `${offer.title}: ${percent(offer.discountBasisPoints)} on the whole category ${category}`;
  return launch(resource('category', category), offer, offer.discountBasisPoints, reason, facts);
}

function launchSkus(
  skus: readonly string[],
  offer: Offer,
  { facts, claims }: Briefing,
  now: Instant,
): { promotions: Intent[]; left: string[] } {
  const promotions: Intent[] = [];
  const left: string[] = [];
  for (const sku of new Set(skus)) {
    if (promotions.length === PROMOTIONS_PER_CAMPAIGN) break;
    const key = resource('sku', sku);
    const discount = isPromoted(key, facts, claims, now)
      ? 'it is promoted already'
      : affordableDiscount(key, offer, facts, now);
    if (typeof discount === 'string') {
      left.push(`${sku}: ${discount}`);
      continue;
    }
    const smaller =
      discount < offer.discountBasisPoints
        ? `, as much as margin and stock carry of ${percent(offer.discountBasisPoints)}`
        : '';
    promotions.push(launch(key, offer, discount, `${offer.title}: ${percent(discount)}${smaller}`, facts));
  }
  return { promotions, left };
}

function mailsFor(
  event: Envelope,
  offer: Offer,
  promotions: readonly Intent[],
  briefing: Briefing,
  now: Instant,
): Intent[] {
  const { facts, claims } = briefing;
  const titles = promotions
    .flatMap(({ params }) => facts.get(params.target as ResourceKey, 'title')?.value ?? [])
    .slice(0, 3);
  const least = Math.min(...promotions.map(({ params }) => params.discountBasisPoints as number));
  const days = `from ${offer.startsAt.slice(0, 10)} to ${offer.endsAt.slice(0, 10)}`;
  // The discount that is named is the least that all of them have, and stock is not promised: the mail must stay true.
  const text = `${offer.title}: ${percent(least)} off or more ${days}${titles.length > 0 ? `, among others ${titles.join(', ')}` : ''}. While stocks last. You get this mail because you agreed to hear from us; every mail of ours has a link that ends it.`;
  const only = promotions.length === 1 ? skuOf(promotions[0]!.params.target as ResourceKey)[0] : undefined;
  return audience(briefing.customers, facts, claims, now, MAILS_PER_CAMPAIGN).map((customer) => ({
    action: 'campaign.send',
    objective: 'growth',
    params: {
      customer: nameOf(customer),
      campaign: nameOf(event.subject),
      subject: offer.title,
      text,
      ...(only ? { sku: only } : {}),
    },
    reason: 'Consented, bought before but not within 72 hours, no open complaint.',
    cites: citing(facts, customer, 'consent'),
  }));
}

function skuOf(key: ResourceKey): string[] {
  return key.startsWith('sku:') ? [nameOf(key)] : [];
}

function percent(basisPoints: number): string {
  return `${basisPoints / 100} %`;
}
