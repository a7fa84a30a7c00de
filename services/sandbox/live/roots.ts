import type { Draw } from '../catalogue/draw.ts';
import type { Catalogue, Variant } from '../catalogue/goods.ts';
import { orderId } from '../catalogue/identity.ts';
import { deriveCustomer } from '../catalogue/people.ts';
import { orderOf, stepsOfOrder } from '../world/expand.ts';
import type { OrderRoot } from '../world/order.ts';
import type { Pace, Step } from '../world/steps.ts';

/** Five minutes of trading are a day of parcels, suppliers and payments. */
export const LIVE_PACE: Pace = { dayMs: 5 * 60_000 };

/** What is written down of live trading. All webhooks of a root follow from it by rule. */
export type Root = { readonly n: number; readonly atMs: number } & (
  | {
      readonly kind: 'order';
      readonly order: OrderRoot;
      readonly first: boolean;
      readonly fate: 'usual' | 'late' | 'withdrawn' | 'returned';
    }
  | { readonly kind: 'stock'; readonly sku: string; readonly units: number; readonly what: 'write-off' | 'arrival' }
  | { readonly kind: 'restock'; readonly sku: string; readonly customer: string }
  | { readonly kind: 'consent'; readonly customer: string; readonly subscribed: boolean }
  | { readonly kind: 'world'; readonly type: string; readonly key: string; readonly data: unknown }
);

type Kind =
  | 'order'
  | 'competitor'
  | 'traffic'
  | 'mention'
  | 'write-off'
  | 'arrival'
  | 'restock'
  | 'campaign'
  | 'supplier'
  | 'consent'
  | 'question';

/** Out of a hundred roots; about 7.5 roots a minute bring about 20 webhooks a minute. */
const WEIGHTS: readonly (readonly [Kind, number])[] = [
  ['order', 42],
  ['competitor', 22],
  ['traffic', 7],
  ['mention', 5],
  ['write-off', 5],
  ['arrival', 6],
  ['restock', 4],
  ['campaign', 2],
  ['supplier', 2],
  ['consent', 2],
  ['question', 3],
];
/** The first roots are set, so that every agent has something to decide within the first minute. */
const OPENING: readonly Kind[] = [
  'campaign',
  'order',
  'competitor',
  'order',
  'traffic',
  'order',
  'competitor',
  'write-off',
  'order',
  'restock',
  'supplier',
  'competitor',
];
const OPENING_LATE = 3;
export const OPENING_ROOTS = OPENING.length;
export const ROOTS_PER_MINUTE = 7.5;
const CUSTOMERS = 400;
const LIVE_ORDERS = 3_000_000;
const COMPETITORS = ['north-gifts', 'harbour-home'];

/** The n-th root, whatever came before: the same seed trades the same way, however often it is stopped. */
export function rootOf(
  n: number,
  atMs: number,
  catalogue: Catalogue,
  draw: Draw,
  level: (variant: Variant) => number,
): Root {
  const name = `root|${n}`;
  const kind = OPENING[n] ?? kindOf(draw.unit(`${name}|kind`));
  const variants = [...catalogue.bySku.values()];
  const variant = weighted(variants, draw.unit(`${name}|sku`));
  const customer = String(draw.whole(`${name}|customer`, 1, CUSTOMERS));
  switch (kind) {
    case 'order':
      return orderRoot(n, atMs, customer, variants, draw);
    case 'competitor':
    case 'traffic':
    case 'mention':
    case 'supplier':
    case 'question':
      return { n, atMs, kind: 'world', ...signalOf(kind, n, variant, variants, draw) };
    case 'write-off':
      return { n, atMs, kind: 'stock', what: 'write-off', sku: variant.sku, units: draw.whole(`${name}|units`, 1, 6) };
    case 'arrival': {
      const shortest = variants.reduce((best, each) => (cover(each, level) < cover(best, level) ? each : best));
      return { n, atMs, kind: 'stock', what: 'arrival', sku: shortest.sku, units: Math.ceil(shortest.dailyUnits * 10) };
    }
    case 'restock': {
      const shortest = variants.reduce((best, each) => (cover(each, level) < cover(best, level) ? each : best));
      return { n, atMs, kind: 'restock', sku: shortest.sku, customer };
    }
    case 'campaign':
      return campaignRoot(n, atMs, catalogue, draw);
    case 'consent':
      return { n, atMs, kind: 'consent', customer, subscribed: draw.chance(`${name}|yes`, 0.5) };
  }
}

interface Signal {
  readonly type: string;
  readonly key: string;
  readonly data: unknown;
}

