import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { holdsOn } from '#shared/contracts/holds.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import type { Briefing } from './briefing.ts';
import { planned } from './notice.ts';
import { orderOf } from './order-view.ts';

/**
 * Keeps goods in the house while their payment is disputed, and lets them go when the shop has won. Nothing is ever
 * refunded here: a refund on top of a lost dispute pays twice.
 */
export function answerDispute(event: Envelope, { facts, claims }: Briefing): Proposal {
  const { dispute, state } = event.data as { dispute: string; state: 'open' | 'won' | 'lost' };
  const order = orderOf(event.subject, facts);
  if (!order) return pass('nothing is known of this order');
  const handle = `dispute-${dispute}`.slice(0, 64);
  const name = nameOf(order.key);
  const isHeld = holdsOn(order.key, facts).includes(handle);
  if (state === 'won') {
    if (!isHeld) return pass('nothing of ours holds it');
    const release: Intent = {
      action: 'order.release',
      objective: 'promise-keeping',
      params: { order: name, handle },
      reason: 'The dispute was won; only our own hold is released.',
      cites: citing(facts, order.key, 'dispute', 'held', 'holds'),
    };
    return propose([release]);
  }
  if (state === 'lost') return pass('the bank has given the money back; nothing is left to do here');
  const since = facts.get(order.key, 'disputes')?.value[dispute]?.state ?? state;
  if (since !== 'open') return pass('it was closed before its opening was told');
  if (order.shipped || order.cancelled) return pass('it has left the house or is cancelled: there is nothing to hold');
  if (isHeld) return pass('it is held already');
  if (
    claims.some((claim) => claim.resource === order.key && claim.action === 'order.hold' && claim.owner === 'support')
  ) {
    return pass('a hold is on its way');
  }
  const hold: Intent = {
    action: 'order.hold',
    objective: 'safety',
    params: { order: name, handle, holdReason: 'payment', note: 'The payment is disputed.' },
    reason: 'The payment is disputed and the goods are still here.',
    cites: citing(facts, order.key, 'dispute', 'disputes', 'placed'),
  };
  return propose([hold], [planned(order, { topic: 'dispute', about: handle })]);
}
