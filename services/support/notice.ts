import { citing } from '#shared/agent/propose.ts';
import type { Announcement, Intent } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import type { OrderView } from './order-view.ts';

export type Topic = 'delay' | 'cancellation' | 'answer';
export type Said = 'delay' | 'cancellation' | 'answer' | 'goodwill' | 'dispute';

export interface Words {
  readonly subject: string;
  readonly text: string;
}

/** A notice about an order. The words name the order and nothing about the person; the name is added when it is sent. */
export function notice(
  order: OrderView,
  customer: string,
  topic: Topic,
  words: Words,
  reason: string,
  facts: FactView,
): Intent {
  return {
    action: 'notice.send',
    objective: topic === 'answer' ? 'customer-care' : 'promise-keeping',
    params: { customer, order: nameOf(order.key), topic, ...words },
    reason: cut(reason, 500),
    cites: citing(facts, order.key, 'placed', 'shipment'),
  };
}

/** Writes down what is said or given, so that it is not said or given twice. */
export function planned(order: OrderView, ...topics: readonly { topic: Said; about: string }[]): Announcement {
  return { type: 'notice.planned', subject: order.key, data: { topics } };
}
