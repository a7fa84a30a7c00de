import type { Manifest } from '#shared/contracts/answer.ts';
import type { Attribute } from '#shared/contracts/facts.ts';
import { PRICES_PER_REVIEW } from './decide.ts';

/** The facts that it reads; an attribute that is missing here is not known to it. */
export const READS: readonly Attribute[] = [
  'price',
  'cost',
  'lifecycle',
  'product',
  'available',
  'stock',
  'sold',
  'promotions',
  'competitor-prices',
  'price-plan',
];

export const manifest: Manifest = {
  agent: 'pricing',
  version: '1.0.0',
  description:
    'Moves list prices between a margin floor and the price that people set: market, overstock, scarcity, cost.',
  skills: [
    {
      id: 'competitor-match',
      name: 'Competitor match',
      description: 'Follows the lowest credible competitor price within bounds, and back.',
      tags: ['price', 'market'],
      examples: ['A competitor asks £2.10 for what we sell at £2.55.'],
    },
    {
      id: 'overstock-markdown',
      name: 'Overstock markdown',
      description: 'Marks down what would lie on the shelf for more than 90 days, by the elasticity of demand.',
      tags: ['price', 'clearance'],
      examples: ['400 units, 2 sold a day.'],
    },
    {
      id: 'scarcity-price',
      name: 'Scarcity price',
      description: 'Slows the sale of what runs out before it can be replenished, by at most 5 %.',
      tags: ['price', 'availability'],
      examples: ['Six days of cover, two weeks of lead time.'],
    },
    {
      id: 'margin-restore',
      name: 'Margin restore',
      description: 'Passes a higher cost on, as far as a healthy margin needs it.',
      tags: ['price', 'margin'],
      examples: ['The supplier raises the cost from £1.00 to £1.30.'],
    },
  ],
  answers: [
    'competitor.price-changed',
    'cost.changed',
    'stock.changed',
    'stock-out.expected',
    'schedule.due',
    'intent.due',
    'intent.refused',
    'claim.broken',
  ],
  actions: [
    {
      type: 'price.set',
      objectives: ['margin', 'growth', 'availability', 'clearance'],
      maxPerAnswer: PRICES_PER_REVIEW,
    },
  ],
  announces: ['markdown.planned', 'price.planned'],
  reads: [...READS],
};
