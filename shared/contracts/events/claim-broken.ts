import { z } from 'zod';
import { intent } from '../answer.ts';
import { agentName } from '../fields.ts';
import { resourceKey } from '../resource.ts';
import { defineEvent } from './define.ts';

export const claimBroken = defineEvent({
  type: 'claim.broken',
  about: 'A claim of an agent no longer holds.',
  subject: 'store',
  data: z.object({
    agent: agentName,
    claim: z.string(),
    /** What the claim is on: of an action on a group, the one leaf where it no longer holds. */
    resource: resourceKey.optional(),
    proposal: intent.optional(),
  }),
});
