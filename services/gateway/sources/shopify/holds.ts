import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { clean, gid, id, idOfGid, text, time } from '../../mapping/fields.ts';
import { defineTopic, type Mapped, type MappingContext } from '../../mapping/topic.ts';
import { isTest, orderKey } from './order-known.ts';

const hold = z.object({ handle: text.nullish(), reason: text.nullish() });

const held = z.object({
  fulfillment_order: z.object({
    id: gid,
    /** Shopify names only the fulfilment order; a store that also names the order saves a look-up. */
    order_id: z.union([gid.transform(idOfGid), id]).nullish(),
    status: text.nullish(),
    updated_at: time.nullish(),
    fulfillment_holds: z.array(hold).nullish(),
  }),
  created_fulfillment_hold: hold.nullish(),
});

type Held = z.infer<typeof held>;

/** Without a handle it is not known which hold this is: then it stands for all of them. */
const UNNAMED = 'unnamed';

const orderOf = (body: Held) => body.fulfillment_order.order_id;
const isOnHold = (body: Held) => body.fulfillment_order.status?.toLowerCase() === 'on_hold';
const wanted = (body: Held) => {
  const order = orderOf(body);
  return order ? { orders: [orderKey({ order_id: order })] } : {};
};

function saidOf(
  body: Held,
  { known, toldAt: at }: MappingContext,
  isHeld: boolean,
  handle: string,
  reason?: string | null,
): Mapped {
  const order = orderOf(body);
  if (!order) return { ignored: 'unknown-item' };
  if (isTest(known, { order_id: order })) return { ignored: 'test-order' };
  const data = { handle: clean(handle || UNNAMED), held: isHeld, ...(reason ? { holdReason: clean(reason) } : {}) };
  const time = body.fulfillment_order.updated_at ?? at;
  return { events: [{ type: 'order.held', subject: resource('order', order), time, data }] };
}

const versionsOf = ({ fulfillment_order }: Held, { toldAt }: Pick<MappingContext, 'toldAt'>) => [
  { resource: `fulfilment:${idOfGid(fulfillment_order.id)}`, at: fulfillment_order.updated_at ?? toldAt },
];

export const holdTopics = [
  /** The topic is not signed, the body is: an order that is not held is not made so by a header. */
  defineTopic({
    topic: 'fulfillment_orders/placed_on_hold',
    body: held,
    versions: versionsOf,
    wants: wanted,
    map: (body, context) => {
      if (!isOnHold(body)) return { ignored: 'nothing-new' };
      const newest = body.created_fulfillment_hold ?? body.fulfillment_order.fulfillment_holds?.at(-1);
      return saidOf(body, context, true, newest?.handle ?? '', newest?.reason);
    },
  }),
  /** Names the holds that went; while another is left, the order stays back. */
  defineTopic({
    topic: 'fulfillment_orders/hold_released',
    body: held,
    versions: versionsOf,
    wants: wanted,
    map: (body, context) => {
      const isHeld = isOnHold(body);
      const gone = body.fulfillment_order.fulfillment_holds?.at(-1);
      return saidOf(body, context, isHeld, isHeld ? '' : (gone?.handle ?? ''));
    },
  }),
];
