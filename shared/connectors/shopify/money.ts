import { creditGive } from '#shared/contracts/actions/credit-give.ts';
import { refundIssue } from '#shared/contracts/actions/refund-issue.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { decimalText, parseMinor } from '#shared/kernel/money.ts';
import { toMs } from '#shared/kernel/time.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { done, failed, unknown } from '../ends.ts';
import { actionMark, idempotencyKey } from '../idempotency.ts';
import { GIVE_CREDIT, READ_CREDITS, READ_PAYMENTS, REFUND } from './money-documents.ts';
import { type Errand, gid, type Operation } from './operation.ts';
import { orderOf } from './orders.ts';

interface Payments {
  readonly transactions: readonly {
    id: string;
    kind: string;
    status: string;
    gateway: string | null;
    amountSet: { shopMoney: { currencyCode: string } };
  }[];
  readonly refunds: readonly { id: string; note: string | null }[];
}

async function readPayments(errand: Errand): Promise<Payments> {
  const { order } = await errand.admin.read<{ order: Payments | null }>(
    READ_PAYMENTS,
    { id: orderOf(errand) },
    errand.call,
  );
  if (!order) throw new PermanentError('not-found', 'The store has no such order');
  return order;
}

const ownRefund = ({ refunds }: Payments, mark: string) => refunds.find((refund) => refund.note?.includes(mark));

/** The note carries the action's mark, so that a refund is found again also after the platform forgot the key. */
export const issueRefund: Operation = {
  async execute(errand) {
    const { amountMinor, currency, note, restock } = refundIssue.params.parse(errand.action.params);
    if (restock) throw new PermanentError('not-supported', 'This store refunds money only; goods are put back by hand');
    const mark = actionMark(errand.action.action);
    const payments = await readPayments(errand);
    const before = ownRefund(payments, mark);
    if (before) return { refund: before.id, already: true };
    const paid = payments.transactions.find(
      ({ kind, status }) => status === 'SUCCESS' && (kind === 'SALE' || kind === 'CAPTURE'),
    );
    if (!paid) throw new PermanentError('store-conflict', 'Nothing was captured that could be refunded');
    // The platform takes a bare number for the currency of the order: 500 yen of a decision would be 500 pounds.
    const paidIn = paid.amountSet.shopMoney.currencyCode;
    if (paidIn !== currency) throw new PermanentError('store-conflict', `The order is in ${paidIn}`);
    const transaction = {
      orderId: orderOf(errand),
      parentId: paid.id,
      gateway: paid.gateway ?? '',
      kind: 'REFUND',
      amount: decimalText(amountMinor, currency),
    };
    const input = { orderId: orderOf(errand), note: `${note} [${mark}]`, notify: false, transactions: [transaction] };
    const key = idempotencyKey(errand.action.action);
    const { refundCreate } = await errand.admin.write<{ refundCreate: { refund: { id: string } | null } }>(
      REFUND,
      { input, key },
      errand.call,
    );
    return { refund: refundCreate.refund?.id, amountMinor };
  },
  async readBack(errand) {
    const refund = ownRefund(await readPayments(errand), actionMark(errand.action.action));
    return refund ? done({ refund: refund.id }) : failed('The order has no refund with the mark of this action');
  },
};

interface Credits {
  customer: {
    storeCreditAccounts: {
      nodes: {
        transactions: { nodes: { amount: { amount: string; currencyCode: string }; createdAt: string }[] };
      }[];
    };
  } | null;
}

/**
 * Store credit has neither key nor note: what is looked for is a credit of this amount since the action was due, and for as
 * long before as clocks may be apart, because one that is overlooked is given twice.
 */
export const giveCredit: Operation = {
  async execute({ action, admin, call }) {
    const { customer, amountMinor, currency } = creditGive.params.parse(action.params);
    const credit = { creditAmount: { amount: decimalText(amountMinor, currency), currencyCode: currency } };
    const given = await admin.write<{
      storeCreditAccountCredit: { storeCreditAccountTransaction: { id: string } | null };
    }>(GIVE_CREDIT, { id: gid('Customer', customer), credit }, call);
    return { credit: given.storeCreditAccountCredit.storeCreditAccountTransaction?.id, amountMinor };
  },
  async readBack({ action, admin, call }) {
    const { amountMinor, currency } = creditGive.params.parse(action.params);
    const id = gid('Customer', nameOf(action.leaves[0]!));
    const { customer } = await admin.read<Credits>(READ_CREDITS, { id }, call);
    const found = (customer?.storeCreditAccounts.nodes ?? [])
      .flatMap((account) => account.transactions.nodes)
      .some(
        ({ amount, createdAt }) =>
          amount.currencyCode === currency &&
          parseMinor(amount.amount, currency) === amountMinor &&
          toMs(createdAt) >= toMs(action.notBefore) - LIMITS.clocksApartMs,
      );
    if (found && action.hasDouble)
      return unknown('A credit of this amount is there, and another action may have given it');
    return found ? done({ amountMinor }) : failed('The customer has no such credit');
  },
};
