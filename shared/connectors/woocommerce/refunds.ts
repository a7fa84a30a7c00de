import { refundIssue } from '#shared/contracts/actions/refund-issue.ts';
import { PermanentError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { decimalText, roundedMinor } from '#shared/kernel/money.ts';
import { done, failed, unknown } from '../ends.ts';
import { actionMark } from '../idempotency.ts';
import { type Errand, leafId, type Operation } from './operation.ts';
import { type Order, readOrder } from './order.ts';
import { PAGE } from './woo-client.ts';

interface Refund {
  readonly id: number;
  readonly reason: string | null;
  /** Whether the payment provider has confirmed it; absent in versions before 6. */
  readonly refunded_payment?: boolean;
}

export function remainingMinor(order: Order): number {
  const minor = (text: string) => Math.abs(roundedMinor(text, order.currency) ?? 0);
  return minor(order.total) - order.refunds.reduce((sum, { total }) => sum + minor(total), 0);
}

/** The refund that this action has made, if it has. */
export async function ownRefund({ action, woo, call }: Errand, order: string): Promise<Refund | undefined> {
  const refunds = await woo.get<Refund[]>(`/orders/${order}/refunds`, { per_page: String(PAGE) }, call);
  return refunds.find(({ reason }) => reason?.includes(actionMark(action.action)));
}

const UNPAID = 'The refund is written down and the payment provider has not confirmed it';

/**
 * Writes a refund and has its money sent back. The mark stands in the reason, where customers may see it, because only the
 * reason is saved before the payment provider is asked; other fields follow after, and a request that dies in between
 * would leave a refund that nobody knows again (`wc_create_refund`, read in the source).
 */
export async function payBack(errand: Errand, order: Order, amountMinor: number, note: string): Promise<Refund> {
  const before = await ownRefund(errand, String(order.id));
  if (before?.refunded_payment === false) throw new UnknownOutcomeError('store-conflict', UNPAID);
  if (before) return before;
  const body = {
    amount: decimalText(amountMinor, order.currency),
    reason: `${note} [${actionMark(errand.action.action)}]`,
    api_refund: true,
    // The platform's own default is true.
    api_restock: false,
  };
  const refund = await errand.woo.post<Refund>(`/orders/${order.id}/refunds`, body, errand.call);
  if (refund.refunded_payment === false) throw new UnknownOutcomeError('store-conflict', UNPAID);
  return refund;
}

export const issueRefund: Operation = {
  async execute(errand) {
    const { amountMinor, currency, note, restock } = refundIssue.params.parse(errand.action.params);
    if (restock) throw new PermanentError('not-supported', 'This store refunds money only; goods are put back by hand');
    const order = await readOrder(errand, leafId(errand, 'order'));
    if (order.currency !== currency) throw new PermanentError('store-conflict', `The order is in ${order.currency}`);
    const before = await ownRefund(errand, String(order.id));
    if (!before && order.date_paid_gmt === null) {
      throw new PermanentError('store-conflict', 'Nothing was paid that could be refunded');
    }
    if (!before && remainingMinor(order) < amountMinor) {
      throw new PermanentError('store-conflict', `Only ${remainingMinor(order)} are left to be refunded`);
    }
    const refund = await payBack(errand, order, amountMinor, note);
    return { refund: String(refund.id), amountMinor, ...(before ? { already: true } : {}) };
  },
  async readBack(errand) {
    const refund = await ownRefund(errand, leafId(errand, 'order'));
    if (!refund) return failed('The order has no refund with the mark of this action');
    return refund.refunded_payment === false ? unknown(UNPAID) : done({ refund: String(refund.id) });
  },
};
