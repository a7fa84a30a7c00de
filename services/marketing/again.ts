import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { HOUR_MS, type Instant, later, plus } from '#shared/kernel/time.ts';
import { suppressed } from './audience.ts';
import type { Briefing } from './briefing.ts';
import { affordableDiscount, isPromoted, launch, type Offer } from './promotion.ts';

/** An offer that ends sooner than this is not worth launching any more. */
const WORTH_MS = 4 * HOUR_MS;

/** A deferred intent may be proposed again: it is, where it still makes sense on the facts of now, and names what it replaces. */
export function again(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  const { intent: replaces, proposal } = event.data as { intent: string; proposal: Intent };
  const fresh = afresh(proposal, briefing, now);
  return typeof fresh === 'string' ? pass(fresh) : propose([{ ...fresh, replaces }]);
}

function afresh(old: Intent, briefing: Briefing, now: Instant): Intent | string {
  const { facts, claims } = briefing;
  switch (old.action) {
    case 'promotion.launch':
      return launchAgain(old, briefing, now);
    case 'promotion.pause': {
      const key = old.params.target as ResourceKey;
      if (!isPromoted(key, facts, claims, now)) return 'nothing is promoted any more';
      if (old.objective === 'margin') return { ...old, cites: citing(facts, key, 'promotions', 'price') };
      if ((facts.get(key, 'available')?.value.units ?? 0) > 0) return 'there is stock again';
      return { ...old, cites: citing(facts, key, 'promotions', 'stock') };
    }
    case 'campaign.send': {
      const customer = resource('customer', String(old.params.customer));
      return suppressed(customer, facts, claims, now) ?? { ...old, cites: citing(facts, customer, 'consent') };
    }
    case 'notice.send':
      // Which SKU it was about is in its citation; without stock the news would be false by now.
      return old.cites.some(({ resource: key }) => (facts.get(key, 'available')?.value.units ?? 0) <= 0)
        ? 'it is out of stock again'
        : { ...old, cites: old.cites.flatMap(({ resource: key }) => citing(facts, key, 'stock')) };
    default:
      return `${old.action} is not proposed twice`;
  }
}

function launchAgain(old: Intent, { facts, claims }: Briefing, now: Instant): Intent | string {
  const params = old.params as unknown as { target: ResourceKey } & Offer;
  const offer = { ...params, startsAt: later(params.startsAt, now) };
  if (params.endsAt < plus(offer.startsAt, WORTH_MS)) return 'the offer is as good as over';
  if (params.target.startsWith('category:'))
    return launch(params.target, offer, params.discountBasisPoints, old.reason, facts);
  if (isPromoted(params.target, facts, claims, now)) return 'it is promoted already';
  const discount = affordableDiscount(params.target, offer, facts, now);
  return typeof discount === 'string' ? discount : launch(params.target, offer, discount, old.reason, facts);
}
