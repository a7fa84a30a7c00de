import type { Manifest } from '#shared/contracts/answer.ts';
import type { Attribute } from '#shared/contracts/facts.ts';

/** How many reorders and warnings one answer carries; the most urgent come first, the rest with the next review. */
export const REORDERS_PER_ANSWER = 30;
export const WARNINGS_PER_ANSWER = 20;

/** Facts of a SKU, and of its supplier. */
export const SKU_READS: readonly Attribute[] = [
  'available',
  'stock',
  'sold',
  'lifecycle',
  'supplier',
  'product',
  'stock-out',
  'reorder-plan',
];
export const SUPPLIER_READS: readonly Attribute[] = ['terms', 'delay'];

export const manifest: Manifest = {
  agent: 'inventory',
  version: '1.0.0',
  description:
    'Keeps goods on the shelf: rate of demand, days of cover, reorder point, order-up-to level, and early warning.',
  skills: [
    {
      id: 'reorder',
      name: 'Reorder',
      description: 'Orders up to a level when what is there and on its way falls below the reorder point.',
      tags: ['stock', 'supplier'],
      examples: ['40 left, 9 sold a day, five days of lead time.'],
    },
    {
      id: 'stock-out-warning',
      name: 'Stock-out warning',
      description: 'Says once when a SKU will run out before it can be replenished.',
      tags: ['stock', 'warning'],
      examples: ['Two days of cover, twelve days of lead time.'],
    },
    {
      id: 'stock-correction',
      name: 'Stock correction',
      description: 'Puts a level that cannot be, below zero, back to zero until somebody has counted.',
      tags: ['stock', 'data'],
      examples: ['The store shows -3.'],
    },
    {
      id: 'reorder-cancel',
      name: 'Reorder taken back',
      description: 'Takes a reorder back when a cancelled order makes it needless.',
      tags: ['stock', 'supplier'],
      examples: ['A wholesale order of 600 is cancelled an hour after it was placed.'],
    },
  ],
  answers: [
    'order.placed',
    'order.cancelled',
    'stock.changed',
    'stock.written-off',
    'supplier.delayed',
    'schedule.due',
    'intent.due',
    'intent.refused',
    'claim.broken',
  ],
  actions: [
    { type: 'reorder.place', objectives: ['availability'], maxPerAnswer: REORDERS_PER_ANSWER },
    { type: 'reorder.cancel', objectives: ['clearance'], maxPerAnswer: 10 },
    { type: 'stock.correct', objectives: ['availability'], maxPerAnswer: 1 },
  ],
  announces: ['stock-out.expected', 'reorder.planned'],
  reads: [...SKU_READS, ...SUPPLIER_READS],
};
