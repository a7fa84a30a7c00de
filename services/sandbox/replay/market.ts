import { categoryOf } from '../catalogue/categories.ts';
import type { Draw } from '../catalogue/draw.ts';
import type { Catalogue, Variant } from '../catalogue/goods.ts';
import type { Customer } from '../catalogue/people.ts';
import type { Step } from '../world/steps.ts';
import type { Sale } from './plan.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const COMPETITORS = ['north-gifts', 'harbour-home'];
const COMPETITOR_SIGMA = 0.08;
const COMPETITOR_CHANGES_A_DAY = 10;
const SPIKES_A_DAY = 4;
const REQUESTS_A_DAY = 8;
const STANDING_ORDER_SHARE = 0.25;
const STANDING_ORDER_DAYS = 14;

interface Day {
  readonly startMs: number;
  readonly units: Map<Variant, number>;
}

/** What the file does not tell: competitors, traffic, campaigns, mentions, suppliers. Simulated from its sales, by the rules of docs/sandbox.md. */
export function marketSteps(
  catalogue: Catalogue,
  sales: readonly Sale[],
  customers: readonly Customer[],
  draw: Draw,
): Step[] {
  if (sales.length === 0) return [];
  const days = daysOf(sales);
  const popular = [...catalogue.bySku.values()]
    .filter((variant) => variant.dailyUnits > 0)
    .sort((a, b) => b.dailyUnits - a.dailyUnits || (a.sku < b.sku ? -1 : 1));
  const arrivals = standingOrders(catalogue, days, draw);
  return [
    ...arrivals,
    ...days.flatMap((day, index) => [
      ...competitorSteps(day, popular, draw),
      ...trafficSteps(day, draw),
      ...eventsOfDay(day, index, popular, customers, draw),
    ]),
    ...campaignSteps(days, draw),
    ...restockSteps(catalogue, days, arrivals, sales, draw),
  ].map((step) => ({ ...step, atMs: Math.round(step.atMs) }));
}

function daysOf(sales: readonly Sale[]): Day[] {
  const first = Math.floor(sales[0]!.atMs / DAY_MS);
  const last = Math.floor(sales.at(-1)!.atMs / DAY_MS);
  const days = Array.from(
    { length: last - first + 1 },
    (_, index): Day => ({ startMs: (first + index) * DAY_MS, units: new Map() }),
  );
  for (const sale of sales) {
    const { units } = days[Math.floor(sale.atMs / DAY_MS) - first]!;
    for (const line of sale.order.lines) units.set(line.variant, (units.get(line.variant) ?? 0) + line.units);
  }
  return days;
}

function competitorSteps(day: Day, popular: readonly Variant[], draw: Draw): Step[] {
  const steps: Step[] = [];
  const seen = new Set<string>();
  for (let n = 0; n < Math.min(COMPETITOR_CHANGES_A_DAY, popular.length); n++) {
    const name = `competitor|${day.startMs}|${n}`;
    // Squared, so that goods that sell well are watched more.
    const variant = popular[Math.floor(draw.unit(name) ** 2 * popular.length)]!;
    const competitor = draw.pick(`${name}|who`, COMPETITORS);
    const ref = `${day.startMs}|${competitor}|${variant.sku}`;
    if (seen.has(ref)) continue;
    seen.add(ref);
    const priceMinor = Math.max(
      1,
      Math.round(variant.priceMinor * Math.exp(COMPETITOR_SIGMA * draw.normal(`${name}|price`))),
    );
    const data = { sku: variant.sku, competitor, priceMinor, currency: 'GBP' };
    steps.push({
      kind: 'world',
      atMs: day.startMs + (6 + 16 * draw.unit(`${name}|at`)) * HOUR_MS,
      ref,
      type: 'competitor.price-changed',
      key: `sku:${variant.sku}`,
      data,
    });
  }
  return steps;
}

