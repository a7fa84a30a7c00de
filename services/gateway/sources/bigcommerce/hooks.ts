import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import type { ReadKind } from '#shared/contracts/sources.ts';
import { type Instant, toInstant } from '#shared/kernel/time.ts';
import type { PlatformId } from '#shared/store/deliveries/history.ts';
import { id } from '../../mapping/fields.ts';
import { defineTopic, type Mapped, type Topic } from '../../mapping/topic.ts';

/** Hooks name a thing by `id`, or by an id of its kind beside their own. */
const data = z.object({
  id: id.nullish(),
  order_id: id.nullish(),
  orderId: id.nullish(),
  product_id: id.nullish(),
  customer_id: id.nullish(),
  sku: z.object({ product_id: id.nullish() }).nullish(),
  inventory: z.object({ product_id: id.nullish() }).nullish(),
});

type Data = z.infer<typeof data>;

/** The scopes that only say that something changed, and what is then to be read. */
function thin(kind: ReadKind, refOf: (data: Data) => string | null | undefined, scopes: readonly string[]): Topic[] {
  return scopes.map((scope) =>
    defineTopic({
      topic: scope,
      body: z.object({ data }),
      map: (body) => {
        const ref = refOf(body.data);
        return ref ? { asks: [{ kind, ref, cause: 'thin' }] } : { ignored: 'unknown-shape' };
      },
    }),
  );
}

const orderOf = ({ order_id, orderId, id: own }: Data) => order_id ?? orderId ?? own;
const productOf = ({ product_id, sku, inventory, id: own }: Data) =>
  product_id ?? sku?.product_id ?? inventory?.product_id ?? own;

const absolute = z.object({
  id: id.nullish(),
  inventory: z.object({
    product_id: id,
    variant_id: id.nullish(),
    method: z.string(),
    value: z.number().int(),
  }),
});

const itemOf = ({ inventory }: z.infer<typeof absolute>): PlatformId =>
  inventory.variant_id ? { kind: 'variant', id: inventory.variant_id } : { kind: 'product', id: inventory.product_id };

const hook = <Data extends z.ZodType>(shape: Data) => z.object({ created_at: z.number().int(), data: shape });
const at = (body: { created_at: number }): Instant => toInstant(body.created_at * 1_000);

/** These carry the new level. Where it does not say of which one variant, the product is read. */
const stock = (scope: string): Topic =>
  defineTopic({
    topic: scope,
    body: hook(absolute),
    versions: (body) => [{ resource: `stock:${body.data.inventory.product_id}`, at: at(body) }],
    wants: (body) => ({ skus: [{ ...itemOf(body.data), last: ['stock.changed'] }] }),
    map: (body, { known }): Mapped => {
      const { product_id, method, value } = body.data.inventory;
      const [sku, ...others] = known.skus(itemOf(body.data));
      if (!sku || others.length > 0 || method !== 'absolute') return read(product_id);
      const subject = resource('sku', sku);
      if (known.last(subject, 'stock.changed')?.data.level === value) return { ignored: 'nothing-new' };
      return { events: [{ type: 'stock.changed', subject, time: at(body), data: { level: value } }] };
    },
  });

const read = (product: string): Mapped => ({ asks: [{ kind: 'product', ref: product, cause: 'thin' }] });

export const hookTopics: readonly Topic[] = [
  ...thin('order', orderOf, [
    'store/order/created',
    'store/order/updated',
    'store/order/archived',
    'store/order/statusUpdated',
    'store/order/refund/created',
    'store/order/transaction/created',
    'store/order/transaction/updated',
    'store/shipment/created',
    'store/shipment/updated',
    'store/shipment/deleted',
  ]),
  ...thin('product', productOf, [
    'store/product/created',
    'store/product/updated',
    'store/product/deleted',
    'store/product/assigned',
    'store/product/unassigned',
    // It carries the price, but neither name nor end of a sale.
    'store/product/price/updated',
    'store/product/inventory/order/updated',
    'store/sku/created',
    'store/sku/updated',
    'store/sku/deleted',
    'store/sku/inventory/order/updated',
    'store/inventory/product/stock_changed',
  ]),
  ...thin('customer', ({ customer_id, id: own }) => customer_id ?? own, [
    'store/customer/created',
    'store/customer/updated',
  ]),
  stock('store/product/inventory/updated'),
  stock('store/sku/inventory/updated'),
];
