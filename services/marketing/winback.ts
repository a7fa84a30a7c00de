import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import { totalOver } from '#shared/contracts/demand.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import { DAY_MS, dayNumber, type Instant, plus } from '#shared/kernel/time.ts';
import { audience } from './audience.ts';
import type { Briefing } from './briefing.ts';

const WINBACKS_PER_WEEK = 20;
/** Silence after which a buyer of gifts counts as lapsed, and after which one is left in peace. */
export const LAPSED_MS = 45 * DAY_MS;
export const GONE_MS = 200 * DAY_MS;
const ONCE_IN_DAYS = 30;

/** Writes to customers who bought before and have gone quiet, without a discount: a first word costs no margin. */
export function winBack({ customers, facts, claims }: Briefing, now: Instant): Proposal {
  const lapsed = customers.filter((customer) => {
    const last = facts.get(customer, 'last-order')?.value.at;
    const quiet = last !== undefined && last <= plus(now, -LAPSED_MS) && last >= plus(now, -GONE_MS);
    return quiet && totalOver(facts.get(customer, 'contacted')?.value, dayNumber(now), ONCE_IN_DAYS) === 0;
  });
  const chosen = audience(lapsed, facts, claims, now, WINBACKS_PER_WEEK);
  if (chosen.length === 0) return pass('nobody has gone quiet who may be written to');
  const campaign = `winback-${now.slice(0, 10)}`;
  return propose(
    chosen.map((customer) => ({
      action: 'campaign.send',
      objective: 'growth',
      params: {
        customer: nameOf(customer),
        campaign,
        subject: 'New on our shelves',
        text: 'It has been a while since your last order, and there is much on our shelves that you have not seen yet. You get this mail because you agreed to hear from us; every mail of ours has a link that ends it.',
      },
      reason: 'Consented, has bought before, silent for more than 45 days, not written to for 30.',
      cites: citing(facts, customer, 'consent'),
    })),
  );
}
