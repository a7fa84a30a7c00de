import { z } from 'zod';
import { intent } from '../answer.ts';
import { agentName } from '../fields.ts';
import { defineEvent } from './define.ts';

export const intentRefused = defineEvent({
  type: 'intent.refused',
  about: 'An intent was denied with a constraint that a counter-offer could keep.',
  subject: 'store',
  data: z.object({
    agent: agentName,
    intent: z.string(),
    proposal: intent,
    constraint: z.string().max(500),
    rule: z.string(),
  }),
});
