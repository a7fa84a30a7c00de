import { z } from 'zod';
import { defineEvent } from './define.ts';

export const rulesRefused = defineEvent({
  type: 'rules.refused',
  about: 'What a person wanted of the rules cannot be done; everything stays as it was.',
  subject: 'store',
  data: z.object({
    want: z.string().max(20),
    hash: z.string().optional(),
    by: z.string().max(80),
    reason: z.string().max(500),
  }),
});
