import { z } from 'zod';
import { defineEvent } from './define.ts';

export const scheduleDue = defineEvent({
  type: 'schedule.due',
  about: 'A recurring time of the shop has come.',
  subject: 'schedule',
  data: z.object({
    name: z.string().max(60),
  }),
});
