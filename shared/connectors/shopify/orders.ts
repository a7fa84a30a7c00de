import { orderCancel } from '#shared/contracts/actions/order-cancel.ts';
import { orderTag } from '#shared/contracts/actions/order-tag.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import { PermanentError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { done, failed } from '../ends.ts';
import { actionMark } from '../idempotency.ts';
import { type Errand, gid, type Operation } from './operation.ts';
import { CANCEL_ORDER, READ_CANCELLED, READ_TAGS, TAG } from './order-documents.ts';

const CANCEL_REASONS = {
  customer: 'CUSTOMER',
  fraud: 'FRAUD',
  inventory: 'INVENTORY',
  declined: 'DECLINED',
  other: 'OTHER',
} as const;

/** How often the asynchronous end of a cancellation is looked for. */
const LOOK_EVERY_MS = 500;

export function orderOf({ action }: Errand): string {
  return gid('Order', nameOf(action.leaves[0]!));
}

async function cancelledAt(errand: Errand): Promise<string | null> {
  const { order } = await errand.admin.read<{ order: { cancelledAt: string | null } | null }>(
    READ_CANCELLED,
    { id: orderOf(errand) },
    errand.call,
  );
  if (!order) throw new PermanentError('not-found', 'The store has no such order');
  return order.cancelledAt;
}

/** The platform cancels in a job of its own: the action is done when the order says so. */
export const cancelOrder: Operation = {
  async execute(errand) {
    const { cancelReason, restock } = orderCancel.params.parse(errand.action.params);
    if (await cancelledAt(errand)) return { already: true };
    const variables = {
      order: orderOf(errand),
      reason: CANCEL_REASONS[cancelReason],
      restock,
      note: actionMark(errand.action.action),
    };
    await errand.admin.write(CANCEL_ORDER, variables, errand.call);
    while (!errand.call.signal.aborted) {
      if (await cancelledAt(errand).catch(() => null)) return {};
      await sleep(LOOK_EVERY_MS, errand.call.signal);
    }
    throw new UnknownOutcomeError('timeout', 'The cancellation was taken on and has not ended yet');
  },
  async readBack(errand) {
    return (await cancelledAt(errand)) ? done({}) : failed('The order is not cancelled');
  },
};

export const tagOrder: Operation = {
  async execute(errand) {
    const { tag } = orderTag.params.parse(errand.action.params);
    await errand.admin.write(TAG, { id: orderOf(errand), tags: [tag] }, errand.call);
    return { tag };
  },
  async readBack(errand) {
    const { tag } = orderTag.params.parse(errand.action.params);
    const { order } = await errand.admin.read<{ order: { tags: string[] } | null }>(
      READ_TAGS,
      { id: orderOf(errand) },
      errand.call,
    );
    return order?.tags.includes(tag) ? done({ tag }) : failed('The order has no such tag');
  },
};
