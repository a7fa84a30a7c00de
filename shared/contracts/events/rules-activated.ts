import { z } from 'zod';
import { defineEvent } from './define.ts';

export const rulesActivated = defineEvent({
  type: 'rules.activated',
  about: 'A rule set came into force.',
  subject: 'store',
  data: z.object({
    hash: z.string(),
    previous: z.string().optional(),
    by: z.string().max(80),
  }),
});
