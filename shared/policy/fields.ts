import { z } from 'zod';
import { RULE_LIMITS } from './rule-error.ts';
import { parseClockDuration, parseClockRange, parseDuration, UnitError } from './units.ts';

/** A text that a parser of units turns into its value; the parser's own words become the error. */
function parsed<Value>(parse: (text: string) => Value, about: string) {
  return z
    .string()
    .max(80)
    .transform((text, context): Value => {
      try {
        return parse(text);
      } catch (thrown) {
        context.addIssue(thrown instanceof UnitError ? thrown.message : String(thrown));
        return z.NEVER;
      }
    })
    .describe(about);
}

const duration = parsed(parseDuration, 'A length of time: 24h, 7 days, 4 business hours, 2 business days');
export const clockDuration = parsed(parseClockDuration, 'A length of time by the clock: 90m, 24h, 7 days');
export const clockRange = parsed(parseClockRange, 'A span of the day: 22:00-07:00');

/** Ids and names of our own making. */
export const name = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'write it in small letters, digits and hyphens, such as big-conflict')
  .max(60);

/** A condition in CEL; compiled by the rule's kind, which knows what it may look at. */
export const condition = z
  .string()
  .min(1)
  .max(RULE_LIMITS.conditionCharacters)
  .describe('A condition, such as impact.cash > £100');

/** One name or several. */
export const names = z
  .union([z.string().min(1).max(80), z.array(z.string().min(1).max(80)).min(1).max(RULE_LIMITS.listLength)])
  .transform((value): readonly string[] => (typeof value === 'string' ? [value] : value));

/** How people are asked; the block `ask` of a rule and of shop.yaml. */
export const ask = z
  .strictObject({
    tier: name.describe('Who is asked: a tier of shop.yaml'),
    within: duration.describe('How long they have: 4 business hours, 24h'),
    remind: z
      .union([z.literal(['halfway', 'never']), duration])
      .optional()
      .describe('When they are reminded: halfway (the default), never, or so long after the question'),
    // biome-ignore lint/suspicious/noThenProperty: `then` is the merchant's word; the object is data and is never awaited.
    then: name.optional().describe('The tier that is asked with the reminder'),
    default: z
      .enum(['nothing', 'proposed'])
      .optional()
      .describe('What happens without an answer: nothing (the default), or what the rules would do'),
  })
  .describe('Whom to ask, until when, and what happens without an answer');

export type AskSpec = z.infer<typeof ask>;

/** What every rule has. */
export const ruleHead = {
  id: name.describe('Unique in all files; decisions name it'),
  why: z.string().min(1).max(300).describe('The reason in a sentence; people read it with every decision'),
} as const;

export const scope = z
  .strictObject({
    action: names.optional().describe('Action types such as price.set'),
    category: names.optional().describe('Product categories'),
    sku: names.optional().describe('Single SKUs'),
    agent: names.optional().describe('Agents such as pricing'),
    objective: names.optional().describe('Objectives such as margin'),
    season: names.optional().describe('Only in these seasons of shop.yaml'),
  })
  .describe('To what the rule applies; without it, to everything');

export type Scope = z.infer<typeof scope>;
