import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { DAY_MS } from '#shared/kernel/time.ts';
import {
  amount,
  currency,
  gid,
  idOfGid,
  parseMinor,
  present,
  sku,
  slugOf,
  tagsOf,
  text,
  time,
} from '../../mapping/fields.ts';
import { goneTopics } from '../../mapping/gone.ts';
import { defineTopic, type MappingContext, type Said, type Topic } from '../../mapping/topic.ts';
import { orNothing, sayGone, sayVariants, type WholeVariant, wantsOfVariants } from '../../mapping/whole-product.ts';
import { fetchedOrder } from './fetched-order.ts';
import { addressOf, personOf } from './people.ts';

/** What the executor's reader gives of Shopify's GraphQL types: their fields, with lists read to their ends. */

const variant = z.object({
  id: gid,
  sku,
  title: text.nullish(),
  price: amount,
  inventoryQuantity: z.number().int().nullish(),
  inventoryItem: z.object({
    id: gid,
    tracked: z.boolean(),
    unitCost: z.object({ amount, currencyCode: currency }).nullish(),
    /** At most two: more than one is all that has to be known. */
    inventoryLevels: z.object({ nodes: z.array(z.object({ location: z.object({ id: gid }) })) }),
  }),
});

const product = z.object({
  product: z.object({
    id: gid,
    title: text,
    vendor: text.nullish(),
    productType: text.nullish(),
    status: text,
    updatedAt: time,
  }),
  variants: z.array(variant),
  readAt: time,
});

type Product = z.infer<typeof product>;

const LIFECYCLES: Readonly<Record<string, WholeVariant['lifecycle']>> = { ACTIVE: 'active', ARCHIVED: 'archived' };

/** A level of all locations together belongs to none of them. */
const EVERYWHERE = 'all';

function wholeOf(body: Product, one: Product['variants'][number], { currency: code }: MappingContext): WholeVariant {
  const { product: about, readAt } = body;
  const { inventoryItem: item, inventoryQuantity: level } = one;
  const option = one.title && one.title !== 'Default Title' && one.title !== about.title ? ` - ${one.title}` : '';
  const places = item.inventoryLevels.nodes.map((place) => idOfGid(place.location.id));
  const location = places.length > 1 ? EVERYWHERE : places[0];
  const cost = item.unitCost?.currencyCode === code ? item.unitCost.amount : undefined;
  return {
    sku: one.sku!,
    title: `${about.title}${option}`,
    product: idOfGid(about.id),
    variant: idOfGid(one.id),
    inventoryItem: idOfGid(item.id),
    lifecycle: LIFECYCLES[about.status] ?? 'draft',
    supplier: slugOf(about.vendor),
    category: slugOf(about.productType),
    priceMinor: parseMinor(one.price, code),
    costMinor: cost === undefined ? undefined : parseMinor(cost, code),
    stock: item.tracked && level !== null && level !== undefined ? { level, location } : undefined,
    at: about.updatedAt,
    readAt,
    stockOf: `stock:${idOfGid(item.id)}`,
    costOf: `item:${idOfGid(item.id)}`,
  };
}

const named = (body: Product) => body.variants.filter((one) => one.sku);

const productTopic = defineTopic({
  topic: 'fetched/product',
  body: product,
  versions: ({ product: { id, updatedAt }, variants, readAt }) => [
    { resource: `product:${idOfGid(id)}`, at: updatedAt },
    ...variants.flatMap(({ inventoryItem: { id: item } }) => [
      { resource: `stock:${idOfGid(item)}`, at: readAt },
      { resource: `item:${idOfGid(item)}`, at: readAt },
    ]),
  ],
  wants: (body) =>
    wantsOfVariants(
      idOfGid(body.product.id),
      named(body).map((one) => ({ sku: one.sku!, variant: idOfGid(one.id) })),
    ),
  map: (body, context) => {
    const variants = named(body).map((one) => wholeOf(body, one, context));
    const kept = variants.map((one) => one.sku);
    const gone = sayGone(idOfGid(body.product.id), kept, context.known, body.product.updatedAt);
    return orNothing([...sayVariants(variants, context.known, context.currency), ...gone], variants.length);
  },
});

