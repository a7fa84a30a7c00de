import { pass } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { resource } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import { again } from './again.ts';
import { useAttention } from './attention.ts';
import type { Briefing } from './briefing.ts';
import { putOn } from './campaign.ts';
import { pauseBroken, pauseWhenShort } from './pause.ts';
import { tellWaiting } from './restock.ts';
import { winBack } from './winback.ts';

/** The schedule of the shop on which lapsed customers are written to. */
export const WINBACK = 'weekly-review';
/** Views against the usual ones, and readers of a mention, from which on it counts as attention. */
const SPIKE_FACTOR = 3;
const SPIKE_VIEWS = 100;
const REACH = 10_000;
/** By how much demand is taken to rise after praise; nobody measures it, so it is a guess on the careful side. */
const PRAISE_RUSH = 2;

/** What marketing answers to one event. Pure: the same event and briefing, the same answer. */
export function decide(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  const { data, subject } = event;
  switch (event.type) {
    case 'campaign.scheduled':
      return putOn(event, briefing, now);
    case 'stock-out.expected':
      return pauseWhenShort(subject, Number(data.coverDays), briefing, now);
    case 'stock.changed':
      return Number(data.level) <= 0 ? pauseWhenShort(subject, 0, briefing, now) : tellWaiting(subject, briefing, now);
    case 'traffic.spiked': {
      const [views, usual] = [Number(data.views), Number(data.baselineViews)];
      if (views < SPIKE_VIEWS || views < SPIKE_FACTOR * usual) return pass('not far from the usual');
      return useAttention(subject, `${views} views against ${usual}`, views / Math.max(1, usual), briefing, now);
    }
    case 'mention.detected': {
      if (typeof data.sku !== 'string') return pass('it is about no SKU');
      if (data.sentiment !== 'positive' || Number(data.reach) < REACH) return pass('no praise that many read');
      return useAttention(
        resource('sku', data.sku),
        `praised before ${data.reach} readers`,
        PRAISE_RUSH,
        briefing,
        now,
      );
    }
    case 'schedule.due':
      return data.name === WINBACK ? winBack(briefing, now) : pass('not the time to win customers back');
    case 'intent.due':
      return again(event, briefing, now);
    case 'claim.broken':
      return pauseBroken(event, briefing, now);
    default:
      return pass(`nothing to do about ${event.type}`);
  }
}
