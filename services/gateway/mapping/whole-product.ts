import type { ResourceKey } from '#shared/contracts/resource.ts';
import { resource } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { LastEvent } from '#shared/store/deliveries/history.ts';
import { clean, present } from './fields.ts';
import { isNews } from './overtaken.ts';
import type { Known, Mapped, Said, Wanted } from './topic.ts';

/** A discount that the platform writes into the product itself. */
export interface Sale {
  readonly title: string;
  readonly discountBasisPoints: number;
  readonly startsAt: Instant;
  readonly endsAt?: Instant | undefined;
}

/** One variant as a platform shows it whole, in no platform's words. What a platform does not tell is left out. */
export interface WholeVariant {
  readonly sku: string;
  readonly title: string;
  readonly product: string;
  readonly variant: string;
  readonly inventoryItem: string;
  readonly lifecycle: 'active' | 'draft' | 'archived';
  readonly supplier?: string | undefined;
  readonly category?: string | undefined;
  readonly priceMinor?: number | undefined;
  readonly costMinor?: number | undefined;
  readonly stock?: { readonly level: number; readonly location?: string | undefined } | undefined;
  /** Null: it is on no sale. Absent: the platform does not say. */
  readonly sale?: Sale | null | undefined;
  readonly at: Instant;
  /** Which of the delivery's versions it belongs to. */
  readonly of?: string | undefined;
  /** Stock and cost move without the product's own time: they are as of the moment when they were read. */
  readonly readAt?: Instant | undefined;
  readonly stockOf?: string | undefined;
  readonly costOf?: string | undefined;
}

const TYPES = ['product.changed', 'category.changed', 'price.changed', 'cost.changed', 'stock.changed'] as const;

const saleOf = (variant: string) => `sale-${variant}`;

export const wantsOfVariants = (
  product: string,
  variants: readonly { readonly sku: string; readonly variant: string }[],
): Wanted => ({
  skus: [{ kind: 'product', id: product, last: ['product.changed'] }],
  last: variants.flatMap(({ sku }) => TYPES.map((type) => ({ subject: resource('sku', sku), type }))),
  promotions: variants.map(({ variant }) => saleOf(variant)),
});

/** What whole variants tell that differs from what was last said. Pure. */
export function sayVariants(variants: readonly WholeVariant[], known: Known, currency: string): Said[] {
  return variants.flatMap((variant) => [...saidOf(variant, known, currency), ...saleSaid(variant, known)]);
}

function saidOf(one: WholeVariant, known: Known, currency: string): Said[] {
  const subject = resource('sku', one.sku);
  const { product, variant, inventoryItem, supplier, lifecycle, category, priceMinor, costMinor } = one;
  const say = (type: string, data: Record<string, unknown>, time = one.at, of = one.of): Said[] => {
    const event = { type, subject, time, data, ...(of === undefined ? {} : { of }) };
    return isNews(event, known) ? [event] : [];
  };
  const description = { title: clean(one.title), product, variant, inventoryItem, supplier, lifecycle };
  return [
    ...say('product.changed', present(description)),
    ...(category === undefined ? [] : say('category.changed', { category })),
    ...(priceMinor === undefined ? [] : say('price.changed', { minor: priceMinor, currency })),
    ...(costMinor === undefined ? [] : say('cost.changed', { minor: costMinor, currency }, one.readAt, one.costOf)),
    ...stockSaid(one, known),
  ];
}

/**
 * The same level at a later time is news all the same: what was sold and came back in between is in it, and is taken off no
 * longer. What was read from the platform at a moment of its own is said only when it differs.
 */
function stockSaid({ sku, stock, at, of, readAt, stockOf }: WholeVariant, known: Known): Said[] {
  if (stock === undefined) return [];
  const subject = resource('sku', sku);
  const data = present({ ...stock });
  const last = known.last(subject, 'stock.changed');
  const isSame = last && canonicalJson(last.data as Json) === canonicalJson(data as Json);
  if (isSame && (readAt !== undefined || last.time >= at)) return [];
  const version = readAt === undefined ? of : (stockOf ?? of);
  return [
    { type: 'stock.changed', subject, time: readAt ?? at, data, ...(version === undefined ? {} : { of: version }) },
  ];
}

function saleSaid({ sku, variant, sale, at, of }: WholeVariant, known: Known): Said[] {
  if (sale === undefined) return [];
  const subject = resource('sku', sku);
  const promotion = saleOf(variant);
  const last = known.promotion(promotion).find((event) => event.subject === subject);
  const place = { type: 'promotion.changed', subject, time: at, ...(of === undefined ? {} : { of }) };
  if (sale === null) {
    return last?.data.active === true ? [{ ...place, data: { ...last.data, active: false } }] : [];
  }
  const data = present({ ...sale, promotion, active: true });
  const isKnown = last && canonicalJson(last.data as Json) === canonicalJson(data as Json);
  return isKnown ? [] : [{ ...place, data }];
}

/** SKUs of a product that it no longer has, or that went with it: nobody can buy them any more. */
export function sayGone(product: string, kept: readonly string[], known: Known, at: Instant): Said[] {
  return known
    .skus({ kind: 'product', id: product })
    .filter((sku) => !kept.includes(sku))
    .flatMap((sku) => archived(known.last(resource('sku', sku), 'product.changed'), product, at));
}

function archived(last: LastEvent | undefined, product: string, at: Instant): Said[] {
  if (!last || last.data.product !== product || last.data.lifecycle === 'archived') return [];
  return [
    {
      type: 'product.changed',
      subject: last.subject as ResourceKey,
      time: at,
      data: { ...last.data, lifecycle: 'archived' },
    },
  ];
}

/** A product that has no SKU cannot be named. */
export const orNothing = (events: readonly Said[], named: number): Mapped =>
  events.length > 0 ? { events } : { ignored: named === 0 ? 'no-sku' : 'nothing-new' };