/** A day on which far more than usual was sold had its visitors before: views rise at seven, by the same factor. */
function trafficSteps(day: Day, draw: Draw): Step[] {
  return [...day.units]
    .filter(([variant, units]) => units >= 30 && units >= 4 * variant.dailyUnits)
    .sort(([a, x], [b, y]) => y / b.dailyUnits - x / a.dailyUnits || (a.sku < b.sku ? -1 : 1))
    .slice(0, SPIKES_A_DAY)
    .map(([variant, units], place): Step => {
      const baselineViews = Math.max(20, Math.round(variant.dailyUnits * 12));
      const views = Math.round(
        Math.min(50, units / variant.dailyUnits) *
          baselineViews *
          (0.8 + 0.4 * draw.unit(`views|${day.startMs}|${variant.sku}`)),
      );
      const data = { sku: variant.sku, views, baselineViews, windowMinutes: 60 };
      return {
        kind: 'world',
        atMs: day.startMs + 7 * HOUR_MS + place,
        ref: `${day.startMs}|${variant.sku}`,
        type: 'traffic.spiked',
        key: `sku:${variant.sku}`,
        data,
      };
    });
}

/** One mention a day, a changed consent every other day, a late supplier twice a week. */
function eventsOfDay(
  day: Day,
  index: number,
  popular: readonly Variant[],
  customers: readonly Customer[],
  draw: Draw,
): Step[] {
  const name = `day|${day.startMs}`;
  const ref = String(day.startMs);
  const steps: Step[] = [];
  const variant = draw.pick(`${name}|sku`, popular.slice(0, 300));
  const mention = {
    sku: draw.chance(`${name}|shop`, 0.2) ? null : variant.sku,
    source: draw.pick(`${name}|source`, ['blog', 'forum', 'photo-site']),
    sentiment: draw.pick(`${name}|sentiment`, ['positive', 'positive', 'neutral', 'negative']),
    reach: draw.whole(`${name}|reach`, 100, 50_000),
  };
  steps.push({
    kind: 'world',
    atMs: day.startMs + 11 * HOUR_MS,
    ref,
    type: 'mention.detected',
    key: `sku:${variant.sku}`,
    data: mention,
  });
  const known = customers.slice(0, Math.max(1, Math.floor(((index + 1) / 40) * customers.length)));
  if (index % 2 === 1 && known.length > 0) {
    const customer = draw.pick(`${name}|consent`, known);
    steps.push({ kind: 'consent', atMs: day.startMs + 20 * HOUR_MS, ref, customer, subscribed: !customer.subscribed });
  }
  if (index % 7 === 2 || index % 7 === 5) {
    const { supplier } = variant;
    const skus = popular
      .filter((other) => other.supplier === supplier)
      .slice(0, 20)
      .map((other) => other.sku);
    const data = { supplier, skus, delayDays: draw.whole(`${name}|delay`, 2, 10) };
    steps.push({
      kind: 'world',
      atMs: day.startMs + 9 * HOUR_MS,
      ref,
      type: 'supplier.delayed',
      key: `supplier:${supplier}`,
      data,
    });
  }
  return steps;
}

