import type { Aspect } from '#shared/contracts/resource.ts';
import { checkAsk, type Person, type Tiers } from './asking.ts';
import type { Calendar } from './business-time.ts';
import type { AskSpec } from './fields.ts';
import type { Shop } from './policy.ts';
import { parseSchedule } from './schedule.ts';
import { reportIssues } from './schema-errors.ts';
import { type Seasons, seasonFault, seasonsOf } from './seasons.ts';
import { daysOf, type ShopFile, shopSchema } from './shop-schema.ts';
import type { Source } from './source.ts';
import { type ClockRange, UnitError } from './units.ts';
import { AGENTS, type Weekday } from './vocabulary.ts';

/** What rules need of the shop beside what the coordinator sees of it. */
export interface ShopModel {
  readonly shop: Shop;
  readonly calendar: Calendar;
  readonly tiers: Tiers;
  readonly ask: AskSpec;
  readonly agents: readonly string[];
  readonly seasons: Seasons;
  readonly budgets: NonNullable<ShopFile['budgets']>;
}

/** Those with a sign of their own first, so that of two guesses as good the likelier is made. */
const CURRENCIES: readonly string[] = ['GBP', 'EUR', 'USD', 'JPY', ...Intl.supportedValuesOf('currency')];

/** Reads shop.yaml; faults are reported to the source, and then there is no model. */
export function compileShop(source: Source): ShopModel | undefined {
  if (source.errors.length > 0) return undefined;
  const result = shopSchema.safeParse(source.data, { jitless: true });
  if (!result.success) {
    reportIssues(source, shopSchema, [], result.error.issues, source.data);
    return undefined;
  }
  const file = result.data;
  if (!CURRENCIES.includes(file.currency)) {
    // Said here once, and not at every amount in every file.
    const known = CURRENCIES;
    source.report({ path: ['currency'] }, `there is no currency "${file.currency}".`, { name: file.currency, known });
    return undefined;
  }
  const calendar: Calendar = { zone: file.zone, hours: hoursOf(source, file), holidays: new Set(file.holidays) };
  const tiers = tiersOf(source, file);
  checkAsk(source, ['ask'], file.ask, tiers);
  for (const [name, budget] of Object.entries(file.budgets ?? {})) {
    if (budget.ask) checkAsk(source, ['budgets', name, 'ask'], budget.ask, tiers);
  }
  const shop = shopOf(source, file, calendar);
  const seasons = seasonsIn(source, file, calendar);
  if (source.errors.length > 0) return undefined;
  const agents = [...AGENTS, ...(file.agents ?? [])];
  return { shop, calendar, tiers, ask: file.ask, agents, seasons, budgets: file.budgets ?? {} };
}

function shopOf(source: Source, file: ShopFile, calendar: Calendar): Shop {
  const { dwell = {} } = file;
  const schedules = Object.entries(file.schedules ?? {}).flatMap(([name, text]) => {
    try {
      return [{ name, next: parseSchedule(text, calendar) }];
    } catch (thrown) {
      if (!(thrown instanceof UnitError)) throw thrown;
      source.report({ path: ['schedules', name] }, thrown.message);
      return [];
    }
  });
  return {
    name: file.name,
    currency: file.currency,
    zone: file.zone,
    activation: file.activation,
    respectMs: file.respect,
    dwellMs: (aspect: Aspect) => dwell[aspect] ?? dwell.otherwise ?? 0,
    maxMailsPerDay: file.maxMails,
    schedules,
  };
}

function seasonsIn(source: Source, file: ShopFile, calendar: Calendar): Seasons {
  for (const [name, season] of Object.entries(file.seasons ?? {})) {
    const fault = seasonFault(season);
    if (fault !== undefined) source.report({ path: ['seasons', name] }, fault);
  }
  return seasonsOf(new Map(Object.entries(file.seasons ?? {})), calendar);
}

function hoursOf(source: Source, file: ShopFile): Calendar['hours'] {
  const hours: Partial<Record<Weekday, ClockRange>> = {};
  // Groups first, so that a single day's own line changes it.
  const lines = Object.entries(file.hours).sort(([a], [b]) => daysOf(b).length - daysOf(a).length);
  for (const [key, range] of lines) {
    if (!range) continue;
    if (range.from > range.to)
      source.report({ path: ['hours', key] }, 'business hours must end on the day on which they begin');
    for (const day of daysOf(key)) hours[day] = range;
  }
  if (Object.keys(hours).length === 0)
    source.report({ path: ['hours'] }, 'the shop is never open; give at least one day');
  return hours;
}

function tiersOf(source: Source, file: ShopFile): Tiers {
  const tiers = new Map<string, readonly Person[]>();
  const known = [...new Set(file.people.flatMap((person) => [person.name, ...person.roles]))];
  for (const [tier, members] of Object.entries(file.tiers)) {
    for (const member of members) {
      if (!known.includes(member)) {
        source.report({ path: ['tiers', tier] }, `nobody is called or has the role "${member}".`, {
          name: member,
          known,
        });
      }
    }
    tiers.set(
      tier,
      file.people.filter((person) => members.some((member) => member === person.name || person.roles.includes(member))),
    );
  }
  if (tiers.size === 0) source.report({ path: ['tiers'] }, 'there must be at least one tier to ask');
  return tiers;
}
