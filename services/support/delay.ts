import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import { formatMoney } from '#shared/kernel/money.ts';
import { DAY_MS, type Instant, toMs } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { barredFromGoodwill, flexOf, goodwillMinor } from './goodwill.ts';
import { notice, planned } from './notice.ts';
import { clock, day, type OrderView, orderOf } from './order-view.ts';

/** A new estimate this much later than the one that was told is worth another notice. */
const WORTH_TELLING_MS = DAY_MS;
/** Days past the promise from which on something is given for the wait. */
const GOODWILL_FROM_DAYS = 2;
const SHARE_PER_DAY_BASIS_POINTS = 250;
const MOST_SHARE_BASIS_POINTS = 1_000;

interface Delay {
  readonly estimatedAt: Instant;
  readonly promisedAt?: Instant;
  readonly customer?: string;
}

/** Tells the customer of a delay before he or she has to ask, once for each estimate, and makes up for a long one. */
export function tellDelay(event: Envelope, { facts }: Briefing): Proposal {
  const delay = event.data as unknown as Delay;
  const order = orderOf(event.subject, facts);
  if (!order) return pass('nothing is known of this order');
  const customer = order.customer ?? delay.customer;
  if (!customer) return pass('a guest: there is nobody to write to');
  if (order.cancelled) return pass('the order is cancelled');
  if (order.shipment?.status === 'delivered') return pass('it has arrived since');
  const promisedAt = delay.promisedAt ?? order.placed.promisedAt;
  if (promisedAt && delay.estimatedAt <= promisedAt) return pass('it still comes when it was promised');
  // Of several estimates that came at once only the newest is told.
  const newest = order.shipment?.estimatedAt ?? delay.estimatedAt;
  if (order.shipment?.status === 'delayed' && newest !== delay.estimatedAt) return pass('a newer estimate is known');
  const told = order.told.delay?.about;
  if (told && Math.abs(toMs(delay.estimatedAt) - toMs(told)) < WORTH_TELLING_MS) return pass('the customer knows');
  const words = {
    subject: `Your order ${order.placed.name} will be late`,
    text: `The carrier tells us that your order ${order.placed.name} will arrive ${whenInstead(delay.estimatedAt, promisedAt)}. We are sorry. You need not do anything; we write again if that changes.`,
  };
  const reason = `New estimate: ${whenInstead(delay.estimatedAt, promisedAt)}`;
  const intents = [notice(order, customer, 'delay', words, reason, facts)];
  const said: { topic: 'delay' | 'goodwill'; about: string }[] = [{ topic: 'delay', about: delay.estimatedAt }];
  const gift = promisedAt ? giftFor(order, customer, lateDays(delay.estimatedAt, promisedAt), facts) : undefined;
  if (gift) {
    intents.push(gift);
    said.push({ topic: 'goodwill', about: String(gift.params.amountMinor) });
  }
  return propose(intents, [planned(order, ...said)]);
}

/** By the day, and by the hour where the days are the same: "about 5 October instead of 5 October" tells nobody anything. */
function whenInstead(estimatedAt: Instant, promisedAt: Instant | undefined): string {
  if (!promisedAt) return `about ${day(estimatedAt)}`;
  if (day(estimatedAt) !== day(promisedAt)) return `about ${day(estimatedAt)} instead of ${day(promisedAt)}`;
  return `on ${day(estimatedAt)} at about ${clock(estimatedAt)} instead of ${clock(promisedAt)} (UTC)`;
}

function lateDays(estimatedAt: Instant, promisedAt: Instant): number {
  return Math.max(0, Math.ceil((toMs(estimatedAt) - toMs(promisedAt)) / DAY_MS));
}

/** 2.5 % of the order for each day beyond the second, at most a tenth, within the bounds of goodwill. */
function giftFor(order: OrderView, customer: string, days: number, facts: Briefing['facts']): Intent | undefined {
  if (days <= GOODWILL_FROM_DAYS || barredFromGoodwill(order) !== undefined) return undefined;
  const share = Math.min(MOST_SHARE_BASIS_POINTS, (days - GOODWILL_FROM_DAYS) * SHARE_PER_DAY_BASIS_POINTS);
  const amountMinor = goodwillMinor(order, share, 'credit');
  if (amountMinor === 0) return undefined;
  const { currency } = order.placed;
  return {
    action: 'credit.give',
    objective: 'customer-care',
    params: {
      customer,
      order: nameOf(order.key),
      amountMinor,
      currency,
      note: `For the delay of ${order.placed.name}`,
    },
    ...flexOf(amountMinor),
    reason: `${days} days past the promise: ${formatMoney(amountMinor, currency)} of an order of ${formatMoney(order.placed.totalMinor, currency)}`,
    cites: citing(facts, order.key, 'placed', 'shipment', 'refunded', 'dispute'),
  };
}
