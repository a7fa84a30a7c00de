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
    /** `first`: the store had none. `repair`: the one before can no longer be read by this version of Parley. */
    how: z.enum(['first', 'repair', 'on-save', 'activate', 'rollback']).optional(),
    /** Held in force whatever the folder says, until somebody activates again. */
    pinned: z.boolean().optional(),
    note: z.string().max(500).optional(),
  }),
});
