import type { Manifest } from '#shared/contracts/answer.ts';
import type { Attribute } from '#shared/contracts/facts.ts';

/** The facts that it reads; an attribute that is missing here is not known to it. */
export const READS: readonly Attribute[] = [
  'placed',
  'paid',
  'cancelled',
  'fulfilled',
  'shipment',
  'dispute',
  'disputes',
  'held',
  'holds',
  'refunded',
  'told',
];

export const manifest: Manifest = {
  agent: 'support',
  version: '1.0.0',
  description:
    'Tells customers what became of their orders, makes up for what went wrong within bounds, and never refunds what is disputed.',
  skills: [
    {
      id: 'delay-notice',
      name: 'Delay notice',
      description: 'Tells a customer of a new estimate, once, and gives credit for a long wait.',
      tags: ['notice', 'goodwill'],
      examples: ['The carrier says Friday instead of Tuesday.'],
    },
    {
      id: 'cancellation-notice',
      name: 'Cancellation notice',
      description: 'Tells a customer that the shop has cancelled an order, and why.',
      tags: ['notice'],
      examples: ['An order is cancelled because an article is not in stock.'],
    },
    {
      id: 'messages',
      name: 'Messages',
      description: 'Answers where an order is, and makes up for damage and lateness that the facts bear out.',
      tags: ['notice', 'goodwill', 'refund'],
      examples: ['Where is my order?', 'One mug arrived broken.'],
    },
    {
      id: 'disputes',
      name: 'Disputes',
      description: 'Holds what has not left while its payment is disputed.',
      tags: ['safety', 'hold'],
      examples: ['A chargeback on an order that is still in the warehouse.'],
    },
  ],
  answers: ['shipment.delayed', 'order.cancelled', 'message.received', 'payment.disputed', 'intent.due'],
  actions: [
    { type: 'notice.send', objectives: ['promise-keeping', 'customer-care'], maxPerAnswer: 1 },
    { type: 'credit.give', objectives: ['customer-care'], maxPerAnswer: 1 },
    { type: 'refund.issue', objectives: ['customer-care'], maxPerAnswer: 1 },
    { type: 'order.hold', objectives: ['safety'], maxPerAnswer: 1 },
    { type: 'order.release', objectives: ['promise-keeping'], maxPerAnswer: 1 },
  ],
  announces: ['notice.planned'],
  reads: [...READS],
};