/** Each Monday the calendar gets the top decile of growth of the week before over the one before that, as two campaigns by category. */
function campaignSteps(days: readonly Day[], draw: Draw): Step[] {
  const steps: Step[] = [];
  for (const [index, day] of days.entries()) {
    if (new Date(day.startMs).getUTCDay() !== 1 || index < 7) continue;
    const week = unitsOver(days.slice(index - 7, index));
    const before = unitsOver(days.slice(Math.max(0, index - 14), index - 7));
    const growth = [...week]
      .filter(([, units]) => units >= 20)
      .map(([variant, units]) => ({ variant, growth: units / ((before.get(variant) ?? 0) + 10) }));
    growth.sort((a, b) => b.growth - a.growth || (a.variant.sku < b.variant.sku ? -1 : 1));
    const top = growth.slice(0, Math.ceil(growth.length / 10)).map((entry) => entry.variant);
    const groups = [...Map.groupBy(top, (variant) => categoryOf(variant.title))].sort(
      ([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1),
    );
    for (const [place, [category, members]] of groups.slice(0, 2).entries()) {
      const campaign = `week-${new Date(day.startMs).toISOString().slice(0, 10)}-${place + 1}`;
      const startsMs = day.startMs + 2 * DAY_MS;
      const data = {
        campaign,
        name: `${category} of the week`,
        skus: members.slice(0, 50).map((variant) => variant.sku),
        category: null,
        discountBasisPoints: draw.pick(`discount|${campaign}`, [1_000, 1_500, 2_000]),
        startsAt: new Date(startsMs).toISOString(),
        endsAt: new Date(startsMs + 4 * DAY_MS).toISOString(),
        audience: place === 0 ? 'subscribers' : 'none',
      };
      steps.push({
        kind: 'world',
        atMs: day.startMs + 8 * HOUR_MS + place,
        ref: campaign,
        type: 'campaign.scheduled',
        key: `campaign:${campaign}`,
        data,
      });
    }
  }
  return steps;
}

function unitsOver(days: readonly Day[]): Map<Variant, number> {
  const sum = new Map<Variant, number>();
  for (const day of days) for (const [variant, units] of day.units) sum.set(variant, (sum.get(variant) ?? 0) + units);
  return sum;
}

/** A quarter of the SKUs have a standing order: two weeks of demand, every four weeks, from a day of their own. */
function standingOrders(catalogue: Catalogue, days: readonly Day[], draw: Draw): (Step & { kind: 'arrival' })[] {
  const steps: (Step & { kind: 'arrival' })[] = [];
  for (const variant of catalogue.bySku.values()) {
    if (variant.dailyUnits < 0.5 || !draw.chance(`standing|${variant.sku}`, STANDING_ORDER_SHARE)) continue;
    for (let day = draw.whole(`standing-day|${variant.sku}`, 7, 20); day < days.length; day += 28) {
      const atMs = days[day]!.startMs + 7 * HOUR_MS + draw.whole(`standing-at|${variant.sku}`, 0, HOUR_MS);
      const purchaseOrder = `standing-${variant.sku}-${day}`;
      steps.push({
        kind: 'arrival',
        atMs,
        ref: purchaseOrder,
        variant,
        units: Math.ceil(STANDING_ORDER_DAYS * variant.dailyUnits),
        purchaseOrder,
      });
    }
  }
  return steps;
}

/** Goods that ran out in the plan are asked for, at most every third day each, by somebody who bought that day. */
function restockSteps(
  catalogue: Catalogue,
  days: readonly Day[],
  arrivals: readonly (Step & { kind: 'arrival' })[],
  sales: readonly Sale[],
  draw: Draw,
): Step[] {
  const steps: Step[] = [];
  const levels = new Map([...catalogue.bySku.values()].map((variant) => [variant, variant.startStock]));
  const askedOn = new Map<Variant, number>();
  const arrivalsOf = Map.groupBy(arrivals, (step) => Math.floor(step.atMs / DAY_MS) * DAY_MS);
  const buyersOf = Map.groupBy(
    sales.filter((sale) => sale.customer !== null),
    (sale) => Math.floor(sale.atMs / DAY_MS) * DAY_MS,
  );
  for (const [index, day] of days.entries()) {
    for (const step of arrivalsOf.get(day.startMs) ?? [])
      levels.set(step.variant, levels.get(step.variant)! + step.units);
    for (const [variant, units] of day.units) levels.set(variant, levels.get(variant)! - units);
    const buyers = buyersOf.get(day.startMs) ?? [];
    if (buyers.length === 0) continue;
    const out = [...day.units.keys()].filter(
      (variant) => levels.get(variant)! <= 0 && index - (askedOn.get(variant) ?? -9) >= 3,
    );
    for (const variant of out
      .sort((a, b) => b.dailyUnits - a.dailyUnits || (a.sku < b.sku ? -1 : 1))
      .slice(0, REQUESTS_A_DAY)) {
      askedOn.set(variant, index);
      const customer = draw.pick(`restock|${day.startMs}|${variant.sku}`, buyers).customer!;
      const atMs = day.startMs + (18 + 4 * draw.unit(`asked|${day.startMs}|${variant.sku}`)) * HOUR_MS;
      steps.push({ kind: 'restock-wanted', atMs, ref: `${day.startMs}|${variant.sku}`, variant, customer });
    }
  }
  return steps;
}
