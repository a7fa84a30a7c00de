import { gidOf } from '../catalogue/identity.ts';
import type { Discount } from '../world/records.ts';
import { type PageArguments, pageOf } from './reads.ts';

export type DiscountKind = 'DiscountAutomaticNode' | 'DiscountCodeNode';

export const kindOf = (discount: Discount): DiscountKind =>
  discount.code === undefined ? 'DiscountAutomaticNode' : 'DiscountCodeNode';

export function discountStatus(discount: Discount, nowMs: number): 'ACTIVE' | 'EXPIRED' | 'SCHEDULED' {
  if (discount.endsAt !== null && Date.parse(discount.endsAt) <= nowMs) return 'EXPIRED';
  return Date.parse(discount.startsAt) > nowMs ? 'SCHEDULED' : 'ACTIVE';
}

/** When a discount was changed last, and what the time is. */
interface Times {
  readonly nowMs: number;
  readonly touchedMs: number;
}

type Nodes = (kind: string, ids: readonly number[]) => object[];

/** What a discount is, without the node that it hangs on: the same for each way of asking. */
export function discountFields(discount: Discount, { nowMs, touchedMs }: Times, nodes: Nodes): object {
  const { code, percentage, productIds, variantIds, usageLimit = null } = discount;
  const covers = discount.all ? 'everything' : `${productIds.length + variantIds.length} products`;
  return {
    __typename: code === undefined ? 'DiscountAutomaticBasic' : 'DiscountCodeBasic',
    title: discount.title,
    status: discountStatus(discount, nowMs),
    startsAt: discount.startsAt,
    endsAt: discount.endsAt,
    summary: `${Math.round(percentage * 100)}% off ${covers}`,
    createdAt: new Date(discount.createdAtMs).toISOString(),
    updatedAt: new Date(touchedMs).toISOString(),
    ...(code === undefined ? {} : { usageLimit, appliesOncePerCustomer: usageLimit === 1 }),
    customerGets: {
      value: { __typename: 'DiscountPercentage', percentage },
      items: discount.all
        ? { __typename: 'AllDiscountItems', allItems: true }
        : {
            __typename: 'DiscountProducts',
            products: (asked: PageArguments) => pageOf(nodes('Product', productIds), asked),
            productVariants: (asked: PageArguments) => pageOf(nodes('ProductVariant', variantIds), asked),
          },
    },
  };
}

/** The node of a discount's own kind. */
export function discountNode(discount: Discount, times: Times, nodes: Nodes): object {
  const kind = kindOf(discount);
  const fields = discountFields(discount, times, nodes);
  return {
    id: gidOf(kind, discount.id),
    ...(kind === 'DiscountCodeNode' ? { codeDiscount: fields } : { automaticDiscount: fields }),
  };
}
