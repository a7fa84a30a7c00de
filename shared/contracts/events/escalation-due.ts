import { z } from 'zod';
import { defineEvent } from './define.ts';

export const escalationDue = defineEvent({
  type: 'escalation.due',
  about: 'The time to answer an escalation has passed, or a reminder is due.',
  subject: 'escalation',
  data: z.object({
    escalation: z.string(),
    purpose: z.enum(['default', 'remind']),
  }),
});