/** News from outside the shop about one of its goods. */
function signalOf(
  kind: 'competitor' | 'traffic' | 'mention' | 'supplier' | 'question',
  n: number,
  variant: Variant,
  variants: readonly Variant[],
  draw: Draw,
): Signal {
  const name = `root|${n}`;
  const world = (type: string, key: string, data: unknown): Signal => ({ type, key, data });
  switch (kind) {
    case 'competitor': {
      const sigma = n < OPENING.length ? 0.2 : 0.08;
      const factor = Math.exp(
        -Math.abs(draw.normal(`${name}|price`)) * sigma * (draw.chance(`${name}|up`, 0.4) ? -1 : 1),
      );
      const data = {
        sku: variant.sku,
        competitor: draw.pick(`${name}|who`, COMPETITORS),
        priceMinor: Math.max(1, Math.round(variant.priceMinor * factor)),
        currency: 'GBP',
      };
      return world('competitor.price-changed', `sku:${variant.sku}`, data);
    }
    case 'traffic': {
      const baselineViews = Math.round(variant.dailyUnits * 12) + 20;
      return world('traffic.spiked', `sku:${variant.sku}`, {
        sku: variant.sku,
        views: baselineViews * draw.whole(`${name}|factor`, 4, 20),
        baselineViews,
        windowMinutes: 60,
      });
    }
    case 'mention': {
      const data = {
        sku: variant.sku,
        source: draw.pick(`${name}|source`, ['blog', 'forum', 'photo-site']),
        sentiment: draw.pick(`${name}|mood`, ['positive', 'positive', 'neutral', 'negative']),
        reach: draw.whole(`${name}|reach`, 100, 50_000),
      };
      return world('mention.detected', `sku:${variant.sku}`, data);
    }
    case 'supplier': {
      const skus = variants
        .filter((each) => each.supplier === variant.supplier)
        .slice(0, 20)
        .map((each) => each.sku);
      return world('supplier.delayed', `supplier:${variant.supplier}`, {
        supplier: variant.supplier,
        skus,
        delayDays: draw.whole(`${name}|days`, 2, 10),
      });
    }
    case 'question': {
      const data = {
        message: `live-${n}`,
        customer: null,
        order: null,
        channel: 'chat',
        topic: 'question',
        text: `Do you have the ${variant.title.toLowerCase()} in stock?`,
      };
      return world('message.received', `message:live-${n}`, data);
    }
  }
}

const cover = (variant: Variant, level: (variant: Variant) => number) => level(variant) / variant.dailyUnits;

function kindOf(unit: number): Kind {
  let rest = unit * WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of WEIGHTS) {
    rest -= weight;
    if (rest < 0) return kind;
  }
  return 'order';
}

function weighted(variants: readonly Variant[], unit: number): Variant {
  let rest = unit * variants.reduce((sum, variant) => sum + variant.dailyUnits, 0);
  for (const variant of variants) {
    rest -= variant.dailyUnits;
    if (rest < 0) return variant;
  }
  return variants.at(-1)!;
}

function orderRoot(n: number, atMs: number, customer: string, variants: readonly Variant[], draw: Draw): Root {
  const name = `root|${n}`;
  const trade = draw.chance(`${name}|trade`, 0.06);
  const count = trade ? draw.whole(`${name}|lines`, 8, 25) : draw.whole(`${name}|lines`, 1, 5);
  const lines = new Map<string, readonly [string, number, number]>();
  for (let line = 0; line < count; line++) {
    const variant = weighted(variants, draw.unit(`${name}|line|${line}`));
    const units = trade
      ? draw.pick(`${name}|units|${line}`, [6, 12, 24])
      : draw.pick(`${name}|units|${line}`, [1, 1, 1, 2, 2, 3]);
    // A wholesale tier: a tenth off from a dozen on.
    lines.set(variant.sku, [
      variant.sku,
      units,
      units >= 12 ? Math.round(variant.priceMinor * 0.9) : variant.priceMinor,
    ]);
  }
  const order: OrderRoot = {
    id: orderId(LIVE_ORDERS + n),
    name: `#L${String(n + 1).padStart(5, '0')}`,
    atMs,
    customer,
    country: draw.pick(`${name}|country`, [
      'United Kingdom',
      'United Kingdom',
      'United Kingdom',
      'United Kingdom',
      'EIRE',
      'France',
      'Germany',
    ]),
    lines: [...lines.values()],
    shippingMinor: trade ? 0 : 395,
  };
  const unit = draw.unit(`${name}|fate`);
  const fate =
    n === OPENING_LATE ? 'late' : unit < 0.06 ? 'withdrawn' : unit < 0.12 ? 'returned' : unit < 0.22 ? 'late' : 'usual';
  return { n, atMs, kind: 'order', order, first: draw.chance(`${name}|first`, 0.3), fate };
}

