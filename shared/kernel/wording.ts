import { formatMoney } from './money.ts';
import { line } from './plain-text.ts';
import type { Instant } from './time.ts';

/** Pure: values as people read them, on pages and in mails. Everything here returns plain text; templates escape it. */

export function count(value: number | undefined): string {
  return (value ?? 0).toLocaleString('en-GB');
}

/** What is opened of a store that watches; `*` stands for every agent, or every kind of action. */
export const areaText = ({ agent, action }: { readonly agent: string; readonly action: string }) =>
  agent === '*' && action === '*'
    ? 'everything'
    : agent === '*'
      ? `${action} by every agent`
      : action === '*'
        ? `all of ${agent}`
        : `${agent} ${action}`;

const formats = new Map<string, Intl.DateTimeFormat>();

/** One that is kept, because making it is dear; an unknown zone reads as UTC. */
export function timeFormat(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    try {
      format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone, hourCycle: 'h23' });
    } catch {
      format = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC', hourCycle: 'h23' });
    }
    formats.set(key, format);
  }
  return format;
}

/** `3 Oct 14:03`: for a replayed store, whose days pass in seconds. */
export function dayTime(at: Instant, zone: string): string {
  return timeFormat(zone, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
    .format(new Date(at))
    .replace(',', '');
}

const WHOLE_WORDS: Readonly<Record<string, string>> = {
  skus: 'SKUs',
  sku: 'SKU',
};

/** `expectedAt` to `expected`, `minimumOrderUnits` to `minimum order units`. */
export function words(name: string): string {
  return (
    WHOLE_WORDS[name] ??
    name
      .replace(/(?:Minor|BasisPoints|At)$/, '')
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
  );
}

/** One value by the unit that its name ends in; undefined for what is not worth a line. */
export function field(name: string, value: unknown, currency: string, zone: string): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (typeof value === 'number') {
    if (/(?:^m|M)inor$/.test(name)) return formatMoney(value, currency);
    if (/(?:^b|B)asisPoints$/.test(name)) return `${value / 100} %`;
    return count(value);
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : listText(value);
  if (typeof value !== 'string') return line(value, 120);
  return /^\d{4}-\d{2}-\d{2}T.*Z$/.test(value) ? dayTime(value, zone) : line(value, 160);
}

function listText(values: readonly unknown[]): string {
  const scalars = values.every((value) => typeof value !== 'object');
  return scalars && values.length <= 4 ? values.map((value) => line(value, 40)).join(', ') : count(values.length);
}

/** What a person looks for first; the rest follows as it comes. */
const FIRST = [
  'priceMinor',
  'discountBasisPoints',
  'amountMinor',
  'units',
  'level',
  'totalMinor',
  'topic',
  'holdReason',
  'cancelReason',
  'startsAt',
  'endsAt',
];

function inOrder(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  const rank = (name: string) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);
  return Object.entries(values).sort(([a], [b]) => rank(a) - rank(b));
}

function named(name: string, text: string): string {
  if (name === 'units') return `${text} units`;
  // An event that is about one amount says it without a name.
  return name === 'minor' ? text : `${words(name)} ${text}`;
}

/** Up to `most` of an object's values, each with its name, but for those that are dull or that the resource says already. */
export function gist(
  values: Readonly<Record<string, unknown>>,
  resource: string,
  currency: string,
  zone: string,
  most: number,
  dull: ReadonlySet<string>,
): string[] {
  const money = typeof values.currency === 'string' ? values.currency : currency;
  const parts: string[] = [];
  for (const [name, value] of inOrder(values)) {
    if (parts.length >= most) break;
    if (dull.has(name) || resource === value || resource.endsWith(`:${String(value)}`)) continue;
    if (typeof value === 'object' && !Array.isArray(value)) continue;
    const text = name === 'hash' ? String(value).slice(0, 12) : field(name, value, money, zone);
    if (text !== undefined) parts.push(named(name, text));
  }
  return parts;
}

const NOT_IN_SUMMARY = new Set(['currency', 'text', 'subject', 'note', 'handle', 'proposal', 'answer', 'test']);

/** What an action would do, in a few words: `price £3.25`, `discount 15 %, starts 3 Oct 09:00`. Names that the resource carries are left out. */
export function paramsText(
  params: Readonly<Record<string, unknown>>,
  resource: string,
  currency: string,
  zone: string,
  most = 3,
): string {
  return gist(params, resource, currency, zone, most, NOT_IN_SUMMARY).join(' · ');
}

/** Where an action stands, and why: `failed (no-address)`. */
export function actionText(state: string, reason: string | null | undefined): string {
  if (state === 'revoked' && reason === 'watch') return 'not carried out: the store only watches';
  return reason ? `${state} (${line(reason, 200)})` : state;
}

const MEASURES: Readonly<Record<string, string>> = {
  revenueMinor: 'revenue',
  marginMinor: 'margin',
  cashMinor: 'cash',
  units: 'units',
  customers: 'customers',
};

export function measureName(measure: string): string {
  return MEASURES[measure] ?? words(measure);
}

/** The figures of an impact or a stake that are not zero, largest claim to attention first. */
export function impactParts(
  impact: Readonly<Record<string, unknown>> | undefined,
  currency: string,
): { readonly name: string; readonly text: string; readonly isMoney: boolean }[] {
  return Object.keys(MEASURES).flatMap((key) => {
    const value = impact?.[key];
    if (typeof value !== 'number' || value === 0) return [];
    const isMoney = key.endsWith('Minor');
    return [{ name: MEASURES[key]!, isMoney, text: isMoney ? formatMoney(value, currency) : count(value) }];
  });
}

/** `£2,412.00 of revenue, 790 units` */
export function impactText(impact: Readonly<Record<string, unknown>> | undefined, currency: string): string {
  return impactParts(impact, currency)
    .map(({ name, text, isMoney }) => (isMoney ? `${text} of ${name}` : `${text} ${name}`))
    .join(', ');
}
