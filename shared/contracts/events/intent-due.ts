import { z } from 'zod';
import { intent } from '../answer.ts';
import { agentName } from '../fields.ts';
import { defineEvent } from './define.ts';

export const intentDue = defineEvent({
  type: 'intent.due',
  about: 'A deferred intent may be proposed again.',
  subject: 'store',
  data: z.object({
    agent: agentName,
    intent: z.string(),
    proposal: intent,
    origin: z.string(),
  }),
});
