import { z } from 'zod';
import { label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const rulingGiven = defineEvent({
  type: 'ruling.given',
  about: 'A person answered an escalation.',
  subject: 'escalation',
  data: z.object({
    escalation: z.string(),
    option: z.string(),
    by: label,
    note: z.string().max(2_000).optional(),
  }),
});
