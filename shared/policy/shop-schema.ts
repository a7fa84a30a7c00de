import { z } from 'zod';
import { ASPECTS } from '#shared/contracts/resource.ts';
import { isDate, isZone } from './business-time.ts';
import { ask, clockDuration, clockRange, name, names } from './fields.ts';
import { MEASURES, type MeasureName, WEEKDAYS } from './vocabulary.ts';

export const SHOP_FILE = 'shop.yaml';

const DAY_GROUPS = ['weekdays', 'weekend', 'every-day'] as const;

const holiday = z
  .string()
  .refine(
    (text) => isDate(/^\d{2}-\d{2}$/.test(text) ? `2000-${text}` : text),
    'write a date such as 2011-12-26, or 12-25 for every year',
  );

const person = z.strictObject({
  name: z.string().min(1).max(60),
  address: z.email('write a mail address such as owner@example.com').max(200),
  roles: z.array(name).min(1).describe('What the person may be asked about; tiers name these'),
});

const budget = z.strictObject({
  amount: z.string().max(40).describe('What may be spent before a person is asked: £400'),
  over: clockDuration.describe('In which rolling time: 24h'),
  counts: names.describe('Action types that spend it'),
  measure: z
    .enum(Object.keys(MEASURES) as [MeasureName, ...MeasureName[]])
    .optional()
    .describe('cash, unless said otherwise'),
  ask: ask.optional(),
});

/** The file shop.yaml: who the shop is, when it is open, and who can be asked. */
export const shopSchema = z.strictObject({
  name: z.string().min(1).max(80),
  currency: z.string().regex(/^[A-Z]{3}$/, 'write three capital letters such as GBP'),
  zone: z
    .string()
    .max(60)
    .refine(isZone, 'not a time zone; write for example Europe/London')
    .describe('Time zone in which the hours are meant'),
  hours: z
    .partialRecord(z.enum([...WEEKDAYS, ...DAY_GROUPS]), clockRange)
    .describe('Business hours; a day without a line is closed'),
  holidays: z.array(holiday).max(200).optional(),
  seasons: z
    .record(name, z.strictObject({ from: z.string().max(10), to: z.string().max(10) }))
    .optional()
    .describe('Seasons that rules can name: { from: 11-15, to: 12-24 } every year, or dates such as 2011-11-15'),
  agents: z.array(name).max(50).optional().describe('Agents beside those of the house'),
  budgets: z.record(name, budget).optional(),
  people: z.array(person).min(1).max(100),
  tiers: z.record(name, names).describe('Who is asked: names or roles of people'),
  ask: ask.describe('How people are asked where a rule does not say it'),
  activation: z
    .enum(['on-save', 'by-hand'])
    .describe('Whether a valid saved file counts at once, or when somebody activates it'),
  respect: clockDuration.describe("How long agents leave a person's own change alone"),
  dwell: z
    .partialRecord(z.enum([...ASPECTS, 'otherwise']), clockDuration)
    .optional()
    .describe('How long a value is kept before an agent may change it again'),
  maxMails: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .describe('Mails to one person a day; further questions wait on the page'),
  schedules: z
    .record(name, z.string().max(60))
    .optional()
    .describe('at 06:00, monday at 07:00, weekdays at 06:00, every 4h'),
  end: z.literal(true),
});

export type ShopFile = z.infer<typeof shopSchema>;

/** The weekdays that a line of `hours` names. */
export function daysOf(key: string): readonly (typeof WEEKDAYS)[number][] {
  if (key === 'weekdays') return WEEKDAYS.slice(0, 5);
  if (key === 'weekend') return WEEKDAYS.slice(5);
  return key === 'every-day' ? WEEKDAYS : WEEKDAYS.filter((day) => day === key);
}
