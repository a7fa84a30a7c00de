import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { tellDispute } from '../../mapping/dispute.ts';
import {
  amount,
  clean,
  currency,
  exactId,
  gid,
  gidOf,
  id,
  idOfGid,
  parseMinor,
  present,
  sku,
  text,
  time,
} from '../../mapping/fields.ts';
import { onceKnown } from '../../mapping/order-awaited.ts';
import { defineTopic, type Mapped, type MappingContext, type Said } from '../../mapping/topic.ts';
import { isTest, orderKey, placedOf } from './order-known.ts';

const refund = z.object({
  id,
  admin_graphql_api_id: gidOf('Refund').nullish(),
  order_id: id,
  created_at: time,
  refund_line_items: z.array(
    z.object({
      quantity: z.number().int(),
      restock_type: text.nullish(),
      line_item: z.object({ sku }).nullish(),
    }),
  ),
  transactions: z.array(z.object({ kind: text, status: text, amount, currency: currency.nullish() })).nullish(),
});

/**
 * `return` puts units back on the shelf. `cancel` does too, but the cancellation says so itself (`order.cancelled`), and
 * one unit must not come back twice. The shop's note about it stays in the delivery: it may name a person, and what is on
 * the bus cannot be erased.
 */
function refunded(body: z.infer<typeof refund>, storeCurrency: string): Said {
  const paid = (body.transactions ?? []).filter((one) => one.kind === 'refund' && one.status === 'success');
  const code = paid[0]?.currency ?? storeCurrency;
  return {
    type: 'order.refunded',
    subject: orderKey(body),
    time: body.created_at,
    data: present({
      refund: exactId(body),
      currency: code,
      minor: paid.reduce((sum, one) => sum + Math.max(0, parseMinor(one.amount, code)), 0),
      lines: body.refund_line_items
        .filter((line) => line.line_item?.sku && line.quantity > 0)
        .map((line) => ({
          sku: line.line_item!.sku!,
          units: line.quantity,
          restocked: line.restock_type === 'return' || line.restock_type === 'legacy_restock',
        })),
    }),
  };
}

const risk = z.object({
  order_id: id.nullish(),
  admin_graphql_api_order_id: gid.nullish(),
  risk_level: text,
  created_at: time.nullish(),
  facts: z.array(z.object({ description: text })).nullish(),
});

const dispute = z.object({
  id,
  /** A payment has an amount and a status too, and is none of these. */
  type: z.enum(['inquiry', 'chargeback']),
  order_id: id.nullish(),
  amount,
  currency,
  status: text,
  initiated_at: time.nullish(),
  finalized_on: time.nullish(),
});

const riskyOrder = (body: z.infer<typeof risk>): string[] => {
  const order = body.admin_graphql_api_order_id ? idOfGid(body.admin_graphql_api_order_id) : body.order_id;
  return order ? [order] : [];
};

function mapRisk(body: z.infer<typeof risk>, { known, toldAt }: MappingContext): Mapped {
  const [order] = riskyOrder(body);
  const level = { low: 'low', none: 'low', medium: 'medium', high: 'high' }[body.risk_level.toLowerCase()];
  if (!order || !level) return { ignored: 'nothing-new' };
  if (isTest(known, { order_id: order })) return { ignored: 'test-order' };
  const signals = (body.facts ?? []).slice(0, 20).map((fact) => clean(fact.description));
  const subject = resource('order', order);
  return { events: [{ type: 'order.flagged', subject, time: body.created_at ?? toldAt, data: { level, signals } }] };
}

/** `initiated_at` never changes: a dispute that is won or lost is so when it is said to be final. */
function mapDispute(body: z.infer<typeof dispute>, { known, toldAt }: MappingContext): Mapped {
  if (!body.order_id) return { ignored: 'nothing-new' };
  if (isTest(known, { order_id: body.order_id })) return { ignored: 'test-order' };
  const subject = resource('order', body.order_id);
  const placed = placedOf(known.order(subject));
  const state = body.status === 'won' || body.status === 'lost' ? body.status : 'open';
  const data = present({
    dispute: body.id,
    minor: Math.max(0, parseMinor(body.amount, body.currency)),
    currency: body.currency,
    state,
    customer: placed?.customer ?? undefined,
  });
  const time = state === 'open' ? (body.initiated_at ?? toldAt) : (body.finalized_on ?? toldAt);
  const said = { type: 'payment.disputed', subject, time, data };
  return onceKnown(placed !== undefined, tellDispute(said, known));
}

export const afterSaleTopics = [
  defineTopic({
    topic: 'refunds/create',
    body: refund,
    wants: (body) => ({ orders: [orderKey(body)] }),
    map: (body, { known, currency: code }) => {
      if (isTest(known, body)) return { ignored: 'test-order' };
      const steps = known.order(orderKey(body));
      if (steps.some((step) => step.type === 'order.refunded' && step.refund === exactId(body)))
        return { repeated: true };
      return { events: [refunded(body, code)] };
    },
  }),
  defineTopic({
    topic: 'orders/risk_assessment_changed',
    body: risk,
    wants: (body) => ({ orders: riskyOrder(body).map((order) => orderKey({ order_id: order })) }),
    map: mapRisk,
  }),
  ...['disputes/create', 'disputes/update'].map((topic) =>
    defineTopic({
      topic,
      body: dispute,
      wants: (body) => {
        if (!body.order_id) return {};
        const subject = resource('order', body.order_id);
        return { orders: [subject], last: [{ subject, type: 'payment.disputed' }] };
      },
      map: mapDispute,
    }),
  ),
];
