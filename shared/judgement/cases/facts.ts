import type { Fact, FactValues } from '#shared/contracts/facts.ts';
import { kindOf, type ResourceKey, resourceKey } from '#shared/contracts/resource.ts';
import { dayNumber } from '#shared/kernel/time.ts';
import { inside, type Place, readFields } from './fields.ts';
import { readTime, readWritten, type Terms } from './values.ts';

/**
 * How each fact is written in a case: `price: £10`, `available: 40`, `sold: 10 a day`; a group by its fields; a `set` by
 * name, each member by its fields.
 */
type Form =
  | 'price'
  | 'money'
  | 'number'
  | 'text'
  | 'list'
  | 'available'
  | 'daily'
  | { readonly group: readonly string[] }
  | { readonly set: readonly string[] };

const FORMS: Readonly<Record<keyof FactValues, Form>> = {
  title: 'text',
  category: 'text',
  product: { group: ['product', 'variant', 'inventoryItem'] },
  price: 'price',
  cost: 'price',
  'price-history': { set: ['minor'] },
  map: 'price',
  'feed-price': 'price',
  lifecycle: 'text',
  stock: 'number',
  available: 'available',
  sold: 'daily',
  views: 'daily',
  contacted: 'daily',
  supplier: 'text',
  'stock-out': { group: ['available', 'unitsPerDay', 'coverDays', 'leadTimeDays'] },
  'reorder-plan': { group: ['units', 'supplier', 'expectedAt'] },
  terms: { group: ['leadTimeDays', 'leadTimeSdDays', 'minimumOrderUnits'] },
  delay: { group: ['days', 'skus'] },
  'supply-delay': { group: ['until'] },
  contents: 'list',
  'competitor-prices': { set: ['minor', 'currency', 'at'] },
  promotions: { set: ['title', 'discountBasisPoints', 'startsAt', 'endsAt'] },
  'restock-subscribers': { set: ['at'] },
  placed: { group: ['at', 'name', 'customer', 'currency', 'totalMinor', 'units', 'lines', 'promisedAt', 'test'] },
  lines: 'list',
  paid: { group: ['at', 'minor'] },
  cancelled: { group: ['at', 'reason'] },
  fulfilled: { group: ['at', 'carrier', 'complete'] },
  shipment: { group: ['status', 'carrier', 'estimatedAt', 'promisedAt', 'at'] },
  risk: { group: ['level', 'signals'] },
  dispute: { group: ['state', 'minor'] },
  held: { group: ['handle', 'held', 'reason'] },
  holds: { set: ['at', 'reason'] },
  label: { group: ['at', 'carrier'] },
  damaged: { group: ['at'] },
  refunded: 'money',
  tags: 'list',
  orders: 'number',
  spent: { set: ['orders', 'minor'] },
  'last-order': { group: ['at', 'order'] },
  disputes: { set: ['at', 'state'] },
  late: { set: ['estimatedAt'] },
  coupons: { set: ['at'] },
  consent: { group: ['email'] },
  'price-plan': { group: ['method', 'fromMinor', 'toMinor', 'lowMinor', 'highMinor', 'referenceMinor'] },
  plan: { group: ['skus', 'discountBasisPoints', 'startsAt', 'endsAt'] },
  told: { set: ['at', 'about'] },
  complaint: { group: ['open', 'at', 'message'] },
};

/** Days of sales that `10 a day` stands for. */
const DAYS_OF_SALES = 28;
/** Every fact that a case gives has this version unless a later step gives it anew; an agent may have seen an older one. */
export const FIRST_VERSION = 2;

/** The facts of one resource as a case writes them. */
export function readFacts(
  name: string,
  written: Readonly<Record<string, unknown>>,
  before: ReadonlyMap<string, Fact>,
  terms: Terms,
  place: Place,
): Fact[] {
  const key = resourceKey.safeParse(name);
  if (!key.success) {
    place.source.report({ path: place.path.slice(0, -1), key: name }, `"${name}" is ${key.error.issues[0]?.message}`);
    return [];
  }
  return Object.entries(written).flatMap(([attribute, raw]) => {
    const form = FORMS[attribute as keyof FactValues];
    if (form === undefined) {
      const guess = { name: attribute, known: Object.keys(FORMS) };
      place.source.report({ path: place.path, key: attribute }, `unknown fact "${attribute}".`, guess);
      return [];
    }
    const value = readFact(form, raw, terms, inside(place, attribute));
    if (value === undefined) return [];
    const version = (before.get(factKey(key.data, attribute))?.version ?? FIRST_VERSION - 1) + 1;
    return [{ resource: key.data, attribute, value, version, time: terms.now }];
  });
}

export function factKey(resource: ResourceKey, attribute: string): string {
  return `${resource}\n${attribute}`;
}

function readFact(form: Form, raw: unknown, terms: Terms, place: Place): unknown {
  const { value, ending } = readWritten(raw, terms);
  const fault = (words: string) => {
    place.source.report({ path: place.path }, `${String(place.path.at(-1))} is written as ${words}`);
    return undefined;
  };
  if (typeof form === 'object') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault('a group of fields');
    if ('group' in form) return completed(readFields(value as never, form.group, terms, place), form.group, terms);
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        // Prices over time are named by their times.
        readTime(name, terms) ?? name,
        typeof member === 'object' && member !== null
          ? completed(readFields(member as never, form.set, terms, inside(place, name)), form.set, terms)
          : fault('members by name, each with its fields'),
      ]),
    );
  }
  if (form === 'price')
    return ending === 'Minor' ? { minor: value, currency: terms.currency } : fault('money, such as £12.50');
  if (form === 'money') return ending === 'Minor' ? value : fault('money, such as £12.50');
  if (form === 'text') return typeof value === 'object' ? fault('a word') : String(value);
  if (form === 'list') return Array.isArray(value) ? value : fault('a list');
  if (form === 'daily') return daily(raw, terms) ?? fault('a rate, such as 10 a day');
  if (typeof value !== 'number') return fault('a number');
  return form === 'number' ? value : { units: value, level: value, levelTime: terms.now, movements: [] };
}

/** What a group has in every case and nobody wants to write each time. */
function completed(fields: Record<string, unknown>, known: readonly string[], terms: Terms): unknown {
  const usual: Record<string, unknown> = { at: terms.now, currency: terms.currency, startsAt: terms.now };
  const missing = Object.keys(usual).filter((field) => known.includes(field) && fields[field] === undefined);
  return { ...Object.fromEntries(missing.map((field) => [field, usual[field]])), ...fields };
}

function daily(raw: unknown, terms: Terms): unknown {
  const rate = typeof raw === 'string' ? /^(\d{1,6}) a day$/.exec(raw.trim())?.[1] : undefined;
  if (rate === undefined) return undefined;
  const today = dayNumber(terms.now);
  return { firstDay: today - DAYS_OF_SALES + 1, counts: Array(DAYS_OF_SALES).fill(Number(rate)) };
}

/** The SKUs of each category that the facts name. */
export function categoriesOf(facts: Iterable<Fact>): Map<string, ResourceKey[]> {
  const found = new Map<string, ResourceKey[]>();
  for (const { resource, attribute, value } of facts) {
    if (attribute !== 'category' || kindOf(resource) !== 'sku') continue;
    found.set(String(value), [...(found.get(String(value)) ?? []), resource].sort());
  }
  return found;
}
