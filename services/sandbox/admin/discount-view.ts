import { gidOf } from '../catalogue/identity.ts';
import type { Discount } from '../world/records.ts';

export type DiscountKind = 'DiscountAutomaticNode' | 'DiscountCodeNode';

export const kindOf = (discount: Discount): DiscountKind =>
  discount.code === undefined ? 'DiscountAutomaticNode' : 'DiscountCodeNode';

export function discountStatus(discount: Discount, nowMs: number): 'ACTIVE' | 'EXPIRED' | 'SCHEDULED' {
  if (discount.endsAt !== null && Date.parse(discount.endsAt) <= nowMs) return 'EXPIRED';
  return Date.parse(discount.startsAt) > nowMs ? 'SCHEDULED' : 'ACTIVE';
}

type Nodes = (kind: string, ids: readonly number[]) => object[];

/** What a discount is, without the node that it hangs on: the same for each way of asking. */
export function discountFields(discount: Discount, nowMs: number, nodes: Nodes): object {
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
    ...(code === undefined ? {} : { usageLimit, appliesOncePerCustomer: usageLimit === 1 }),
    customerGets: {
      value: { __typename: 'DiscountPercentage', percentage },
      items: discount.all
        ? { __typename: 'AllDiscountItems', allItems: true }
        : {
            __typename: 'DiscountProducts',
            products: ({ first = 50 }) => ({ nodes: nodes('Product', productIds.slice(0, first)) }),
            productVariants: ({ first = 50 }) => ({ nodes: nodes('ProductVariant', variantIds.slice(0, first)) }),
          },
    },
  };
}

/** The node of a discount's own kind. */
export function discountNode(discount: Discount, nowMs: number, nodes: Nodes): object {
  const kind = kindOf(discount);
  const fields = discountFields(discount, nowMs, nodes);
  return {
    id: gidOf(kind, discount.id),
    ...(kind === 'DiscountCodeNode' ? { codeDiscount: fields } : { automaticDiscount: fields }),
  };
}
