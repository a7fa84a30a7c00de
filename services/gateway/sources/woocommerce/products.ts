import { z } from 'zod';
import { lifecycleOf, saleOf as shownSale } from '#shared/connectors/woocommerce/marks.ts';
import { roundedMinor } from '#shared/kernel/money.ts';
import { type Instant, later } from '#shared/kernel/time.ts';
import { clean, id, nearestMinor, sku, slugOf, text } from '../../mapping/fields.ts';
import { defineTopic, type Mapped, type MappingContext, type Version } from '../../mapping/topic.ts';
import {
  orNothing,
  type Sale,
  sayGone,
  sayVariants,
  type WholeVariant,
  wantsOfVariants,
} from '../../mapping/whole-product.ts';
import { gmt, meta } from './fields.ts';

const term = z.object({ name: text, slug: text.nullish() });

const product = z.object({
  id,
  parent_id: id.nullish(),
  name: text.nullish(),
  type: text.nullish(),
  status: text.nullish(),
  sku,
  regular_price: text.nullish(),
  sale_price: text.nullish(),
  date_created_gmt: gmt.nullish(),
  date_modified_gmt: gmt.nullish(),
  date_on_sale_from_gmt: text.nullish(),
  date_on_sale_to_gmt: text.nullish(),
  /** `parent`: the stock is kept for all variations together, with the parent. */
  manage_stock: z.union([z.boolean(), z.literal('parent')]).nullish(),
  stock_quantity: z.number().nullish(),
  categories: z.array(term).nullish(),
  brands: z.array(term).nullish(),
  attributes: z.array(z.object({ option: text.nullish() })).nullish(),
  variations: z.array(z.unknown()).nullish(),
  cost_of_goods_sold: z.object({ total_value: z.number().nullish() }).nullish(),
  meta_data: meta,
});

type Product = z.infer<typeof product>;

/**
 * The topic is not signed, the body is: everything that a shop tells of has an id and a time, and would pass for the newest
 * version of the product of that number. Only products have a list price, if an empty one.
 */
const told = product.extend({ regular_price: text });

const changedAt = (body: Product, toldAt: Instant) => body.date_modified_gmt ?? body.date_created_gmt ?? toldAt;
const nameOf = (body: Product) => `product:${body.id}`;
/** A parent of variations is no item that anybody buys. */
const isParent = (body: Product) => (body.type ?? '').startsWith('variable') || (body.variations?.length ?? 0) > 0;
const parentOf = (body: Product) => (body.parent_id && body.parent_id !== '0' ? body.parent_id : body.id);

/** The connector reads its own marks in the same way, so that what we wrote is known again. */
function saleOf(body: Product, currency: string, toldAt: Instant): Sale | null {
  const sale = shownSale(body, currency);
  if (!sale || (sale.endsAt !== undefined && sale.endsAt <= toldAt)) return null;
  const { title = 'Sale price', discountBasisPoints, endsAt } = sale;
  const startsAt = sale.startsAt ?? body.date_created_gmt ?? toldAt;
  return { title: clean(title), discountBasisPoints, startsAt, endsAt };
}

const lifecycle = (body: Product) => lifecycleOf({ status: body.status ?? 'publish', meta_data: body.meta_data });

function categoryOf(body: Product): string | undefined {
  const names = (body.categories ?? []).map((one) => slugOf(one.slug || one.name));
  return names.find((name) => name !== undefined && name !== 'uncategorized');
}

/** A variation has its own name, price and stock; what it is sorted under stands with its parent. */
function titleOf(body: Product, parent?: Product): string {
  const name = body.name ?? '';
  if (!parent) return name || String(body.id);
  const options = (body.attributes ?? []).flatMap((one) => one.option || []).join(', ') || name;
  return options === '' || options === parent.name ? (parent.name ?? '') : `${parent.name} - ${options}`;
}

