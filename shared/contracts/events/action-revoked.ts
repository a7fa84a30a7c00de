import { z } from 'zod';
import { agentName } from '../fields.ts';
import { resourceKey } from '../resource.ts';
import { defineEvent } from './define.ts';

export const actionRevoked = defineEvent({
  type: 'action.revoked',
  about: 'A pending action was revoked before its call.',
  subject: 'store',
  data: z.object({
    action: z.string(),
    actionType: z.string(),
    agent: agentName,
    leaves: z.array(resourceKey).max(2_000),
    outcome: z.record(z.string(), z.unknown()).optional(),
    actionReason: z.string().max(200).optional(),
  }),
});
