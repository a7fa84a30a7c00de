import { z } from 'zod';
import { agentName } from '../fields.ts';
import { defineEvent } from './define.ts';

export const answerLate = defineEvent({
  type: 'answer.late',
  about: 'An answer came after its round had closed; this round holds it.',
  subject: 'store',
  data: z.object({
    agent: agentName,
    answer: z.string(),
    round: z.number().int(),
  }),
});
