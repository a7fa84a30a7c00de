import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import {
  amount,
  clean,
  exactId,
  gid,
  gidOf,
  id,
  parseMinor,
  present,
  sku,
  slugOf,
  text,
  time,
} from '../../mapping/fields.ts';
import { isNews } from '../../mapping/overtaken.ts';
import { defineTopic, type Said } from '../../mapping/topic.ts';

const variant = z.object({
  id: id.nullish(),
  admin_graphql_api_id: gid.nullish(),
  sku,
  title: text.nullish(),
  price: amount,
  inventory_item_id: id.nullish(),
});

const product = z.object({
  id,
  admin_graphql_api_id: gidOf('Product').nullish(),
  title: text,
  vendor: text.nullish(),
  product_type: text.nullish(),
  status: z.enum(['active', 'draft', 'archived']).catch('draft'),
  created_at: time.nullish(),
  updated_at: time.nullish(),
  variants: z.array(variant),
});

type Product = z.infer<typeof product>;

/** Variants without a SKU cannot be named. Of several that share one the first stands for all: two would take turns at every save. */
const named = (body: Product) => {
  const first = new Map(body.variants.toReversed().map((one) => [one.sku, one]));
  return body.variants.filter((one) => one.sku && first.get(one.sku) === one);
};

function saidOf(body: Product, one: Product['variants'][number], currency: string, at: string): Said[] {
  const subject = resource('sku', one.sku!);
  const option = one.title && one.title !== 'Default Title' && one.title !== body.title ? ` - ${one.title}` : '';
  const description = present({
    title: clean(`${body.title}${option}`),
    product: exactId(body),
    variant: exactId(one),
    inventoryItem: one.inventory_item_id ?? undefined,
    supplier: slugOf(body.vendor),
    lifecycle: body.status,
  });
  const category = slugOf(body.product_type);
  return [
    { type: 'product.changed', subject, time: at, data: description },
    ...(category ? [{ type: 'category.changed', subject, time: at, data: { category } }] : []),
    { type: 'price.changed', subject, time: at, data: { minor: parseMinor(one.price, currency), currency } },
  ];
}

/** A product's webhook repeats everything at every save; only what differs from what was last said is an event. */
function topicOf(name: string) {
  return defineTopic({
    topic: name,
    body: product,
    versions: (body, { toldAt }) => [{ resource: `product:${exactId(body)}`, at: body.updated_at ?? toldAt }],
    wants: (body) => ({
      last: named(body).flatMap((one) =>
        ['product.changed', 'category.changed', 'price.changed'].map((type) => ({
          subject: resource('sku', one.sku!),
          type,
        })),
      ),
    }),
    map: (body, { known, currency, toldAt }) => {
      const at = body.updated_at ?? body.created_at ?? toldAt;
      const said = named(body).flatMap((one) => saidOf(body, one, currency, at));
      const events = said.filter((event) => isNews(event, known));
      return events.length === 0 ? { ignored: 'nothing-new' } : { events };
    },
  });
}

const item = z.object({ id, sku, cost: amount.nullish(), updated_at: time.nullish() });

export const productTopics = [
  topicOf('products/create'),
  topicOf('products/update'),
  defineTopic({
    topic: 'inventory_items/update',
    body: item,
    versions: (body, { toldAt }) => [{ resource: `item:${body.id}`, at: body.updated_at ?? toldAt }],
    wants: (body) => (body.sku ? { last: [{ subject: resource('sku', body.sku), type: 'cost.changed' }] } : {}),
    map: (body, { known, currency, toldAt }) => {
      if (!body.sku || body.cost === null || body.cost === undefined) return { ignored: 'nothing-new' };
      const subject = resource('sku', body.sku);
      const data = { minor: parseMinor(body.cost, currency), currency };
      const event = { type: 'cost.changed', subject, time: body.updated_at ?? toldAt, data };
      return isNews(event, known) ? { events: [event] } : { ignored: 'nothing-new' };
    },
  }),
];
