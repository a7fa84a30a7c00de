import { z } from 'zod';
import { defineEvent } from './define.ts';

/** What a person may want of a store's rules. `by` is a role or initials: nothing on the bus is personal. */
export const rulesRequested = defineEvent({
  type: 'rules.requested',
  about: 'A person wants another rule set in force, or one tried beside it.',
  subject: 'store',
  data: z.object({
    want: z.enum(['activate', 'rollback', 'shadow', 'end-shadow']),
    hash: z.string().optional(),
    by: z.string().max(80),
    note: z.string().max(500).optional(),
  }),
});
