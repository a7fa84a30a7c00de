import type { Manifest } from '#shared/contracts/answer.ts';

/** What one review may do; the oldest orders come first. */
export const TAGS_PER_REVIEW = 40;
export const RELEASES_PER_REVIEW = 10;
export const CANCELLATIONS_PER_REVIEW = 10;

export const manifest: Manifest = {
  agent: 'orders',
  version: '1.0.0',
  description:
    'Looks after orders between placing and shipping: fraud signals and holds, what is late, what can leave in part.',
  skills: [
    {
      id: 'fraud-hold',
      name: 'Fraud hold',
      description:
        'Holds an order whose signals add up, releases its own hold when they clear, and lets none stand for ever.',
      tags: ['order', 'fraud'],
      examples: ['A first order of £3,000, unpaid, flagged high.'],
    },
    {
      id: 'late-shipment',
      name: 'Late shipment',
      description: 'Tags orders whose promised date is near and that have not left.',
      tags: ['order', 'promise'],
      examples: ['Promised for tomorrow, still here.'],
    },
    {
      id: 'split',
      name: 'Split',
      description: 'Lets what is in stock leave now, when the rest has to wait.',
      tags: ['order', 'stock'],
      examples: ['Nine of ten lines are on the shelf.'],
    },
  ],
  answers: ['order.placed', 'order.paid', 'order.flagged', 'payment.disputed', 'schedule.due', 'intent.due'],
  actions: [
    { type: 'order.hold', objectives: ['safety'], maxPerAnswer: 1 },
    { type: 'order.release', objectives: ['promise-keeping'], maxPerAnswer: RELEASES_PER_REVIEW },
    { type: 'order.cancel', objectives: ['safety'], maxPerAnswer: CANCELLATIONS_PER_REVIEW },
    { type: 'order.split', objectives: ['promise-keeping'], maxPerAnswer: 1 },
    { type: 'order.tag', objectives: ['promise-keeping'], maxPerAnswer: TAGS_PER_REVIEW },
  ],
  announces: [],
  reads: [
    'placed',
    'paid',
    'risk',
    'held',
    'cancelled',
    'fulfilled',
    'shipment',
    'dispute',
    'disputes',
    'tags',
    'orders',
    'spent',
    'available',
  ],
};
