import { z } from 'zod';
import { count } from '../fields.ts';
import { defineEvent } from './define.ts';

export const replayEnded = defineEvent({
  type: 'replay.ended',
  about: 'The sandbox has sent its last delivery of a replay.',
  subject: 'store',
  data: z.object({
    /** How many deliveries the sender says it sent. */
    deliveries: count.optional(),
  }),
});
