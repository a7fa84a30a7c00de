import { COUPON_MS, couponGive } from '#shared/contracts/actions/coupon-give.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { BASIS_POINTS } from '#shared/kernel/money.ts';
import { plus } from '#shared/kernel/time.ts';
import type { ReadBack } from '../connector.ts';
import { done, failed } from '../ends.ts';
import { promotionTitle } from '../idempotency.ts';
import { type Errand, gid, type Operation } from './operation.ts';
import { CREATE_CODE, FIND_CODE } from './promotion-documents.ts';

interface CodeRead {
  codeDiscountNodeByCode: { id: string; codeDiscount: { title?: string } } | null;
}

async function findCode({ admin, call }: Errand, code: string) {
  const { codeDiscountNodeByCode: found } = await admin.read<CodeRead>(FIND_CODE, { code }, call);
  return found ? { id: found.id, title: found.codeDiscount.title ?? '' } : undefined;
}

/** The code is the key: the platform takes each only once, and the title says whose it is. */
export async function createCode(
  errand: Errand,
  discount: { readonly code: string; readonly title: string; readonly [field: string]: unknown },
): Promise<{ id: string; already?: true }> {
  const found = await findCode(errand, discount.code);
  if (found?.title === discount.title) return { id: found.id, already: true };
  if (found) throw new PermanentError('store-conflict', 'The code is taken by another discount');
  const { discountCodeBasicCreate } = await errand.admin.write<{
    discountCodeBasicCreate: { codeDiscountNode: { id: string } | null };
  }>(CREATE_CODE, { discount }, errand.call);
  return { id: discountCodeBasicCreate.codeDiscountNode?.id ?? '' };
}

/** What a look at a code says: ours, somebody else's, or nothing. */
export async function lookForCode(errand: Errand, code: string, title: string): Promise<ReadBack> {
  const found = await findCode(errand, code);
  if (!found) return failed('The store has no discount with this code');
  return found.title === title ? done({ discount: found.id }) : failed('The code is taken by another discount');
}

const couponTitle = ({ action }: Errand, occasion: string) => promotionTitle(action.action, `Coupon ${occasion}`);

/** One customer's coupon: off the whole order, once, until it runs out. */
export const giveCoupon: Operation = {
  async execute(errand) {
    const { customer, discountBasisPoints, occasion, code } = couponGive.params.parse(errand.action.params);
    const { notBefore } = errand.action;
    const { id, already } = await createCode(errand, {
      code,
      title: couponTitle(errand, occasion),
      startsAt: notBefore,
      endsAt: plus(notBefore, COUPON_MS),
      usageLimit: 1,
      appliesOncePerCustomer: true,
      context: { customers: { add: [gid('Customer', customer)] } },
      combinesWith: { productDiscounts: false, orderDiscounts: false, shippingDiscounts: true },
      customerGets: { value: { percentage: discountBasisPoints / BASIS_POINTS }, items: { all: true } },
    });
    return { discount: id, code, ...(already ? { already } : {}) };
  },
  async readBack(errand) {
    const { occasion, code } = couponGive.params.parse(errand.action.params);
    return await lookForCode(errand, code, couponTitle(errand, occasion));
  },
};
