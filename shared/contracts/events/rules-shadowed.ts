import { z } from 'zod';
import { defineEvent } from './define.ts';

export const rulesShadowed = defineEvent({
  type: 'rules.shadowed',
  about: 'A rule set is tried beside the one in force from here on; without a hash, none is any more.',
  subject: 'store',
  data: z.object({
    hash: z.string().optional(),
    previous: z.string().optional(),
    by: z.string().max(80),
    note: z.string().max(500).optional(),
  }),
});
