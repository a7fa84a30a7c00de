import { z } from 'zod';
import { label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const rulingGiven = defineEvent({
  type: 'ruling.given',
  about: 'A person answered an escalation; who it was and what they wrote stays with the ruling.',
  subject: 'escalation',
  data: z.object({
    escalation: z.string(),
    option: z.string(),
    by: label,
  }),
});
