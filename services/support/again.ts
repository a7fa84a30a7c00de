import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Briefing } from './briefing.ts';
import { orderKey, orderOf } from './order-view.ts';

/** A deferred intent may be proposed again: it is, unless the order has moved on so that it would be wrong by now. */
export function again(event: Envelope, { facts }: Briefing): Proposal {
  const { intent: replaces, proposal } = event.data as { intent: string; proposal: Intent };
  const order = orderOf(orderKey(String(proposal.params.order)), facts);
  if (!order) return pass('nothing is known of this order');
  const why = outdated(proposal, order);
  if (why) return pass(why);
  const cites = citing(facts, order.key, 'placed', 'shipment', 'refunded', 'dispute', 'held');
  return propose([{ ...proposal, cites, replaces }]);
}

function outdated(proposal: Intent, order: NonNullable<ReturnType<typeof orderOf>>): string | undefined {
  switch (proposal.action) {
    case 'notice.send':
      if (proposal.params.topic === 'cancellation') return undefined;
      if (order.cancelled) return 'the order is cancelled';
      return order.shipment?.status === 'delivered' ? 'it has arrived since' : undefined;
    case 'credit.give':
    case 'refund.issue':
      if (order.disputed) return 'the payment is disputed';
      return order.cancelled ? 'the order is cancelled' : undefined;
    case 'order.hold':
      return order.shipped || order.cancelled ? 'there is nothing to hold' : undefined;
    case 'order.release':
      return order.held ? undefined : 'nothing holds it';
    default:
      return `${proposal.action} is not proposed twice`;
  }
}
