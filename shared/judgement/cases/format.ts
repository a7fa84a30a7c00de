import { z } from 'zod';
import { RULE_LIMITS } from '#shared/policy/rule-error.ts';

/** How a file of cases is written. What stands inside of intents, facts and events is read by their own contracts. */

const text = z.string().min(1).max(300);
const fields = z.record(z.string().max(80), z.unknown());
const one = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item).min(1).max(64)]);

/** `pricing: { price.set: { … }, objective: margin }`: what an agent wants, or several such in a list. */
const byAgent = z.record(z.string().max(40), one(fields));

const given = z.strictObject({
  now: z.string().max(40).optional(),
  facts: z.record(z.string().max(120), fields).optional(),
  claims: z.array(fields).max(64).optional(),
  rulings: z.array(fields).max(16).optional(),
  counted: z.record(z.string().max(60), z.union([z.string().max(40), z.number()])).optional(),
  voided: z.array(text).max(16).optional(),
});

const expectation = z.strictObject({
  granted: z.unknown().optional(),
  adjusted: z.unknown().optional(),
  merged: z.unknown().optional(),
  deferred: z.unknown().optional(),
  denied: z.unknown().optional(),
  escalated: z.unknown().optional(),
  by: z.string().max(60).optional(),
  because: text.optional(),
  covers: z.array(z.union([z.string(), z.number()])).optional(),
});

const effects = z.strictObject({
  revoked: one(text).optional(),
  ended: z.record(z.string().max(40), text).optional(),
  question: text.optional(),
  respected: one(text).optional(),
  'carried-out': one(text).optional(),
});

const asks = z.strictObject({
  tier: text.optional(),
  options: z.array(text).max(4).optional(),
  default: text.optional(),
});

const stepShape = {
  given: given.optional(),
  on: fields.optional(),
  intents: byAgent.optional(),
  expect: z.record(z.string().max(40), one(z.union([z.string().max(60), expectation]))).optional(),
  conflict: one(text).optional(),
  effects: effects.optional(),
  asks: asks.optional(),
} as const;

const step = z.strictObject({ after: z.string().max(40).optional(), ...stepShape });

export const caseSchema = z.strictObject({
  case: text.describe('What happens, in a sentence'),
  number: z.union([z.number().int(), z.string().max(40)]).optional(),
  ...stepShape,
  // biome-ignore lint/suspicious/noThenProperty: `then` is the merchant's word; the object is data and is never awaited.
  then: z.array(step).max(8).optional(),
});

export const caseFileSchema = z.strictObject({
  given: given.optional(),
  cases: z.array(z.unknown()).max(RULE_LIMITS.rules),
  end: z.literal(true),
});

export type WrittenGiven = z.infer<typeof given>;
export type WrittenStep = z.infer<typeof step>;
export type WrittenCase = z.infer<typeof caseSchema>;
export type WrittenExpectation = z.infer<typeof expectation>;