const stock = z.object({
  id: gid,
  tracked: z.boolean(),
  /** Of what it is the stock: one variant, of one product. */
  variants: z.object({ nodes: z.array(z.object({ product: z.object({ id: gid }) })) }),
  inventoryLevels: z.object({
    nodes: z.array(
      z.object({
        location: z.object({ id: gid }),
        quantities: z.array(z.object({ name: text, quantity: z.number().int() })),
      }),
    ),
  }),
  readAt: time,
});

const stockTopic = defineTopic({
  topic: 'fetched/stock',
  body: stock,
  versions: ({ id, readAt }) => [{ resource: `stock:${idOfGid(id)}`, at: readAt }],
  wants: ({ id }) => ({ skus: [{ kind: 'inventoryItem', id: idOfGid(id), last: ['stock.changed'] }] }),
  map: ({ id, tracked, variants, inventoryLevels: { nodes }, readAt }, { known }) => {
    const skus = known.skus({ kind: 'inventoryItem', id: idOfGid(id) });
    const product = variants.nodes[0]?.product.id;
    // An item that nobody has introduced: its product says what it is, and how much of it there is.
    if (skus.length === 0 && product) return { asks: [{ kind: 'product', ref: idOfGid(product), cause: 'thin' }] };
    if (!tracked || nodes.length === 0) return { ignored: 'nothing-new' };
    const available = nodes.flatMap(({ quantities }) => quantities.filter(({ name }) => name === 'available'));
    const level = available.reduce((sum, { quantity }) => sum + quantity, 0);
    const data = { level, location: nodes.length > 1 ? EVERYWHERE : idOfGid(nodes[0]!.location.id) };
    const said = skus.map((sku) => ({ type: 'stock.changed', subject: resource('sku', sku), time: readAt, data }));
    const events = said.filter((event) => differs(event, known.last(event.subject, event.type)?.data));
    return events.length > 0 ? { events } : { ignored: 'nothing-new' };
  },
});

const differs = (event: Said, before: unknown) =>
  canonicalJson((before ?? null) as Json) !== canonicalJson(event.data as Json);

const customer = z.object({
  id: gid,
  firstName: text.nullish(),
  lastName: text.nullish(),
  updatedAt: time,
  tags: z.array(text),
  defaultEmailAddress: z.object({ emailAddress: text, marketingState: text }).nullish(),
  defaultPhoneNumber: z.object({ phoneNumber: text }).nullish(),
  defaultAddress: z
    .object({
      address1: text.nullish(),
      address2: text.nullish(),
      city: text.nullish(),
      zip: text.nullish(),
      country: text.nullish(),
      countryCodeV2: text.nullish(),
    })
    .nullish(),
});

const customerTopic = defineTopic({
  topic: 'fetched/customer',
  body: customer,
  versions: ({ id, updatedAt }) => [{ resource: `customer:${idOfGid(id)}`, at: updatedAt }],
  wants: ({ id }) => ({
    last: ['customer.changed', 'consent.changed'].map((type) => ({
      subject: resource('customer', idOfGid(id)),
      type,
    })),
  }),
  map: (body, { known }) => {
    const subject = resource('customer', idOfGid(body.id));
    const { defaultEmailAddress: mail, defaultAddress: home } = body;
    const place = { subject, time: body.updatedAt };
    const profile = present({ country: home?.countryCodeV2 ?? undefined, tags: tagsOf(body.tags).slice(0, 50) });
    const said: Said[] = [{ ...place, type: 'customer.changed', data: profile }];
    if (mail) said.push({ ...place, type: 'consent.changed', data: { email: mail.marketingState === 'SUBSCRIBED' } });
    const events = said.filter((event) => differs(event, known.last(subject, event.type)?.data));
    const shape = {
      first_name: body.firstName,
      last_name: body.lastName,
      email: mail?.emailAddress,
      phone: body.defaultPhoneNumber?.phoneNumber,
      default_address: home && { ...home, country_code: home.countryCodeV2 },
    };
    return { events, people: [{ subject, person: personOf(shape, addressOf(shape)), replaces: true }] };
  },
});

/**
 * Without `read_all_orders` Shopify shows the orders of the last 60 days, and of an older one what it shows of one that was
 * deleted: nothing. A day less, because reading takes its time. https://shopify.dev/docs/api/usage/access-scopes
 */
const ORDERS_SHOWN_MS = 59 * DAY_MS;

export const fetchedTopics: readonly Topic[] = [
  fetchedOrder,
  productTopic,
  stockTopic,
  customerTopic,
  ...goneTopics({ ordersForMs: ORDERS_SHOWN_MS }),
];
