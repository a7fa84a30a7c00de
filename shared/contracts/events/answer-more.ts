import { z } from 'zod';
import { agentName } from '../fields.ts';
import { defineEvent } from './define.ts';

export const answerMore = defineEvent({
  type: 'answer.more',
  about: 'The second part of an answer came; this round holds it.',
  subject: 'store',
  data: z.object({
    agent: agentName,
    answer: z.string(),
    round: z.number().int(),
  }),
});
