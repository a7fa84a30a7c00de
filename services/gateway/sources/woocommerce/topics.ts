import type { ReadKind } from '#shared/contracts/sources.ts';
import { goneTopics } from '../../mapping/gone.ts';
import { defineTopic } from '../../mapping/topic.ts';
import { byName } from '../reading.ts';
import { couponTopics } from './coupons.ts';
import { deletion } from './fields.ts';
import { orderTopics } from './orders.ts';
import { customerTopics } from './people.ts';
import { productTopics } from './products.ts';

/**
 * A deletion carries the id alone: neither of what, nor when it was, nor whether it still is so, and an old one can be sent
 * again by whoever has seen it. The platform is asked.
 */
const deleted = (topic: string, kind: ReadKind) =>
  defineTopic({
    topic,
    body: deletion,
    map: (body) => ({ asks: [{ kind, ref: body.id, cause: 'thin' }] }),
  });

/** Every topic that is understood. `customer.deleted` and custom actions are kept, and nobody has to act on them. */
export const WOOCOMMERCE_TOPICS = byName([
  ...orderTopics,
  ...productTopics,
  ...customerTopics,
  ...couponTopics,
  ...goneTopics(),
  deleted('order.deleted', 'order'),
  deleted('product.deleted', 'product'),
  deleted('coupon.deleted', 'coupon'),
]);
