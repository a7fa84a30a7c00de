import { z } from 'zod';
import { agentName } from '../fields.ts';
import { resourceKey } from '../resource.ts';
import { defineEvent } from './define.ts';

export const actionDone = defineEvent({
  type: 'action.done',
  about: 'The executor carried an action out.',
  subject: 'store',
  data: z.object({
    action: z.string(),
    actionType: z.string(),
    agent: agentName,
    leaves: z.array(resourceKey).max(2_000),
    outcome: z.record(z.string(), z.unknown()).optional(),
    actionReason: z.string().max(200).optional(),
  }),
  facts: (event) => [
    ...(event.data.actionType === 'notice.send' || event.data.actionType === 'campaign.send'
      ? event.data.leaves.map((leaf) => ({ fold: 'daily', resource: leaf, attribute: 'contacted', by: 1 }) as const)
      : []),
  ],
});
