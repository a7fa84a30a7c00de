import { z } from 'zod';
import { BASIS_POINTS } from '#shared/kernel/money.ts';
import { amount, clean, id, nearestMinor, sku, slugOf, text, time } from '../../mapping/fields.ts';
import { defineTopic, type MappingContext } from '../../mapping/topic.ts';
import {
  orNothing,
  type Sale,
  sayGone,
  sayVariants,
  type WholeVariant,
  wantsOfVariants,
} from '../../mapping/whole-product.ts';

const variant = z.object({
  id,
  sku,
  price: amount.nullish(),
  sale_price: amount.nullish(),
  cost_price: amount.nullish(),
  inventory_level: z.number().int().nullish(),
  option_values: z.array(z.object({ label: text.nullish() })).nullish(),
});

const product = z.object({
  id,
  name: text,
  sku,
  price: amount,
  sale_price: amount.nullish(),
  cost_price: amount.nullish(),
  inventory_level: z.number().int().nullish(),
  inventory_tracking: text.nullish(),
  is_visible: z.boolean().nullish(),
  availability: text.nullish(),
  date_created: time.nullish(),
  date_modified: time,
  variants: z.array(variant).nullish(),
});

/** V3 names categories and brands by number; the reader looks their names up. */
const fetched = z.object({ product, category: text.nullish(), brand: text.nullish(), readAt: time });

type Fetched = z.infer<typeof fetched>;
type Variant = z.infer<typeof variant>;

/** A simple product is its own base variant, which carries the product's SKU. */
const variantsOf = ({ product: body }: Fetched): Variant[] =>
  (body.variants ?? []).map((one) => ({
    ...one,
    sku: one.sku || ((body.variants?.length ?? 0) === 1 ? body.sku : ''),
  }));

const named = (body: Fetched) => variantsOf(body).flatMap((one) => (one.sku ? [{ ...one, sku: one.sku }] : []));

const isAmount = (value: string | null | undefined): value is string => !!value && Number(value) > 0;

/** A variant without a price of its own has the product's. */
function saleOf(body: Fetched, one: Variant, priceMinor: number, currency: string): Sale | null {
  const { product: about } = body;
  const given = isAmount(one.sale_price) ? one.sale_price : isAmount(one.price) ? undefined : about.sale_price;
  if (!isAmount(given)) return null;
  const saleMinor = nearestMinor(given, currency);
  if (saleMinor >= priceMinor) return null;
  const discountBasisPoints = Math.round(((priceMinor - saleMinor) * BASIS_POINTS) / priceMinor);
  return { title: 'Sale price', discountBasisPoints, startsAt: about.date_created ?? about.date_modified };
}

function stockOf({ product: about }: Fetched, one: Variant): WholeVariant['stock'] {
  if (about.inventory_tracking === 'variant') return levelOf(one.inventory_level);
  // Kept for all variants together, it is the stock of none of them.
  return about.inventory_tracking === 'product' && (about.variants?.length ?? 0) === 1
    ? levelOf(about.inventory_level)
    : undefined;
}

const levelOf = (level: number | null | undefined) => (level === null || level === undefined ? undefined : { level });

function wholeOf(body: Fetched, one: Variant & { sku: string }, { currency }: MappingContext): WholeVariant {
  const { product: about, category, brand, readAt } = body;
  const priceMinor = nearestMinor(isAmount(one.price) ? one.price : about.price, currency);
  const cost = isAmount(one.cost_price) ? one.cost_price : about.cost_price;
  const options = (one.option_values ?? []).flatMap((option) => option.label || []).join(', ');
  const isShown = about.is_visible !== false && about.availability !== 'disabled';
  return {
    sku: one.sku,
    title: clean(options === '' ? about.name : `${about.name} - ${options}`),
    product: about.id,
    variant: one.id,
    inventoryItem: one.id,
    lifecycle: isShown ? 'active' : 'draft',
    supplier: slugOf(brand),
    category: slugOf(category),
    priceMinor,
    costMinor: isAmount(cost) ? nearestMinor(cost, currency) : undefined,
    stock: stockOf(body, one),
    sale: priceMinor > 0 ? saleOf(body, one, priceMinor, currency) : undefined,
    at: about.date_modified,
    readAt,
    stockOf: `stock:${about.id}`,
    costOf: `stock:${about.id}`,
  };
}

/**
 * A sale moves the stock without touching the product's own time, so the stock is as of the moment when it was read, which
 * the platform's clock gave.
 */
export const productTopic = defineTopic({
  topic: 'fetched/product',
  body: fetched,
  versions: ({ product: { id: name, date_modified }, readAt }) => [
    { resource: `product:${name}`, at: date_modified },
    { resource: `stock:${name}`, at: readAt },
  ],
  wants: (body) =>
    wantsOfVariants(
      body.product.id,
      named(body).map((one) => ({ sku: one.sku, variant: one.id })),
    ),
  map: (body, context) => {
    const variants = named(body).map((one) => wholeOf(body, one, context));
    const kept = variants.map((one) => one.sku);
    const gone = sayGone(body.product.id, kept, context.known, body.product.date_modified);
    return orNothing([...sayVariants(variants, context.known, context.currency), ...gone], variants.length);
  },
});
