import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { type Instant, toMs } from '#shared/kernel/time.ts';
import { id, present } from './fields.ts';
import { defineTopic, type Known, type Mapped, type Topic } from './topic.ts';
import { sayGone } from './whole-product.ts';

const gone = z.object({ id });

interface Shown {
  /** Orders that were placed longer ago the platform does not show, whether it has them or not. */
  readonly ordersForMs?: number;
}

/** Told by the executor when the platform has nothing under an id that it was asked for. The same on every platform. */
export const goneTopics = ({ ordersForMs = Number.POSITIVE_INFINITY }: Shown = {}): readonly Topic[] => [
  defineTopic({
    topic: 'gone/product',
    body: gone,
    versions: ({ id: product }, { toldAt }) => [{ resource: `product:${product}`, at: toldAt }],
    wants: ({ id: product }) => ({ skus: [{ kind: 'product', id: product, last: ['product.changed'] }] }),
    map: ({ id: product }, { known, toldAt }) => {
      const events = sayGone(product, [], known, toldAt);
      return events.length > 0 ? { events } : { ignored: 'nothing-new' };
    },
  }),
  defineTopic({
    topic: 'gone/order',
    body: gone,
    wants: ({ id: order }) => ({
      orders: [resource('order', order)],
      last: [{ subject: resource('order', order), type: 'order.placed' }],
    }),
    map: ({ id: order }, { known, toldAt }) => {
      const placed = known.last(resource('order', order), 'order.placed');
      const isShown = !placed || toMs(toldAt) - toMs(placed.time) < ordersForMs;
      return isShown ? deletedOrder(order, known, toldAt) : { ignored: 'history' };
    },
  }),
  ...['gone/stock', 'gone/customer'].map((topic) =>
    defineTopic({ topic, body: gone, map: () => ({ ignored: 'nothing-new' }) }),
  ),
];

/** An order that was deleted before it was sent is not going to be sent. */
function deletedOrder(order: string, known: Known, at: Instant): Mapped {
  const subject = resource('order', order);
  const placed = known.last(subject, 'order.placed');
  const steps = known.order(subject);
  const isOver = steps.some(({ type }) => type === 'order.cancelled' || type === 'order.fulfilled');
  if (!placed || isOver) return { ignored: 'nothing-new' };
  if (placed.data.test === true) return { ignored: 'test-order' };
  const { customer, totalMinor, lines } = placed.data;
  const data = { cancelReason: 'deleted', restocked: false, placedAt: placed.time, customer, totalMinor, lines };
  return { events: [{ type: 'order.cancelled', subject, time: at, data: present(data) }] };
}
