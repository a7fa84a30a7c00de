import type { Manifest } from '#shared/contracts/answer.ts';

/** How many SKUs one answer may reorder; the most urgent come first. */
export const REORDERS_PER_ANSWER = 20;

export const manifest: Manifest = {
  agent: 'inventory',
  version: '1.0.0',
  description: 'Keeps goods on the shelf: watches cover against lead time, warns of stock-outs, orders from suppliers.',
  skills: [
    {
      id: 'reorder-point',
      name: 'Reorder point',
      description: 'Orders when what is available falls below demand over the lead time plus safety stock.',
      tags: ['stock', 'supplier'],
      examples: ['40 units left, 5 sold a day, 10 days of lead time.'],
    },
    {
      id: 'stock-out-warning',
      name: 'Stock-out warning',
      description: 'Announces a SKU that will run out before it can be replenished.',
      tags: ['stock', 'warning'],
      examples: ['Three days of cover, two weeks of lead time.'],
    },
    {
      id: 'level-correction',
      name: 'Level correction',
      description: 'Sets a stock level to zero that the store says is negative.',
      tags: ['stock'],
      examples: ['The store says -3 units.'],
    },
  ],
  answers: ['order.placed', 'order.cancelled', 'stock.changed', 'supplier.delayed', 'schedule.due', 'intent.due'],
  actions: [
    { type: 'reorder.place', objectives: ['availability'], maxPerAnswer: REORDERS_PER_ANSWER },
    { type: 'reorder.cancel', objectives: ['availability'], maxPerAnswer: REORDERS_PER_ANSWER },
    { type: 'stock.correct', objectives: ['availability'], maxPerAnswer: 1 },
  ],
  announces: ['stock-out.expected', 'reorder.planned'],
  reads: ['available', 'stock', 'sold', 'cost', 'lifecycle', 'supplier', 'terms', 'delay', 'stock-out', 'reorder-plan'],
};
