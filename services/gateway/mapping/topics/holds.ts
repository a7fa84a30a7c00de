import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { clean, gid, id, idOfGid, text, time } from '../fields.ts';
import { defineTopic, type Mapped } from '../topic.ts';

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

function saidOf(body: Held, at: string, isHeld: boolean, handle: string, reason?: string | null): Mapped {
  const order = body.fulfillment_order.order_id;
  if (!order) return { ignored: 'unknown-item' };
  const data = { handle: clean(handle || UNNAMED), held: isHeld, ...(reason ? { holdReason: clean(reason) } : {}) };
  const time = body.fulfillment_order.updated_at ?? at;
  return { events: [{ type: 'order.held', subject: resource('order', order), time, data }] };
}

export const holdTopics = [
  defineTopic({
    topic: 'fulfillment_orders/placed_on_hold',
    body: held,
    map: (body, { toldAt }) => {
      const newest = body.created_fulfillment_hold ?? body.fulfillment_order.fulfillment_holds?.at(-1);
      return saidOf(body, toldAt, true, newest?.handle ?? '', newest?.reason);
    },
  }),
  /** Names the holds that went; while another is left, the order stays back. */
  defineTopic({
    topic: 'fulfillment_orders/hold_released',
    body: held,
    map: (body, { toldAt }) => {
      const isHeld = body.fulfillment_order.status?.toLowerCase() === 'on_hold';
      const gone = body.fulfillment_order.fulfillment_holds?.at(-1);
      return saidOf(body, toldAt, isHeld, isHeld ? '' : (gone?.handle ?? ''));
    },
  }),
];