function variantOf(body: Product, context: MappingContext, parent?: Product): WholeVariant {
  const { currency, toldAt } = context;
  const priceMinor = roundedMinor(body.regular_price, currency);
  const cost = body.cost_of_goods_sold?.total_value;
  const about = parent ?? body;
  const ownAt = changedAt(body, toldAt);
  return {
    sku: body.sku!,
    title: titleOf(body, parent),
    product: parentOf(body),
    variant: body.id,
    inventoryItem: body.id,
    lifecycle: parent && lifecycle(parent) !== 'active' ? lifecycle(parent) : lifecycle(body),
    supplier: slugOf(about.brands?.[0]?.name),
    category: categoryOf(about),
    priceMinor,
    costMinor: cost ? nearestMinor(String(cost), currency) : undefined,
    stock:
      body.manage_stock === true && body.stock_quantity !== null && body.stock_quantity !== undefined
        ? { level: Math.trunc(body.stock_quantity) }
        : undefined,
    sale: priceMinor ? saleOf(body, currency, toldAt) : undefined,
    at: parent ? later(ownAt, changedAt(parent, toldAt)) : ownAt,
    of: nameOf(body),
  };
}

const wantsOf = (body: Product, all: readonly Product[]) =>
  wantsOfVariants(
    parentOf(body),
    all.flatMap((one) => (one.sku ? [{ sku: one.sku, variant: one.id }] : [])),
  );

/**
 * A simple product, or one variation of another (WooCommerce sends both as products). A parent names only the ids of its
 * variations: they have to be read.
 */
function one(body: Product, context: MappingContext): Mapped {
  if (isParent(body)) return { asks: [{ kind: 'product', ref: body.id, cause: 'thin' }] };
  const isVariation = parentOf(body) !== body.id;
  // A variation knows neither category nor brand: what its parent said of them stands.
  const variants = body.sku ? [kept(variantOf(body, context), isVariation, context)] : [];
  return orNothing(sayVariants(variants, context.known, context.currency), variants.length);
}

function kept(variant: WholeVariant, isVariation: boolean, { known }: MappingContext): WholeVariant {
  if (!isVariation) return variant;
  const before = known.last(`sku:${variant.sku}`, 'product.changed')?.data;
  const supplier = variant.supplier ?? (before?.supplier as string | undefined);
  const title = typeof before?.title === 'string' ? before.title : variant.title;
  return { ...variant, supplier, title, category: undefined };
}

const withVariations = z.object({ product, variations: z.array(product) });
type Whole = z.infer<typeof withVariations>;

const variationsOf = ({ product: parent, variations }: Whole) =>
  variations.map((body) => ({ ...body, parent_id: parent.id }));

function versionsOf(whole: Whole, toldAt: Instant): Version[] {
  const parentAt = changedAt(whole.product, toldAt);
  const versions = variationsOf(whole).map((body) => ({
    resource: nameOf(body),
    at: later(changedAt(body, toldAt), parentAt),
  }));
  return [{ resource: nameOf(whole.product), at: parentAt }, ...versions];
}

/** The parent with its variations, as the reader puts them together; a simple product has none. */
const fetched = defineTopic({
  topic: 'fetched/product',
  body: withVariations,
  versions: (whole, { toldAt }) => versionsOf(whole, toldAt),
  wants: (whole) => wantsOf(whole.product, [whole.product, ...whole.variations]),
  map: (whole, context) => {
    const { product: parent } = whole;
    const isAlone = !isParent(parent);
    const isVariation = parentOf(parent) !== parent.id;
    if (isVariation) return one(parent, context);
    const bodies = (isAlone ? [parent] : variationsOf(whole)).filter((body) => body.sku);
    const variants = bodies.map((body) => variantOf(body, context, isAlone ? undefined : parent));
    const kept = variants.map((variant) => variant.sku);
    const gone = sayGone(parent.id, kept, context.known, changedAt(parent, context.toldAt));
    return orNothing([...sayVariants(variants, context.known, context.currency), ...gone], variants.length);
  },
});

export const productTopics = [
  ...['product.created', 'product.updated', 'product.restored', 'product.published'].map((topic) =>
    defineTopic({
      topic,
      body: told,
      versions: (body, { toldAt }) => [{ resource: nameOf(body), at: changedAt(body, toldAt) }],
      wants: (body) => wantsOf(body, [body]),
      map: one,
    }),
  ),
  fetched,
];
