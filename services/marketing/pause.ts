import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { isPromoted } from './promotion.ts';

/** With less than this many days of cover left, what is promoted would be gone before the next delivery could be noticed. */
const TOO_SHORT_DAYS = 3;

/** Stops promoting what cannot be sold, or soon cannot; once. */
export function pauseWhenShort(key: ResourceKey, coverDays: number, briefing: Briefing, now: Instant): Proposal {
  const { facts, claims } = briefing;
  if (!isPromoted(key, facts, claims, now)) return pass('nothing is promoted');
  if (claims.some((claim) => claim.resource === key && claim.action === 'promotion.pause'))
    return pass('paused already');
  if (coverDays >= TOO_SHORT_DAYS && !outlivesStock(key, coverDays, briefing, now))
    return pass('the stock outlasts the promotion');
  const units = facts.get(key, 'available')?.value.units;
  const intent = {
    action: 'promotion.pause',
    objective: 'availability',
    params: { target: key },
    reason: `${units === undefined ? 'Too little' : Math.max(0, units)} in stock, ${coverDays.toFixed(1)} days of cover: it is promoted longer than it can be sold.`,
    cites: citing(facts, key, 'promotions', 'stock'),
  };
  return propose([intent]);
}

/** Whether a promotion that runs goes on for longer than the stock does. One that is only announced is judged again when it runs. */
function outlivesStock(key: ResourceKey, coverDays: number, { facts }: Briefing, now: Instant): boolean {
  const gone = plus(now, Math.floor(coverDays * DAY_MS));
  const running = Object.values(facts.get(key, 'promotions')?.value ?? {}).filter(({ startsAt }) => startsAt <= now);
  return running.some((promotion) => promotion.endsAt === undefined || promotion.endsAt > gone);
}
