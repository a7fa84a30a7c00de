import fc from 'fast-check';
import type { SourceName } from '#shared/contracts/sources.ts';
import type { Said } from '../../../services/gateway/mapping/topic.ts';
import { at, type Scene, START, seconds, type Told } from './parley.ts';

const orderOf = (dispute: number) => 5_000 + dispute;

const placed = [1, 2].map(
  (dispute): Said => ({
    type: 'order.placed',
    subject: `order:${orderOf(dispute)}`,
    time: START,
    data: { name: `#${dispute}`, customer: '7001', currency: 'GBP', totalMinor: 2_000, lines: [] },
  }),
);

interface DisputeStep {
  readonly dispute: number;
  readonly status: string;
  readonly step: number;
}

/** A customer's two disputes, each about an order of its own; the second opens before the first closes, if it does. */
const disputeSteps = fc
  .tuple(fc.constantFrom('won', 'lost', 'under_review'), fc.constantFrom('won', 'lost', 'under_review'))
  .map(([first, second]): readonly DisputeStep[] => [
    { dispute: 1, status: 'needs_response', step: 1 },
    { dispute: 2, status: 'needs_response', step: 2 },
    { dispute: 1, status: first, step: 3 },
    { dispute: 2, status: second, step: 4 },
  ]);

const disputes = (platform: SourceName, toldOf: (step: DisputeStep) => Told) =>
  disputeSteps.map((all): Scene => ({ platform, given: placed, told: all.map(toldOf) }));

const isFinal = (status: string) => status === 'won' || status === 'lost';

export const stripeDisputes = disputes('stripe', ({ dispute, status, step }) => ({
  topic: '',
  body: {
    id: `evt_${step}`,
    type: `charge.dispute.${isFinal(status) ? 'closed' : 'updated'}`,
    livemode: true,
    created: seconds(step),
    data: {
      object: {
        id: `dp_${dispute}`,
        amount: 900,
        currency: 'gbp',
        status,
        charge: 'ch',
        metadata: { order_id: String(orderOf(dispute)) },
      },
    },
  },
}));

export const shopifyDisputes = disputes('shopify', ({ dispute, status, step }) => ({
  topic: step < 3 ? 'disputes/create' : 'disputes/update',
  body: {
    id: dispute,
    type: 'chargeback',
    order_id: orderOf(dispute),
    amount: '9.00',
    currency: 'GBP',
    status,
    initiated_at: at(dispute),
    finalized_on: isFinal(status) ? at(step) : null,
  },
}));

export const standardDisputes = disputes('standard', ({ dispute, status, step }) => ({
  topic: '',
  body: {
    type: 'payment.disputed',
    timestamp: at(step),
    data: {
      order: String(orderOf(dispute)),
      dispute: `d${dispute}`,
      amountMinor: 900,
      currency: 'GBP',
      state: isFinal(status) ? status : 'open',
      customer: '7001',
    },
  },
}));
