import type { StandingClaim } from '#shared/agent/propose.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, dayNumber, plus } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';

export const NOW = '2011-10-20T12:00:00.000Z';
export const TODAY = dayNumber(NOW);
export type Values = Readonly<Record<string, unknown>>;

export function item(over: Values = {}, perDay = 5): Values {
  return {
    title: 'WHITE HANGING HEART',
    price: { minor: 255, currency: 'GBP' },
    cost: { minor: 140, currency: 'GBP' },
    lifecycle: 'active',
    available: { units: 400, level: 400, levelTime: NOW, movements: [] },
    stock: 400,
    sold: { firstDay: TODAY - 27, counts: Array.from({ length: 28 }, () => perDay) },
    ...over,
  };
}

export function person(over: Values = {}): Values {
  return {
    consent: { email: true },
    'last-order': { at: plus(NOW, -20 * DAY_MS), order: 'order:1' },
    ...over,
  };
}

export function brief(
  given: Readonly<Record<string, Values>>,
  claims: readonly StandingClaim[] = [],
  at = NOW,
): Briefing {
  const facts = Object.entries(given).flatMap(([key, values]) =>
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(
        ([attribute, value], index): Fact => ({
          resource: key as ResourceKey,
          attribute,
          value,
          version: index + 1,
          time: at,
        }),
      ),
  );
  const customers = Object.keys(given).filter((key) => key.startsWith('customer:')) as ResourceKey[];
  return { facts: factView(facts), claims, customers };
}

export function event(type: string, data: Values, subject: ResourceKey = 'sku:A'): Envelope {
  return {
    specversion: '1.0',
    id: '01932c07-0000-7000-8000-000000000001',
    source: 'test',
    type,
    subject,
    time: NOW,
    store: 'sandbox',
    seq: 1,
    now: NOW,
    correlationid: 'c',
    depth: 0,
    dataversion: 1,
    data,
  };
}

export const stock = (units: number) => ({
  available: { units, level: units, levelTime: NOW, movements: [] },
  stock: units,
});
export const campaign = (over: Values = {}) =>
  event(
    'campaign.scheduled',
    {
      name: 'Autumn',
      skus: ['A'],
      discountBasisPoints: 1_500,
      startsAt: plus(NOW, DAY_MS),
      endsAt: plus(NOW, 5 * DAY_MS),
      audience: 'subscribers',
      ...over,
    },
    'campaign:week-1',
  );
