import { z } from 'zod';

/** The coordinator's question as a mail shows it. What a mail can do without is optional, so that a question is never kept from a person. */
const askedBy = z.object({
  agent: z.string(),
  action: z.string(),
  resource: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
  reason: z.string().optional(),
});

const likeCase = z.union([z.string(), z.record(z.string(), z.unknown())]);

export const question = z.object({
  title: z.string(),
  summary: z.string().optional(),
  class: z.string().optional(),
  resources: z.array(z.string()).default([]),
  why: z.string().optional(),
  rule: z.string(),
  agents: z.array(askedBy).default([]),
  standing: z.array(askedBy).default([]),
  stake: z.object({ measure: z.string().optional(), text: z.string().optional() }).optional(),
  likeCases: z.array(likeCase).default([]),
});

export const options = z.array(z.object({ id: z.string(), label: z.string(), effect: z.string().optional() })).min(1);

export type Question = z.infer<typeof question>;
export type Options = z.infer<typeof options>;
