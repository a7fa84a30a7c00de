import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { isPromoted } from './promotion.ts';

/** With less than this many days of cover left, what is promoted would be gone before the next delivery could be noticed. */
const TOO_SHORT_DAYS = 3;

/** Stops promoting what cannot be sold, or soon cannot; once. */
export function pauseWhenShort(key: ResourceKey, coverDays: number, briefing: Briefing, now: Instant): Proposal {
  const { facts } = briefing;
  const needless = whyNoPause(key, briefing, now);
  if (needless !== undefined) return pass(needless);
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

/**
 * A promotion of ours with which a rule no longer holds, because a person has changed something beside it. What they changed
 * is theirs, so ours stops; where the rules ask for less than that, a person launches it anew.
 */
export function pauseBroken({ data }: Envelope, briefing: Briefing, now: Instant): Proposal {
  const { resource: key, proposal } = data as { readonly resource?: ResourceKey; readonly proposal?: Intent };
  if (key === undefined || proposal?.action !== 'promotion.launch') return pass('it is no promotion of ours');
  const needless = whyNoPause(key, briefing, now);
  if (needless !== undefined) return pass(needless);
  return propose([
    {
      action: 'promotion.pause',
      objective: 'margin',
      params: { target: key },
      reason: 'A person has changed what the promotion rests on, and with it a rule no longer holds.',
      cites: citing(briefing.facts, key, 'promotions', 'price'),
    },
  ]);
}

function whyNoPause(key: ResourceKey, { facts, claims }: Briefing, now: Instant): string | undefined {
  if (!isPromoted(key, facts, claims, now)) return 'nothing is promoted';
  const paused = claims.some((claim) => claim.resource === key && claim.action === 'promotion.pause');
  return paused ? 'paused already' : undefined;
}

/** Whether a promotion that runs goes on for longer than the stock does. One that is only announced is judged again when it runs. */
function outlivesStock(key: ResourceKey, coverDays: number, { facts }: Briefing, now: Instant): boolean {
  const gone = plus(now, Math.floor(coverDays * DAY_MS));
  const running = Object.values(facts.get(key, 'promotions')?.value ?? {}).filter(({ startsAt }) => startsAt <= now);
  return running.some((promotion) => promotion.endsAt === undefined || promotion.endsAt > gone);
}