function campaignRoot(n: number, atMs: number, catalogue: Catalogue, draw: Draw): Root {
  const name = `root|${n}`;
  const { category } = draw.pick(`${name}|category`, catalogue.products);
  const skus = catalogue.products
    .filter((product) => product.category === category)
    .flatMap((product) => product.variants.map((variant) => variant.sku));
  const startsMs = atMs + (n < OPENING.length ? 30_000 : LIVE_PACE.dayMs);
  const data = {
    campaign: `live-${n}`,
    name: `${category} at their best`,
    skus: skus.slice(0, 50),
    category: draw.chance(`${name}|whole`, 0.5) ? category : null,
    discountBasisPoints: draw.pick(`${name}|discount`, [1_000, 1_500, 2_000]),
    startsAt: new Date(startsMs).toISOString(),
    endsAt: new Date(startsMs + 4 * LIVE_PACE.dayMs).toISOString(),
    audience: draw.pick(`${name}|audience`, ['subscribers', 'none']),
  };
  return { n, atMs, kind: 'world', type: 'campaign.scheduled', key: `campaign:live-${n}`, data };
}

/** Every step of a root, in the order of time. */
export function stepsOfRoot(root: Root, catalogue: Catalogue, draw: Draw): Step[] {
  const { n, atMs } = root;
  const ref = `live|${n}`;
  switch (root.kind) {
    case 'world':
      return [{ kind: 'world', atMs, ref, type: root.type, key: root.key, data: root.data }];
    case 'consent': {
      const customer = deriveCustomer(root.customer, 'United Kingdom', draw);
      return [{ kind: 'consent', atMs, ref, customer, subscribed: root.subscribed }];
    }
    case 'restock':
      return [
        {
          kind: 'restock-wanted',
          atMs,
          ref,
          variant: catalogue.bySku.get(root.sku)!,
          customer: deriveCustomer(root.customer, 'United Kingdom', draw),
        },
      ];
    case 'stock': {
      const variant = catalogue.bySku.get(root.sku)!;
      if (root.what === 'arrival')
        return [{ kind: 'arrival', atMs, ref, variant, units: root.units, purchaseOrder: `standing-live-${n}` }];
      return [
        {
          kind: 'write-off',
          atMs,
          ref,
          variant,
          units: root.units,
          cause: draw.pick(`${ref}|cause`, ['damaged', 'lost', 'check', 'other']),
        },
      ];
    }
    case 'order':
      return orderSteps(root, catalogue, draw);
  }
}

function orderSteps(root: Root & { kind: 'order' }, catalogue: Catalogue, draw: Draw): Step[] {
  const day = LIVE_PACE.dayMs;
  const customer = deriveCustomer(root.order.customer, root.order.country, draw);
  const order = orderOf(root.order, catalogue, customer, draw, LIVE_PACE);
  const steps: Step[] = [
    { kind: 'customer', atMs: root.atMs - 1, ref: customer.key, customer },
    ...stepsOfOrder(order, root.first, draw, LIVE_PACE),
  ];
  const ref = String(order.id);
  if (root.fate === 'withdrawn') steps.push({ kind: 'cancel', atMs: root.atMs + Math.round(day * 0.15), ref, order });
  if (root.fate === 'late' && !steps.some((step) => step.kind === 'transit' && step.status === 'delayed')) {
    // The carrier tells at once: somebody who watches the page sees it within the first minutes.
    const left = steps.find((step) => step.kind === 'fulfil')!;
    const carrier = left.kind === 'fulfil' ? left.carrier : '';
    steps.push({
      kind: 'transit',
      atMs: left.atMs + 20_000,
      ref: `${ref}|delayed`,
      order,
      carrier,
      status: 'delayed',
      estimatedAtMs: order.promisedAtMs + 2 * day,
    });
  }
  if (root.fate === 'returned') {
    const line = order.lines[0]!;
    const refund = {
      id: order.id - 4_100_000_000_000,
      orderId: order.id,
      order,
      otherMinor: 0,
      note: 'Returned',
      lines: [{ variant: line.variant, index: 0, units: 1, priceMinor: line.priceMinor, restocked: true }],
    };
    steps.push({ kind: 'refund', atMs: root.atMs + 4 * day, ref, refund });
  }
  return steps.sort((a, b) => a.atMs - b.atMs);
}
