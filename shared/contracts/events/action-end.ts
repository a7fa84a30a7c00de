import { z } from 'zod';
import { agentName } from '../fields.ts';
import { resourceKey } from '../resource.ts';

/** What every event about the end of an action says of it. */
export const actionEnd = z.object({
  action: z.string(),
  actionType: z.string(),
  agent: agentName,
  leaves: z.array(resourceKey).max(2_000),
  outcome: z.record(z.string(), z.unknown()).optional(),
  actionReason: z.string().max(200).optional(),
});
