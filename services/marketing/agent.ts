import type { Manifest } from '#shared/contracts/answer.ts';
import type { Attribute } from '#shared/contracts/facts.ts';
import { MAILS_PER_CAMPAIGN, PROMOTIONS_PER_CAMPAIGN } from './campaign.ts';
import { NOTICES_PER_WAVE } from './restock.ts';

/** The facts that it reads; an attribute that is missing here is not known to it. */
export const READS: readonly Attribute[] = [
  'title',
  'price',
  'cost',
  'lifecycle',
  'category',
  'available',
  'stock',
  'sold',
  'promotions',
  'restock-subscribers',
  'plan',
  'consent',
  'last-order',
  'complaint',
  'contacted',
];

export const manifest: Manifest = {
  agent: 'marketing',
  version: '1.0.0',
  description:
    'Puts campaigns on, stops promoting what cannot be sold, tells those who wait, and writes only to those who agreed.',
  skills: [
    {
      id: 'campaign',
      name: 'Campaign calendar',
      description:
        'Launches the promotions of a calendar entry where margin and stock carry them, and mails consenting customers.',
      tags: ['promotion', 'mail'],
      examples: ['15 % on twelve SKUs from Wednesday to Sunday.'],
    },
    {
      id: 'pause-short',
      name: 'Pause on low stock',
      description: 'Pauses promotions of what is out of stock or about to be.',
      tags: ['promotion', 'stock'],
      examples: ['A promoted SKU is sold out.'],
    },
    {
      id: 'pause-broken',
      name: 'Pause on a broken rule',
      description:
        'Pauses a promotion of its own with which, since a person changed something, a rule no longer holds.',
      tags: ['promotion', 'margin'],
      examples: ['A person lowers the price of a SKU that is promoted at 20 %.'],
    },
    {
      id: 'back-in-stock',
      name: 'Back in stock',
      description: 'Tells those who asked that a SKU is back, in waves no larger than the stock.',
      tags: ['mail', 'stock'],
      examples: ['30 units arrive, 45 customers wait.'],
    },
    {
      id: 'attention',
      name: 'Sudden attention',
      description: 'A small, short discount on what there is plenty of when many look at it.',
      tags: ['promotion', 'traffic'],
      examples: ['Five times the usual views of a SKU with 60 days of cover.'],
    },
    {
      id: 'winback',
      name: 'Win-back',
      description: 'Writes to consenting customers who have gone quiet.',
      tags: ['mail'],
      examples: ['Last order two months ago.'],
    },
  ],
  answers: [
    'campaign.scheduled',
    'stock-out.expected',
    'stock.changed',
    'traffic.spiked',
    'mention.detected',
    'schedule.due',
    'intent.due',
    'claim.broken',
  ],
  actions: [
    { type: 'promotion.launch', objectives: ['growth'], maxPerAnswer: PROMOTIONS_PER_CAMPAIGN },
    { type: 'promotion.pause', objectives: ['availability', 'margin'], maxPerAnswer: 1 },
    { type: 'campaign.send', objectives: ['growth'], maxPerAnswer: MAILS_PER_CAMPAIGN },
    { type: 'notice.send', objectives: ['customer-care'], maxPerAnswer: NOTICES_PER_WAVE },
  ],
  announces: ['campaign.planned', 'restock.announced'],
  reads: [...READS],
};
