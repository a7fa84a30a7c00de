import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import type { LastEvent, PlatformId } from '#shared/store/deliveries/history.ts';
import { gid, id, idOfGid, present, time } from '../../mapping/fields.ts';
import { defineTopic } from '../../mapping/topic.ts';

const level = z.object({
  inventory_item_id: id,
  location_id: id.nullish(),
  available: z.number().int().nullish(),
  updated_at: time.nullish(),
  admin_graphql_api_id: gid.nullish(),
});

/** The gid says the item exactly: `gid://shopify/InventoryLevel/1?inventory_item_id=2`. */
function itemOf(body: z.infer<typeof level>): PlatformId {
  const exact = /inventory_item_id=(\d+)/.exec(body.admin_graphql_api_id ?? '')?.[1];
  return { kind: 'inventoryItem', id: exact ?? idOfGid(body.inventory_item_id) };
}

const isElsewhere = (last: LastEvent | undefined, location: string | undefined) =>
  location !== undefined && last?.data.location !== undefined && last.data.location !== location;

/** Names neither a SKU nor a difference; `available` is null where stock is not tracked. */
export const stockTopics = [
  defineTopic({
    topic: 'inventory_levels/update',
    body: level,
    versions: (body, { toldAt }) => [{ resource: `stock:${itemOf(body).id}`, at: body.updated_at ?? toldAt }],
    wants: (body) => ({ skus: [{ ...itemOf(body), last: ['stock.changed'] }] }),
    map: (body, { known, toldAt }) => {
      if (body.available === null || body.available === undefined) return { ignored: 'nothing-new' };
      const skus = known.skus(itemOf(body));
      if (skus.length === 0)
        return { awaits: 'unknown-item', asks: [{ kind: 'stock', ref: itemOf(body).id, cause: 'thin' }] };
      const location = body.location_id ?? undefined;
      // One of several shelves says less than the whole, which then has to be read.
      const isPart = skus.some((sku) => isElsewhere(known.last(resource('sku', sku), 'stock.changed'), location));
      if (isPart) return { asks: [{ kind: 'stock', ref: itemOf(body).id, cause: 'thin' }] };
      const data = present({ level: body.available, location });
      const at = body.updated_at ?? toldAt;
      return {
        events: skus.map((sku) => ({ type: 'stock.changed', subject: resource('sku', sku), time: at, data })),
      };
    },
  }),
];
