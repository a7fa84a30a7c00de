import { pass, propose } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Briefing } from './briefing.ts';
import { notice, planned } from './notice.ts';
import { orderOf } from './order-view.ts';

/** What a customer is told, by the reason that the store gives. A suspicion of fraud is not put in a mail: a person decides what is said. */
const WORDS: Readonly<Record<string, string>> = {
  inventory: 'we cannot deliver all of it: an article turned out not to be in stock',
  declined: 'the payment did not go through',
  other: 'we cannot carry it out',
  staff: 'we cannot carry it out',
};

/** Tells a customer that the shop has cancelled an order. Who cancelled it himself, or herself, knows. */
export function tellCancellation(event: Envelope, { facts }: Briefing): Proposal {
  const cause = String(event.data.cancelReason).toLowerCase();
  const words = WORDS[cause];
  if (!words) return pass(cause === 'customer' ? 'the customer cancelled it' : `nothing is written about "${cause}"`);
  const order = orderOf(event.subject, facts);
  if (!order) return pass('nothing is known of this order');
  const customer = order.customer ?? event.data.customer;
  if (typeof customer !== 'string') return pass('a guest: there is nobody to write to');
  if (order.told.cancellation) return pass('the customer knows');
  const { name } = order.placed;
  const money = order.paid ? ' What you paid goes back the way it came.' : ' Nothing has been charged.';
  const text = `We are sorry: we had to cancel your order ${name}, because ${words}.${money}`;
  const intent = notice(
    order,
    customer,
    'cancellation',
    { subject: `Your order ${name} is cancelled`, text },
    `Cancelled by the shop: ${cause}`,
    facts,
  );
  return propose([intent], [planned(order, { topic: 'cancellation', about: cause })]);
}
