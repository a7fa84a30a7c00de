import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import { nameOf, type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';

/** Waves: the next is written when the next delivery is counted. */
export const NOTICES_PER_WAVE = 20;
/** Nobody waits for a gift longer. */
const WAITS_MS = 60 * DAY_MS;

/** Tells those who asked that a SKU is back, first come first told, never more of them than there are units to sell. */
export function tellWaiting(key: ResourceKey, briefing: Briefing, now: Instant): Proposal {
  const { facts, claims } = briefing;
  const units = facts.get(key, 'available')?.value.units ?? 0;
  if (units <= 0) return pass('nothing to sell yet');
  const waiting = Object.entries(facts.get(key, 'restock-subscribers')?.value ?? {})
    .filter(([, { at }]) => at > plus(now, -WAITS_MS) && at <= now)
    .filter(
      ([customer]) =>
        !claims.some((claim) => claim.resource === resource('customer', customer) && claim.aspect === 'contact'),
    )
    .sort(([a, first], [b, second]) => (first.at < second.at ? -1 : first.at > second.at ? 1 : a < b ? -1 : 1));
  if (waiting.length === 0) return pass('nobody waits for it');
  const wave = waiting.slice(0, Math.min(NOTICES_PER_WAVE, units)).map(([customer]) => customer);
  const title = facts.get(key, 'title')?.value ?? nameOf(key);
  const notices = wave.map((customer) => ({
    action: 'notice.send',
    objective: 'customer-care',
    params: {
      customer,
      topic: 'back-in-stock',
      sku: nameOf(key),
      subject: cut(`Back in stock: ${title}`, 200),
      text: `You asked us to tell you when ${title} is back. It is. We cannot keep one for you, and there are not many.`,
    },
    reason: `Asked to be told; ${units} units are free, ${wave.length} of ${waiting.length} are told in this wave.`,
    cites: citing(facts, key, 'stock'),
  }));
  return propose(notices, [{ type: 'restock.announced', subject: key, data: { customers: wave } }]);
}
