import { z } from 'zod';
import { agentName, instant, reason, text, values } from './fields.ts';
import { resourceKey } from './resource.ts';

/** A fact that an intent rests on, with the version that the agent saw. */
export const citation = z.strictObject({
  resource: resourceKey,
  attribute: text(40),
  version: z.number().int().min(0),
});

/** A numeric parameter that the agent allows the coordinator to move, with the range that still serves it. */
export const flex = z.strictObject({
  param: text(40),
  min: z.number().int(),
  max: z.number().int(),
});

/** What an agent wants to do and is not yet allowed to do. `params` are validated by the action type's own contract. */
export const intent = z.strictObject({
  action: text(40),
  /** What it is for: one of the objectives that the manifest allows for this action. Objectives are ranked by the rule files. */
  objective: text(40),
  params: values,
  flex: flex.optional(),
  reason,
  cites: z.array(citation).max(64),
  replaces: text(120).optional(),
});

/** An event of the agent's own that its answer carries; `data` is validated by the event type's contract. */
export const announcement = z.strictObject({
  type: text(60),
  subject: resourceKey,
  data: values,
});

/** An agent's one reply to one event. Strict: a key that nobody knows makes it malformed, and a malformed answer is a pass. */
export const answer = z.strictObject({
  event: z.uuid(),
  seq: z.number().int().positive(),
  part: z.literal([1, 2]),
  /** Digest of the manifest that the agent runs under; answers under another than the one in force are not judged. */
  digest: text(64),
  now: instant,
  intents: z.array(intent).max(64),
  announcements: z.array(announcement).max(64),
  /** Why there is no intent, where there is none. */
  pass: text(200).optional(),
  /** A second part may come; the round does not wait for it, and whoever reads the decision is told. */
  more: z.boolean().optional(),
});

export type Citation = z.infer<typeof citation>;
export type Intent = z.infer<typeof intent>;
export type Announcement = z.infer<typeof announcement>;
export type Answer = z.infer<typeof answer>;

/** What an agent may do and wants to hear; the row in `agents` is the one in force, never the agent's own word. */
export const manifest = z.strictObject({
  agent: agentName,
  version: z.string().max(20),
  description: z.string().max(400),
  skills: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      description: z.string(),
      tags: z.array(z.string()),
      examples: z.array(z.string()),
    }),
  ),
  answers: z.array(z.string()),
  /** Action types with the objectives each may serve and a cap on how many intents of it one answer may carry. */
  actions: z.array(
    z.strictObject({
      type: z.string(),
      objectives: z.array(z.string()).min(1),
      maxPerAnswer: z.number().int().positive().max(64),
    }),
  ),
  announces: z.array(z.string()),
  /** Attributes of facts that it reads. Personal facts are named one by one. */
  reads: z.array(z.string()),
});

export type Manifest = z.infer<typeof manifest>;

/** What an agent's `decide` returns; the runtime makes the answer of it. */
export interface Proposal {
  readonly intents: readonly Intent[];
  readonly announcements: readonly Announcement[];
  readonly pass?: string;
}
